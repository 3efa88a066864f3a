"""The stages: one module for each asset, with the name of the asset.

A stage reads manifests, makes the results that are missing in the store, and returns a manifest. Stages do not import
each other. `plans.py` gives the dry run the plan of any stage.
"""
