"""The phonemes of words: the front end of hibari-tts, and the words that it would drop silently.

The front end drops characters that it does not know, and what follows the 24th letter of an unknown word. So its
network for unknown words is wrapped here, and every word is checked. Its own reading of numbers and abbreviations is
not used: the words that arrive here are spelt out already.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from video_assets.studio.core.errors import SpeechInvalid
from video_assets.studio.core.sentences import has_sentence_end
from video_assets.studio.lesson.script import Pause, SpokenWord

MOST_PHONEMES = 400
"""Longer sentences are cut; the network was trained with at most about 500."""
MARKS = ",.;:?!…—"
"""The marks that the network knows as such. They shape the melody."""
_VOWELS = "AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻɐeo"
_SILENT = MARKS + " \"'()“”ːˈˌ"
_SPELT = {
    "ß": "ss", "ẞ": "SS", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th",
    "Þ": "Th", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ħ": "h", "ı": "i", "ŋ": "ng", "Ŋ": "Ng", "ə": "e",
    "Ə": "E",
}  # fmt: skip
_GREEK = {"LAMDA": "lambda", "XI": "ksigh"}
_REPLACED = str.maketrans({
    **dict.fromkeys("’‘ʻʼʹ", "'"), **dict.fromkeys("[]{}`_", " "), "–": "—",
    **dict(zip("，。；：？！、", ",.;:?!,", strict=True)),
    "%": " percent ", "&": " and ", "+": " plus ", "@": " at ", "=": " equals ", "#": " hash ", "*": " star ",
    "~": " tilde ", "^": " caret ", "<": " less than ", ">": " greater than ", "|": " bar ", "−": " minus ",
    "×": " times ", "÷": " divided by ", "±": " plus or minus ", "°": " degrees ", "$": " dollars ", "£": " pounds ",
    "€": " euros ",
    "İ": "I",  # its lower case is two characters, with which the package fails
})  # fmt: skip
"""What the front end of the package would leave out. Lessons' own words for symbols come before (`studio/spoken`)."""


class WordPhonemes(NamedTuple):
    """One word of the request, by its place among the words, and its phonemes with its mark."""

    number: int
    phonemes: str


class Utterance(NamedTuple):
    """Words that the network speaks in one go."""

    words: tuple[WordPhonemes, ...]
    ends_sentence: bool

    @property
    def phonemes(self) -> str:
        """What the network reads: the words with a space between."""
        return " ".join(word.phonemes for word in self.words)


class HibariFrontEnd:
    """Reads English words. `british`: with British rules. Loading it takes half a second."""

    def __init__(self, *, british: bool) -> None:
        from hibari.g2p import ASSETS, G2P
        from hibari.g2p.oov import OOV

        self._net = UnknownWords(OOV(str(Path(ASSETS, "oov_gb.onnx" if british else "oov.onnx"))))
        self._g2p = G2P(oov=self._net.phonemes, british=british)

    def utterances(self, pieces: Sequence[SpokenWord | Pause]) -> tuple[Utterance, ...]:
        """The pieces as utterances: cut at sentences and pauses, and where a sentence is too long for the network.

        Raises SpeechInvalid for words that cannot be said, with all of them.
        """
        found: list[Utterance] = []
        mute: list[str] = []
        for group in _groups(pieces):
            texts = [_cleaned(word.text) for _, word in group]
            # The package says nothing for some words before an article, such as "oĀ A", which it reads alone.
            phonemes = [
                self._said_alone(text) if _is_mute(text, said) else said
                for text, said in zip(texts, self._phonemes(texts), strict=True)
            ]
            mute += [group[place][1].text for place, text in enumerate(texts) if _is_mute(text, phonemes[place])]
            words = [
                WordPhonemes(number, _stressed(said, word.emphasis))
                for (number, word), said in zip(group, phonemes, strict=True)
            ]
            final = group[-1][1] is pieces[-1]
            found += _cut(words, ends_sentence=final or has_sentence_end(group[-1][1].text))
        if mute:
            raise SpeechInvalid(
                f"The voice says nothing for {', '.join(repr(text) for text in mute[:5])}.",
                remedy="Write in the lesson's `pronunciations` how to say it, or leave it out.",
            )
        return tuple(found)

    def _said_alone(self, text: str) -> str:
        """The phonemes of a word without its context: as it is, in plain letters, or else letter by letter."""
        plain = "".join(map(_plain, text))
        forms = (text, plain, " ".join(plain))
        found = (self._phonemes([form])[0] for form in forms)
        return next((said for said in found if not _is_mute(text, said)), "")

    def _phonemes(self, texts: Sequence[str]) -> list[str]:
        """The phonemes of each clean text, read in the context of the others."""
        source, owners = " ".join(texts), []
        for number, text in enumerate(texts):
            owners += [number] * (len(text) + 1)
        said = [""] * len(texts)
        place = 0
        for token in self._g2p.phonemize_tokens(self._g2p.tokenize(source)):
            place = source.find(token.text[:1], place) if token.text else place
            said[owners[place]] += (token.phonemes or "") + (" " if token.whitespace else "")
            place += len(token.text)
        return [re.sub(r"\s+", " ", each).strip() for each in said]


