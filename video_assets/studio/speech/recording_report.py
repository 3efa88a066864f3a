"""What is wrong with a recording, in words: where it does not say its text, and what harms its sound.

Does not belong here: finding it (`recorded.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from video_assets.studio.core.errors import SpeechInvalid
from video_assets.studio.core.messages import quoted
from video_assets.studio.lesson.model import RecordingFile
from video_assets.studio.lesson.script import SectionScript, SpokenWord
from video_assets.studio.storage.store import Scalar

from .recorded import Difference, clear_differences

CLIPPED_SHARE = 1e-3
_LISTED = 8
_LONGEST_QUOTE = 90


def judge_recording(
    section: SectionScript,
    recording: RecordingFile,
    facts: Mapping[str, Scalar],
    usual_seconds: float,
    *,
    strictness: str,
) -> None:
    """Raise SpeechInvalid where a recording clearly does not say the text of `section`, with the words and times.

    `facts` are those of the provider of recordings, `usual_seconds` is the usual length of the text, and `strictness`
    is the setting `text_check`: `strict` refuses for the least doubt, `off` never.
    """
    found = _found(facts)
    wrong = {"off": (), "strict": found}.get(strictness, clear_differences(found, usual_seconds))
    if wrong:
        raise SpeechInvalid(
            f"The recording {quoted(recording.path)} does not say the text: {_listed(section, found)}.",
            remedy='Record the section again, or write in "content" what it says. If it does say the text, set '
            "`text_check` to off.",
        )


def remarks_on_recording(
    section: SectionScript, recording: RecordingFile, facts: Mapping[str, Scalar]
) -> tuple[str, ...]:
    """What an author should hear again in an accepted recording, one remark each; none for a good one."""
    return tuple(_remarks(section, recording, _found(facts), facts))


def _found(facts: Mapping[str, Scalar]) -> tuple[Difference, ...]:
    return tuple(Difference.model_validate(each) for each in json.loads(str(facts.get("differences") or "[]")))


def _remarks(
    section: SectionScript, recording: RecordingFile, found: Sequence[Difference], facts: Mapping[str, Scalar]
) -> Iterator[str]:
    name = quoted(recording.path)
    if found:
        yield f"{name} may not say the text exactly: {_listed(section, found)}. Listen there."
    if float(facts.get("clipped") or 0) > CLIPPED_SHARE:
        yield f"{name} is clipped: its loudest parts are distorted. Record it again, further from the microphone."
    if count := int(facts.get("fast_captions") or 0):
        shown = "1 caption stands" if count == 1 else f"{count} captions stand"
        yield f"{name} is spoken so fast that {shown} too short to be read at ease."


def _listed(section: SectionScript, found: Sequence[Difference]) -> str:
    ordered = sorted(found, key=lambda each: each.start_seconds)
    shown = "; ".join(_in_words(section, each) for each in ordered[:_LISTED])
    return shown + (f"; and at {len(found) - _LISTED} more places" if len(found) > _LISTED else "")


def _in_words(section: SectionScript, difference: Difference) -> str:
    words = [piece for piece in section.speech if isinstance(piece, SpokenWord)]
    tokens = dict.fromkeys(word.token for word in words[difference.first : difference.last])
    text = quoted(_shown(section, tuple(tokens)), _LONGEST_QUOTE)
    start, end = _clock(difference.start_seconds), _clock(difference.end_seconds)
    if difference.kind == "missing":
        return f"at {start} {text} is missing"
    if difference.kind == "different":
        return f"from {start} to {end} something else is said than {text}"
    after = f" after {quoted(section.tokens[words[difference.first - 1].token].shown)}" if difference.first else ""
    return f"from {start} to {end}{after} something is said that is not in the text"


def _shown(section: SectionScript, tokens: Sequence[int]) -> str:
    """The words as the author wrote them."""
    parts = [
        (" " if number and section.tokens[token].space_before else "") + section.tokens[token].shown
        for number, token in enumerate(tokens)
    ]
    return "".join(parts)


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"
