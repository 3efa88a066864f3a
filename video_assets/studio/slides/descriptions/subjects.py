"""Names for what a description shows: the noun phrases at the starts of its clauses.

Without a tagger, a phrase ends before a verb of the language's lists, a participle, or a word that subordinates. Does
not belong here: choosing a title among the names (`slides.titles`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from video_assets.studio.slides.phrases.function_words import FunctionWords, function_words_of

from .direction_words import DirectionSets, direction_words_of
from .masked_text import QUOTED, core_of
from .shot_list import ShotClause

MOST_NAME_WORDS = 8
_MOST_NAMES = 8
_BREAKS = tuple(",;:)]}…，；：）")
_OPENS = tuple("([{（")


def subjects_in(shown: Sequence[ShotClause], language: str) -> tuple[str, ...]:
    """The names for what the clauses show, the likeliest first, each once.

    A name has at most `MOST_NAME_WORDS` words.
    """
    ranked: list[tuple[float, str]] = []
    for index, clause in enumerate(shown[:_MOST_NAMES]):
        score = 0.6 * index - (0.7 if clause.led else 0.0)
        ranked += [(score + later, name) for later, name in _names(clause, language)]
    ranked.sort(key=lambda one: one[0])
    return tuple(dict.fromkeys(name for _, name in ranked))[:_MOST_NAMES]


def _names(clause: ShotClause, language: str) -> Iterator[tuple[float, str]]:
    words, sets = function_words_of(language), direction_words_of(language)
    if words.suffix:
        name = _name_before_suffix(clause.text, words)
        if name:
            yield 0.0, name
        return
    if clause.compared and (both := _compared(clause.text.split(), words, sets)):
        yield -0.2, both
    for later, text in ((0.0, clause.text), (0.3, clause.wide)):
        name = " ".join(noun_phrase(text.split(), words, sets))
        if name and not _is_list(name, text, sets):
            yield later, name
            short = name.split(" and ")[0]
            if short != name:
                yield later + 0.2, short


def _is_list(name: str, text: str, sets: DirectionSets) -> bool:
    """Whether a name of one word is only the first of several: `phones, cars and satellites`."""
    behind = text.partition(name)[2]
    return " " not in name and behind.startswith(",") and not sets.coordinating.isdisjoint(behind.split()[:6])


def _compared(tokens: Sequence[str], words: FunctionWords, sets: DirectionSets) -> str:
    """Both names of `mitosis with meiosis`, joined by the language's word for and; "" if there are no two."""
    joints = [at for at, token in enumerate(tokens[:-1]) if core_of(token) in words.settings | sets.coordinating]
    for at in joints[:3]:
        first, second = noun_phrase(tokens[:at], words, sets), noun_phrase(tokens[at + 1 :], words, sets)
        if (
            first
            and second
            and len(first) + len(second) < MOST_NAME_WORDS
            and core_of(tokens[at]) not in sets.genitives
        ):
            return " ".join((*first, max(sets.coordinating), *second))
    return ""


def _name_before_suffix(text: str, words: FunctionWords) -> str:
    """The name in a language whose descriptions end with `a picture of`."""
    name = QUOTED.sub(" ", text).strip()
    for pattern in (f"^{words.preface}" if words.preface else "", words.suffix):
        name = re.sub(pattern, "", name, count=1, flags=re.IGNORECASE) if pattern else name
    name = re.split(words.cut, name, maxsplit=1)[0] if words.cut else name
    kept = re.split(r"[,;:，；：、(（]", name.strip(), maxsplit=1)[0].split()[:MOST_NAME_WORDS]
    return " ".join(kept[1:] if kept and kept[0] in words.articles else kept)


def noun_phrase(tokens: Sequence[str], words: FunctionWords, sets: DirectionSets) -> list[str]:
    """The words of the noun phrase at the start of `tokens`, without articles at its start; none if there is none."""
    taken: list[str] = []
    pending: list[str] = []
    settings = last_setting = 0
    for at, token in enumerate(tokens):
        core = core_of(token)
        if QUOTED.search(token):
            taken = taken[: last_setting or len(taken)]
            break
        if core == "→" or token.startswith(_OPENS) or not core or _turns(core, words, sets):
            break
        after = core_of(tokens[at + 1]) if at + 1 < len(tokens) else ""
        if not taken and (core in words.articles or core in sets.scaffolding):
            continue
        if core in words.stop or core in words.settings:
            settings += core in words.settings
            if not _links(core, words, sets) or settings > 2 or token.endswith(_BREAKS):
                break
            pending.append(token)
            continue
        if taken and not pending and _is_verb(core, after, taken, words, sets):
            break
        if len(taken) + len(pending) + 1 > MOST_NAME_WORDS:
            break
        last_setting = len(taken) if pending and core_of(pending[0]) in words.settings else last_setting
        taken += [*_joint(pending, sets), token.rstrip(",.;:!?…)]}，；：）").strip('"“”*_')]
        pending = []
        if token.endswith(_BREAKS):
            break
    return _without_form(taken, sets)


def _joint(pending: list[str], sets: DirectionSets) -> list[str]:
    """The small words between two parts of a name: those before an article behind `and`, else all."""
    return pending[:1] if pending and core_of(pending[0]) in sets.coordinating else pending


def _turns(core: str, words: FunctionWords, sets: DirectionSets) -> bool:
    """Whether the description turns from its subject to the details with this word."""
    return core not in sets.coordinating and bool(words.cut) and bool(re.match(words.cut, f" {core}"))


def _links(core: str, words: FunctionWords, sets: DirectionSets) -> bool:
    return core in words.settings or core in words.articles or core in sets.coordinating


def _is_verb(core: str, after: str, taken: Sequence[str], words: FunctionWords, sets: DirectionSets) -> bool:
    if core in sets.reveals or core in sets.moves or core in words.verbs:
        return True
    if core.endswith("ing") and (f"{core}ing" in words.noun_verbs or f"{core}ing" in words.verbs):
        return False  # string, ring
    if not after:
        return core in words.noun_verbs and core.endswith("ing")
    small = after in words.stop or after in sets.scaffolding or after.endswith("ly") or bool(QUOTED.fullmatch(after))
    plural = taken[-1].endswith("s") and not taken[-1].endswith("ss")
    if plural and core.endswith("s") and small and after not in ("of", "and"):
        return bool(words.verbs)
    if core in words.noun_verbs:
        if not core.endswith(("s", "ed", "ing")):
            return plural and after not in ("of", "and")
        return small and after not in ("of", "and", "in", "from") and (core.endswith(("ed", "ing")) or not plural)
    if core.endswith("ed") and len(core) > 4 and words.verbs:
        return True
    return core.endswith("ing") and bool(words.verbs) and small and after != "of"


def _without_form(taken: list[str], sets: DirectionSets) -> list[str]:
    """`taken` without a word for the picture at its end, and empty if nothing but directions is left."""
    kept = list(taken)
    while len(kept) > 2 and core_of(kept[-1]) in sets.forms:
        kept.pop()
    if all(core_of(word) in sets.how or core_of(word).isdigit() for word in kept):
        return []
    return kept
