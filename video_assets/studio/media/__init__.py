"""Moving pictures and sound as files: the only part of the house that knows FFmpeg (through PyAV).

Belongs here: composing frames, encoding, joining, reading, levelling. Inside, imports point one way:
`sound < loudness` and `languages < join < probe`, `compose < encode`. Does not belong here: what a film says or shows,
and whether it is good enough to publish.
"""
