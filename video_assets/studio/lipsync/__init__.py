"""Lip-sync of photographed faces: from a face and a sound to pictures of a mouth that says it.

Only this package imports torch and OpenVINO, and only when such a face is made to speak: every step loads Dagster's
definitions, which must stay light. Does not belong here: drawn faces (`presenter`), or a presenter's files
(`resources/presenters`).
"""
