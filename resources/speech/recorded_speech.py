"""The author's own voice: a recording that says the text of a section, with times found in it.

Its reference is the embedded voice, which says the same text with known times. Nothing of it is paid, and no lesson can
choose it: a section has a recording, or it is spoken. Does not belong here: the search (`studio/speech/recorded.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from video_assets.studio.core.values import canonical_json
from video_assets.studio.speech.provider import RawSpeech, SpeechProvider, SpeechRequest
from video_assets.studio.speech.recorded import VERSION, follow_text
from video_assets.studio.speech.voices import RECORDINGS

from .aligner import Aligner

if TYPE_CHECKING:
    from video_assets.studio.calls.context import CallContext
    from video_assets.studio.speech.voices import Voice


class RecordedSpeech(SpeechProvider):
    """Follows recordings. Safe to use from several threads if its reference is."""

    name = RECORDINGS

    def __init__(self, reference: SpeechProvider) -> None:
        self._aligner = Aligner(reference, acoustic=False)

    def identity(self, voice: str) -> dict[str, str]:
        """See SpeechProvider. The recording itself is an input of the recipe."""
        return {"provider": self.name, "version": VERSION, **self._aligner.identity()}

    def voices(self) -> tuple[Voice, ...]:
        """None: a person speaks."""
        return ()

    def speak(self, request: SpeechRequest, call_context: CallContext | None = None) -> RawSpeech:  # costs nothing
        """The recording of the request from its first sound to its last, with times.

        Its fact `differences` lists, as JSON, where it does not say the text, and `clipped` the share of flattened
        peaks. Raises MediaError for a recording that does not decode, and SpeechInvalid for one that is silent.
        """
        from video_assets.studio.media.recordings import RECORDING_HZ, decode_recording

        recorded = decode_recording(request.recording)
        reference = self._aligner.reference_speech(request)
        speech, differences = follow_text(reference, recorded.sound, RECORDING_HZ)
        listed = canonical_json([each.model_dump(mode="json") for each in differences]).decode()
        return speech._replace(facts={"differences": listed, "clipped": f"{recorded.clipped_share:.6f}"})
