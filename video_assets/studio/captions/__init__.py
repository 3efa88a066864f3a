"""Captions, chapters and the transcript: the texts that a viewer reads.

Does not belong here: the times of spoken words (`timeline`), or the tracks of the MP4 (`media`).
"""
