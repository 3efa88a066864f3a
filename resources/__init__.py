"""Adapters: providers of texts, voices and pictures, the store, and Dagster resources that make them.

Does not belong here: prompts, validation or layout (`video_assets/studio`).
"""
