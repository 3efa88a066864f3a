"""What a description shows, without how it is filmed.

Descriptions are shot lists: words about camera, style, light, motion and staging stand between the words about the
subject. Does not belong here: the arrangement of what is shown (`arrangement`).
"""

from __future__ import annotations

from video_assets.studio.core.values import FrozenModel


class Depiction(FrozenModel):
    """What a description shows."""

    subject: str = ""
    """What the picture is of, as a phrase that can be a title; empty if the description does not say."""
    statements: tuple[str, ...] = ()
    """The clauses about what is shown, in order, without directions for camera and style."""
    labels: tuple[str, ...] = ()
    """Texts that are to stand in the picture, in order, each once."""
