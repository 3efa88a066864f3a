"""Whether a narration that a provider wrote can be spoken, judged before it is kept.

espeak-ng decides for every voice: the times of a provider's words are found by comparison with its speech, and hibari
reads no letters that its English voice does not. So a word that espeak-ng cannot read has no place in a film.
"""

from __future__ import annotations

from resources.speech.espeak_text import check_sayable
from resources.speech.espeak_voices import EspeakVoices
from video_assets.studio.core.errors import ContentError, SettingInvalid, SpeechInvalid
from video_assets.studio.lesson.model import Section
from video_assets.studio.lesson.script import write_section
from video_assets.studio.speech.provider import SpeechRequest
from video_assets.studio.speech.voices import choose_voice
from video_assets.studio.writing.provider import SpokenIn


def speech_fault(narration: str, spoken: SpokenIn) -> str:
    """Why `narration` cannot be spoken, as a sentence; "" if it can be, or if no voice speaks the language."""
    section = Section(id="written", pointer="", line=0, narration=narration)
    try:
        words = write_section(section, language=spoken.language, pronunciations=spoken.pronunciations)
        voice = choose_voice(EspeakVoices().voices(), "", spoken.language)
        request = SpeechRequest(pieces=words.speech, language=spoken.language, voice=voice.id)
        check_sayable(request, voice.language)
    except (ContentError, SpeechInvalid) as error:
        return f"{error.message.rstrip('.')}."
    except SettingInvalid:
        return ""
    return ""
