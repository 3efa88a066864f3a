"""Video and sound files: frames, encoding, joining, probing, loudness. Only this package uses FFmpeg (through PyAV).

`lint-imports` holds the order of imports inside the package. Does not belong here: the content of a film, or whether it
may be published.
"""
