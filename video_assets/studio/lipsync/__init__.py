"""Lip-sync of photographed faces: from a face and a sound to pictures of the speaking mouth.

Only this package imports torch and OpenVINO, and only when such a face speaks. Every step loads Dagster's definitions,
and these must stay light. Does not belong here: drawn faces (`presenter`).
"""
