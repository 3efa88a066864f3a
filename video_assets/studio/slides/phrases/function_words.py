"""The roles of function words, for finding phrases and topics, and the headings of the end card.

Does not belong here: the words (each language's file in `spoken/languages`), or code that applies them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.languages import primary_subtag
from video_assets.studio.spoken.languages.language_file import LanguageFile, find_language_file


class FunctionWords(NamedTuple):
    """The words of a language by their role. All are in lower case; in an unknown language every table is empty."""

    stop: frozenset[str] = frozenset()
    """Function words. They carry no topic, and a clause never ends with one in the middle of a sentence."""
    articles: frozenset[str] = frozenset()
    """Articles and similar words, which may be left off the start of a noun phrase."""
    openers: frozenset[str] = frozenset()
    """Words that connect a clause to the one before it. They are left off the start of a key phrase."""
    weak_starts: frozenset[str] = frozenset()
    """Words that refer to another clause or depend on it. No key phrase starts with one."""
    personal: frozenset[str] = frozenset()
    """Words by which a teacher and a class address each other. A clause with one is not shown."""
    weak_ends: tuple[str, ...] = ()
    """Endings of a clause that only gives the time or the condition of another clause."""
    imperatives: frozenset[str] = frozenset()
    """Verbs by which a teacher tells the class to do something."""
    anaphors: frozenset[str] = frozenset()
    """Words that refer to something said earlier."""
    indefinite: frozenset[str] = frozenset()
    """Articles that introduce something: `A sonnet has fourteen lines`."""
    demonstratives: frozenset[str] = frozenset()
    """Words that point at what was just described: `this limit`, `such a limit`."""
    settings: frozenset[str] = frozenset()
    """Prepositions. A phrase that starts with one only gives the place or time of the clause after it."""
    conditions: frozenset[str] = frozenset()
    """Prepositions that state a condition, without which the clause is not true: at 7 percent, without air."""
    doubts: frozenset[str] = frozenset()
    """Words after which the rest of the sentence may be denied, supposed or only wished for."""
    contrasts: frozenset[str] = frozenset()
    """Words that limit the statement before them: `corals look like plants, but …`."""
    joints: frozenset[str] = frozenset()
    """Subordinating words. A clause may end before one without a change of its meaning."""
    copulas: frozenset[str] = frozenset()
    """Verbs between a term and its definition: is, are."""
    naming: frozenset[str] = frozenset()
    """Words next to a term that is introduced: called, known as."""
    verbs: frozenset[str] = frozenset()
    """Verbs, in their basic form in the language's file and in all regular forms here. They are hardly ever nouns."""
    noun_verbs: frozenset[str] = frozenset()
    """The same for verbs whose forms are nouns too: changes, costs."""
    unfinished: frozenset[str] = frozenset()
    """Words that end no phrase and are in no other role: being, and."""
    staging: frozenset[str] = frozenset()
    """People and things in a picture that are not its subject."""
    shapes: frozenset[str] = frozenset()
    """Nouns for what a picture is drawn with. A phrase of only these names no subject: a falling curve."""
    shape_adjectives: frozenset[str] = frozenset()
    """Adjectives for the same, and numbers."""
    preface: str = ""
    """Regular expression for the start of a description that is about the picture itself: `a labelled diagram of`."""
    suffix: str = ""
    """Regular expression for the same at the end of a description, in languages that put it there."""
    cut: str = ""
    """Regular expression for the place where a description turns from its subject to the details."""


class Headings(NamedTuple):
    """The words on an end card."""

    thanks: str
    licence: str


_EXPRESSIONS = frozenset({"preface", "suffix", "cut"})


def function_words_of(language: str) -> FunctionWords:
    """The function words of `language` (a BCP 47 tag); empty tables when the language is unknown.

    Raises SettingInvalid if the language's file is wrong.
    """
    return _known(primary_subtag(language))


_UNKNOWN = FunctionWords()


@lru_cache(maxsize=64)
def _known(family: str) -> FunctionWords:
    file = find_language_file(family)
    return function_words_in(file, family) if file else _UNKNOWN


def function_words_in(file: LanguageFile, family: str) -> FunctionWords:
    """The function words of a language's file. Raises SettingInvalid for a role that FunctionWords does not have."""
    listed = file.function_words
    if unknown := set(listed) - set(FunctionWords._fields):
        raise SettingInvalid(
            f"The language file {family}.toml has function words of an unknown role: {', '.join(sorted(unknown))}.",
            remedy=f"Use a role of FunctionWords: {', '.join(FunctionWords._fields)}.",
        )
    return FunctionWords(**{role: _in_role(role, words) for role, words in listed.items()})


def _in_role(role: str, words: str | tuple[str, ...]) -> Any:
    text = words if isinstance(words, str) else "".join(words)
    if role in _EXPRESSIONS:
        return text
    if role in _VERBS:
        return frozenset(form for verb in text.split() for form in _verb_forms(verb))
    return tuple(text.split()) if role == "weak_ends" else frozenset(text.split())


_VERBS = frozenset({"verbs", "noun_verbs"})


def _verb_forms(verb: str) -> tuple[str, ...]:
    """The regular forms of an English verb. Irregular forms stand in the list by themselves, with a full stop."""
    if verb.endswith("."):
        return (verb.removesuffix("."),)
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return (verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing")
    if verb.endswith("e"):
        return (verb, f"{verb}s", f"{verb}d", f"{verb[:-1]}ing", f"{verb}ing")
    doubled = f"{verb}{verb[-1]}"
    return (
        verb,
        f"{verb}{'es' if verb.endswith(('s', 'x', 'z', 'ch', 'sh', 'o')) else 's'}",
        *(f"{stem}{ending}" for stem in (verb, doubled) for ending in ("ed", "ing")),
    )


def headings_of(language: str) -> Headings | None:
    """The end card's headings in `language` (a BCP 47 tag), or None when the language is unknown.

    A card without headings is better than one with headings in another language.
    """
    file = find_language_file(primary_subtag(language))
    return Headings(file.headings.thanks, file.headings.licence) if file else None
