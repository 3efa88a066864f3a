"""When: jobs that make lessons."""
