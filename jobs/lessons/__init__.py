"""Finds the lessons that need a run: the sensor on the lessons folder, the nightly check, and their requests."""
