"""Asks espeak-ng which letters of its scripts each of its languages reads, and which it spells as code points.

`python -m tests.kit.espeak_letters` writes `resources/speech/espeak_letters.toml` again, for a new version of the
library. It loads the library in this process, so tests start it as a program of its own.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from pathlib import Path

import espeakng_loader

from resources.speech.espeak_letters import LANGUAGES_OF_SCRIPT

TABLE = Path("resources/speech/espeak_letters.toml")
UNREAD = "\u3005\u1e43\ua643"
"""Letters that hardly any language of espeak-ng reads; what their spellings have in common is the word for "letter"."""
_LEAST_PHONEMES = 2
_IN_CONTEXT = ("ja", "shn", "th")
"""Languages with letters that have no sound alone, such as small kana, and are read inside a word."""
_HEAD = """\
# The letters of its own scripts that each language of espeak-ng reads, as the inside of a character class. It spells
# the others as code points ("letter, four, E, zero"). A language that is not listed reads all letters of its scripts.
# Written by `python -m tests.kit.espeak_letters`.

"""


class Espeak:
    """The library, for its phonemes alone."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(str(espeakng_loader.get_library_path()))
        self._library.espeak_Initialize(2, 0, os.fsencode(espeakng_loader.get_data_path()), 1 << 15)
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p

    def choose(self, file: str) -> None:
        """Speak with the language of this file from now on."""
        if self._library.espeak_SetVoiceByName(file.encode()):
            raise ValueError(f"espeak-ng has no language {file}")

    def phonemes(self, text: str) -> str:
        """IPA without stress, spaces and names of languages."""
        rest = ctypes.pointer(ctypes.cast(ctypes.c_char_p(text.encode()), ctypes.c_void_p))
        said = []
        while rest.contents.value:
            said.append((self._library.espeak_TextToPhonemes(rest, 1, 2) or b"").decode())
        return re.sub(r"[ˈˌ\s]|\([a-z-]+\)", "", "".join(said))


def files_of_languages() -> Mapping[str, str]:
    """The tag of each language -> its file in the data of espeak-ng."""
    data = Path(espeakng_loader.get_data_path()) / "lang"
    found: dict[str, str] = {}
    for path in sorted(path for path in data.rglob("*") if path.is_file()):
        for tag in re.findall(r"^language (\S+)", path.read_text("utf-8"), re.MULTILINE):
            found.setdefault(tag, str(path.relative_to(data)))
    return found


def letters_of(script: str) -> list[str]:
    """The letters of the basic plane whose names begin with `script`."""
    codes = (chr(code) for code in range(0x370, 0xFF00))
    return [
        letter
        for letter in codes
        if unicodedata.category(letter).startswith("L") and unicodedata.name(letter, "").split(" ")[0] == script
    ]


def read_letters(espeak: Espeak) -> Iterator[tuple[str, list[str]]]:
    """Each language that spells some letters of its scripts, and the letters that it reads."""
    files = files_of_languages()
    scripts_of: dict[str, list[str]] = {}
    for script, languages in LANGUAGES_OF_SCRIPT.items():
        for language in languages:
            scripts_of.setdefault(language, []).append(script)
    for language, scripts in sorted(scripts_of.items()):
        if language not in files or language in _IN_CONTEXT or "CJK" in scripts or "HANGUL" in scripts:
            continue
        espeak.choose(files[language])
        word = _common_start([espeak.phonemes(letter) for letter in UNREAD])
        letters = [letter for script in scripts for letter in letters_of(script)]
        if len(word) < _LEAST_PHONEMES:
            continue
        read = [letter for letter in letters if word not in espeak.phonemes(letter)]
        if len(read) < len(letters):
            yield language, read


def _common_start(texts: list[str]) -> str:
    return "".join(each[0] for each in takewhile(lambda each: len(set(each)) == 1, zip(*texts, strict=False)))


def as_class(letters: Iterable[str]) -> str:
    """Letters as ranges: `a-cx`."""
    codes = sorted(map(ord, letters))
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"\\u{low:04x}" + (f"-\\u{high:04x}" if high > low else "") for low, high in ranges)


def table() -> str:
    """The content of the file."""
    return _HEAD + "".join(f'{language} = "{as_class(read)}"\n' for language, read in read_letters(Espeak()))


if __name__ == "__main__":
    if "--print" in sys.argv:
        sys.stdout.write(table())
    else:
        TABLE.write_text(table(), encoding="utf-8")
