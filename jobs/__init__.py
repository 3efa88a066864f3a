"""Dagster jobs, sensors and schedules, the execution of runs, and the servers of `make dev`."""
