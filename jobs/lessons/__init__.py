"""What is due: the sensor on the lesson folder, the nightly check, and the requests that they queue."""
