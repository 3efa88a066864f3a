"""The film itself is written by FFmpeg, past our disk's interface: what if there is no room for its end?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def test_a_film_that_lacks_a_byte_of_room_is_not_published(
    tmp_path: Path, workplace_in: Callable[[Path], Any], reference: Mapping[str, Any]
):
    """A viewer would get a film that stops in the middle of a sentence, on the day the disk is full."""
    place = workplace_in(tmp_path / "place")

    # The kernel refuses to let any file grow beyond this: smaller than the film, larger than all of its parts.
    ended = place.make(largest_bytes=reference["film_bytes"] - 1)
    assert ended.raised is not None
    assert ended.raised[0] == "MediaError"
    assert "full disk" in ended.raised[1]
    assert place.faults() == []
    assert list(place.videos.rglob("*.mp4")) == []
    assert place.make().raised is None
    assert place.film() == reference["film"]
