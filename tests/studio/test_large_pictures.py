"""Pictures much larger than their slide: downscale before they are shown, and few at a time."""

from __future__ import annotations

import io
import threading

from PIL import Image

from resources.pictures.large import LARGE_PX, PixelBudget, downscale, pixels_of


def _png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 40, 90)).save(out, "PNG", compress_level=1)
    return out.getvalue()


def test_a_large_picture_is_reduced_and_never_below_its_slide() -> None:
    """A machine with 8 cores would need 5 GB for photos that a phone takes; or a learner would see them blurred."""
    large = _png(6000, 2400)
    small = downscale(large, 1280, 720)
    assert pixels_of(large) > LARGE_PX >= pixels_of(small)
    with Image.open(io.BytesIO(small)) as picture:
        assert picture.size == (1500, 600)
        assert picture.getpixel((700, 300)) == (200, 40, 90)
    assert downscale(large, 1280, 720) == small
    assert downscale(small, 1280, 720) == small, "what is not large stays as it is"


def test_decoding_waits_for_room() -> None:
    """Eight photos at a time would fill the memory."""
    budget = PixelBudget(100)
    inside, most = [0], [0]
    lock = threading.Lock()

    def decode() -> None:
        with budget.reserve(60), lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        with lock:
            inside[0] -= 1

    held = budget.reserve(60)
    held.__enter__()
    threads = [threading.Thread(target=decode) for _ in range(6)]
    for thread in threads:
        thread.start()
    assert inside == [0], "none while there is no room"
    held.__exit__(None, None, None)
    for thread in threads:
        thread.join()
    with budget.reserve(1000):
        """More than all there is waits for all, and not for ever."""
    assert inside == [0]
