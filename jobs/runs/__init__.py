"""Launches, executes and terminates runs, and reads their statistics."""
