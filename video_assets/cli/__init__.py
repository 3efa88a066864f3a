"""The command `lessonreel`: for those who type instead of click.

Belongs here: arguments, what is printed, exit codes (0 made, 1 failed, 2 bad lesson or usage, 130 interrupted). Does
not belong here: making anything; it runs the same job, through the same instance, as Dagster's UI.
"""

from .main import main

__all__ = ["main"]