class UnknownWords:
    """The network that reads unknown words. It is given every letter of a word, in parts if the word is long."""

    def __init__(self, net: Any) -> None:
        self._net = net
        self._known: dict[str, int] = net.cin
        self._longest: int = net.maxlen

    def phonemes(self, piece: str) -> str:
        """The phonemes of a piece without spaces; "" if it has no letter that the network knows."""
        letters = "".join(each if each in self._known else _plain(each) for each in piece)
        return "".join(self._net(part) or "" for part in _parts(letters, self._longest))


def _plain(character: str) -> str:
    """A letter without its diacritics and strokes, in letters from a to z if that is known."""
    parts = unicodedata.normalize("NFKD", _SPELT.get(character, character))
    return "".join(_SPELT.get(each, _from_name(each)) for each in parts if not unicodedata.combining(each))


def _from_name(character: str) -> str:
    """A Latin letter that Unicode does not decompose, by its name: `Ǥ` is `G`, `Ɛ` (open E) is `E`, `Ɣ` is `gamma`."""
    found = _LATIN_NAME.fullmatch(unicodedata.name(character, ""))
    if character.isascii() or found is None:
        return character
    words = found["name"].split()
    letter = next((word for word in words if len(word) == 1), "")
    return letter if letter and found["case"] == "CAPITAL" else (letter or words[-1]).lower()


_LATIN_NAME = re.compile(r"LATIN (?:(?P<case>CAPITAL|SMALL) )?LETTER (?P<name>[A-Z -]+?)(?: WITH [A-Z -]+)?")


def _parts(letters: str, longest: int) -> Iterator[str]:
    """Parts of equal length, cut before a consonant if there is one nearby."""
    while len(letters) > longest:
        at = len(letters) // -(-len(letters) // longest)
        near = [place for place in range(at, max(at - 5, 1), -1) if _opens_syllable(letters, place)]
        at = near[0] if near else at
        yield letters[:at]
        letters = letters[at:]
    yield letters


def _opens_syllable(letters: str, place: int) -> bool:
    vowels = "aeiouyAEIOUY"
    return letters[place] not in vowels and letters[place + 1 : place + 2] in tuple(vowels)


def _groups(pieces: Sequence[SpokenWord | Pause]) -> Iterator[list[tuple[int, SpokenWord]]]:
    """The words of each sentence with their places among all words. A pause ends a group too."""
    group: list[tuple[int, SpokenWord]] = []
    number = 0
    for piece in pieces:
        if isinstance(piece, SpokenWord):
            group.append((number, piece))
            number += 1
        if group and (isinstance(piece, Pause) or has_sentence_end(piece.text)):
            yield group
            group = []
    if group:
        yield group


def _cleaned(text: str) -> str:
    """One word as the front end reads it. A single Greek letter is its name."""
    text = "".join(map(_usual, unicodedata.normalize("NFC", text).translate(_REPLACED)))
    text = re.sub(r"[\u0370-\u03ff]", _greek_name, text)
    text = re.sub(r"\b[^\W\d_]\b", lambda letter: _plain(letter[0]), text)
    return re.sub(r"\s+", " ", text).strip()


def _usual(character: str) -> str:
    """A letter or digit without its typographic form; a space for a control character."""
    kind = unicodedata.category(character)[0]
    return unicodedata.normalize("NFKC", character) if kind in "LN" else " " if kind == "C" else character


def _greek_name(match: re.Match[str]) -> str:
    name = unicodedata.name(match[0]).partition(" LETTER ")[2].split(" ")
    last = name[-1] if name[0] == "FINAL" else name[0]
    return _GREEK.get(last, last.lower())


def _is_mute(text: str, phonemes: str) -> bool:
    """Whether something of `text` should sound, and does not: a whole word, or a symbol without a name."""
    kinds = {unicodedata.category(character)[0] for character in text}
    if "S" in kinds:
        return True
    return bool(kinds & {"L", "N"}) and not phonemes.strip(_SILENT)


def _stressed(phonemes: str, emphasis: int) -> str:
    """The phonemes with a main stress if the author emphasises the word."""
    if emphasis <= 0 or "ˈ" in phonemes:
        return phonemes
    if "ˌ" in phonemes:
        return phonemes.replace("ˌ", "ˈ", 1)
    vowel = next((place for place, character in enumerate(phonemes) if character in _VOWELS), None)
    return phonemes if vowel is None else f"{phonemes[:vowel]}ˈ{phonemes[vowel:]}"


def _cut(words: Sequence[WordPhonemes], *, ends_sentence: bool) -> Iterator[Utterance]:
    """The words in utterances of at most MOST_PHONEMES, cut after marks if possible. Each ends with a mark."""
    rest = list(words)
    while rest:
        count = _fitting(rest)
        last = count == len(rest)
        part = [*rest[: count - 1], _closed(rest[count - 1], "." if last and ends_sentence else ",")]
        yield Utterance(tuple(part), ends_sentence=last and ends_sentence)
        rest = rest[count:]


def _fitting(words: Sequence[WordPhonemes]) -> int:
    length, marked, count = 0, 0, 0
    for count, word in enumerate(words, start=1):
        length += len(word.phonemes) + 1
        if length > MOST_PHONEMES and count > 1:
            return marked or count - 1
        if word.phonemes.endswith(tuple(MARKS)):
            marked = count
    return count


def _closed(word: WordPhonemes, mark: str) -> WordPhonemes:
    return word if word.phonemes.endswith(tuple(MARKS)) else word._replace(phonemes=word.phonemes + mark)
