"""Captions, chapters and the transcript: what a viewer reads.

Does not belong here: when words are spoken (`timeline`), or putting a track into the MP4 (`media`).
"""
