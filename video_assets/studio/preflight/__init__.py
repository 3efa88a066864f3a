"""Checks of a lesson before anything is made: whether each section can be shown, and how the text will sound."""
