"""The assets in the order of the pipeline. This is the only module that states the order."""

ASSETS = ("lesson", "script", "section_audio", "section_image", "lip_synced_clip", "final_video")
"""Every asset, after the assets that it is made from."""
FILM_STAGE = ASSETS[-1]
STORED_STAGES = ASSETS[2:-1]
"""The stages whose results are in the store. `lesson` and `script` are derived in every run, in milliseconds."""
PLANNED_STAGES = (*STORED_STAGES, FILM_STAGE)
"""The stages that have a StagePlan."""
FILM = "film"
"""The id of the item of FILM_STAGE."""
