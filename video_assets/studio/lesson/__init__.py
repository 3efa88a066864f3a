"""Lesson files: reading, validating and describing them, and the script that is derived from each section."""
