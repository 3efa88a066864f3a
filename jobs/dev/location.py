"""The code location: its name in Dagster's UI and the module that Dagster loads."""

LOCATION = "lessonreel"
MODULE = "video_assets.definitions"
