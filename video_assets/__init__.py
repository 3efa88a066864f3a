"""lessonreel: makes teaching videos from lesson files. This package has the Dagster assets and the command.

Importing it has no side effects.
"""
