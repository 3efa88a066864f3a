"""When: jobs that make lessons, and the sensor that starts them."""
