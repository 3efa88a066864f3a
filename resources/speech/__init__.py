"""Voices: one module per provider of speech.

Belongs here: what a provider's own interface needs, turned into the studio's `SpeechProvider`. Does not belong here:
the choice of a voice, mastering, or the check of an answer (`video_assets.studio.speech.provider`).
"""
