"""A description and its narration, prepared for finding what a diagram shows: quotations, lists, steps.

All texts that come from here are pieces of the description or of the narration. Does not belong here: which kind of
diagram is asked for (`arrangement`), or the filling of a kind (`asked_…`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from video_assets.studio.slides.phrases.words import CJK, VisibleText, capitalised

from .arrangement_words import ArrangementWords
from .direction_words import DirectionSets, direction_words_of
from .quoted_texts import quotations

MOST_WORDS = 6
"""Of a label that the author did not quote."""
MOST_CHARACTERS = 48
MOST_DESCRIPTION = 2_000
"""Characters of a description that are read. Shot lists are shorter; the bound keeps the work small for any text."""
MOST_NARRATION = 6_000

MARK = "[\ue100-\ue1ff]"
"""A quotation in a masked text: one private character each."""
_FIRST_MARK = 0xE100
_MOST_MARKS = 0x100
_PRIVATE = re.compile("[\ue000-\uf8ff\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")
_ARROW = re.compile(r"\s*(?:<?[-–—=]{1,3}>|[→⟶➔➜➡⇒⟹]\ufe0f?)\s*")
_SENTENCE = re.compile(r"(?<![ .]vs\.)(?<!\be\.g\.)(?<=[.!?।])\s+|(?<=[。！？])\s*|\n+")
_CLAUSE = re.compile(r"(?<=[.!?।])\s+|(?<=[。！？；])\s*|[;\n]\s*|\s[—–]\s|—")
_SEPARATOR = r"\s*(?:[;，、；•|।]|,(?!\d)|\s/\s|→)\s*"
_EDGE = " \t\u00a0\u202f,.;:!?…–—-\"'“”‘’„«»*_`，。；：！？、।|•/&~"
_BRACKET = re.compile(r"\s*[(（\[].*")
_NUMBERED = re.compile(
    r"(?:^|(?<=[\s;,.(]))\(?(?:(?:step|stage|schritt|étape|paso|चरण)\s*)?([1-9])\s?[).:]\s+(?=\S)", re.IGNORECASE
)
_WORD = re.compile(rf"[{CJK}]|[^\s{CJK}]+")


class ArrangementSource(NamedTuple):
    """The texts from which a diagram is derived, and the words of the language in which its description is read."""

    text: str
    """The description, with each quotation as one private character, and all arrows as →."""
    quoted: tuple[str, ...]
    spoken: VisibleText
    language: str
    title: str
    words: ArrangementWords
    directions: DirectionSets
    """Words that tell how the picture is made. A piece of nothing else is no label."""

    # Quotations ------------------------------------------------------------------------------------------------------

    def quote(self, mark: str) -> str:
        """The quotation of a mark, as a label; empty if it is too long for one."""
        text = self.quoted[ord(mark) - _FIRST_MARK]
        return _cased(text) if len(text) <= MOST_CHARACTERS else ""

    def written(self, text: str) -> str:
        """`text` with its quotations in place of their marks."""
        return re.sub(MARK, lambda match: self.quoted[ord(match[0]) - _FIRST_MARK], text)

    def quotes(self, text: str | None = None) -> tuple[str, ...]:
        """The quoted labels in a piece of the description, in order, each once; without titles and captions."""
        overlays = self.overlays
        marks = [mark for mark in re.findall(MARK, self.text if text is None else text) if mark not in overlays]
        return tuple(dict.fromkeys(label for mark in marks if (label := self.quote(mark))))

    @property
    def overlays(self) -> frozenset[str]:
        """The marks of quotations that are titles or captions of the picture."""
        return _overlays(self.text, self.words.any_of("overlay"))

    # Pieces ----------------------------------------------------------------------------------------------------------

    @property
    def sentences(self) -> tuple[str, ...]:
        """The sentences of the masked description."""
        return _sentences(self.text)

    @property
    def clauses(self) -> tuple[str, ...]:
        """The sentences and main clauses of the narration."""
        return tuple(piece.strip() for piece in _CLAUSE.split(self.spoken.text[:MOST_NARRATION]) if piece.strip())

    def label(self, piece: str) -> str:
        """`piece` as a label: its quotation, or its words without what leads up to them; empty if it is none."""
        mark = re.search(MARK, piece)
        if mark:
            return self.quote(mark[0])
        text = re.split(r"(?<=\w\w)[.;!?]\s", _BRACKET.sub("", piece).strip(_EDGE))[0]
        text = self._without_lead(text)
        cut = re.search(rf"[\s,](?:{self.words.any_of('cut')})", text, re.IGNORECASE)
        text = (text[: cut.start()] if cut and cut.start() else text).strip(_EDGE)
        words = _WORD.findall(text)
        if not words or self.is_direction(text) or not any(map(str.isalnum, text)):
            return ""
        most = MOST_WORDS * (2 if re.search(f"[{CJK}]", text) else 1)
        return _cased(text) if len(words) <= most and len(text) <= MOST_CHARACTERS else ""

    def _without_lead(self, text: str) -> str:
        words = text.split()
        known = self.words.lead | self.words.articles
        while len(words) > 1 and (words[0].lower().strip(_EDGE) in known or words[0].lower() in self.directions.manner):
            words.pop(0)
        return " ".join(words).strip(_EDGE)

    def is_direction(self, piece: str) -> bool:
        """Whether `piece` tells how the picture is made, and nothing of what it shows.

        A single word such as `light` may be shown; two of them, such as `soft light`, are a direction.
        """
        words = [word.lower().strip(_EDGE) for word in piece.split()]
        small = self.words.lead | self.words.articles | self.directions.scaffolding
        content = [word for word in words if word not in small]
        if not content:
            return bool(words)
        telling = self.directions.manner | self.directions.camera | self.directions.aspects | self.directions.forms
        if not telling.intersection(content):
            return False
        how = all(word in self.directions.how for word in content)
        return len(content) > 1 and (how or content[0] in _NEVER_SHOWN)

    def items(self, text: str) -> tuple[str, ...]:
        """The labels of an enumeration, in order, each once. Quoted ones alone, if there are several."""
        if len(quoted := self.quotes(text)) > 1:
            return quoted
        labels = (self.label(piece) for piece in re.split(self._separator, text, flags=re.IGNORECASE))
        return tuple(dict.fromkeys(label for label in labels if label))

    @property
    def _separator(self) -> str:
        return rf"{_SEPARATOR}(?:(?:{self.words.any_of('and')})\s+)?|\s(?:{self.words.any_of('and')})\s+"

    # Lists -----------------------------------------------------------------------------------------------------------

    def listed(self, sentences: tuple[str, ...] | None = None, *, least: int = 3) -> tuple[str, ...]:
        """The longest enumeration of at least `least` labels: after a colon, or after `list_heads`."""
        runs = (self._run(sentence) for sentence in (self.sentences if sentences is None else sentences))
        best = max(runs, key=len, default=())
        return best if len(best) >= least else ()

    def _run(self, sentence: str) -> tuple[str, ...]:
        """The longest run of short labels in a sentence."""
        before, colon, after = _colon(sentence)
        head = frozenset(word.lower().strip(_EDGE) for word in before.split())
        if colon and head & (self.directions.aspects | self.directions.camera) and head <= self.directions.how:
            return ()  # `Style: minimal, pastel`
        if colon and len(items := self._unbroken(after, open_start=True)) > 1:
            return items
        return self._unbroken(sentence, open_start=False)

    def _unbroken(self, text: str, *, open_start: bool) -> tuple[str, ...]:
        best: list[str] = []
        run: list[str] = []
        for number, piece in enumerate(re.split(self._separator, text, flags=re.IGNORECASE)):
            if number and (piece.split() or [""])[0].lower() in self.directions.manner:
                run = []  # `animated branches growing`
                continue
            headed = self._after_head(piece)
            if headed and len(run) < 2 and not (open_start and run):
                run = [label] if (label := self.label(headed)) else []
            elif (run or (number == 0 and open_start)) and (label := self.label(piece)) and len(piece.split()) < 9:
                run.append(label)
            else:
                run = []
            best = max(best, run, key=len)
            run = list(run)
        return tuple(dict.fromkeys(best))

    def _after_head(self, piece: str) -> str:
        """What follows the last head of a list in `piece`; empty if there is none."""
        matches = list(re.finditer(self.words.any_of("list_heads"), piece, re.IGNORECASE))
        return piece[matches[-1].end() :].strip(" :") if matches else ""

    def numbered(self) -> tuple[str, ...]:
        """The labels of numbered steps: `1. crush 2. melt 3. pour`."""
        found = list(_NUMBERED.finditer(self.text))
        ends = [*(match.start() for match in found[1:]), len(self.text)]
        if [match[1] for match in found] != [str(number) for number in range(1, len(found) + 1)] or len(found) < 2:
            return ()
        pieces = [self.text[match.end() : end] for match, end in zip(found, ends, strict=True)]
        labels = [self.label(piece) or self.clause_label(piece) for piece in pieces]
        return tuple(dict.fromkeys(labels)) if all(labels) else ()

    # Narration -------------------------------------------------------------------------------------------------------

    def narrated_list(self, *, least: int = 3) -> tuple[str, ...]:
        """The first enumeration after a colon in the narration."""
        for clause in self.clauses:
            _, colon, after = _colon(clause)
            if colon and len(items := self._unbroken(after, open_start=True)) >= least:
                return items
        return ()

    def narrated_steps(self, *, least: int = 3) -> tuple[str, ...]:
        """The steps that the narration tells one after the other with words such as `first`, `then`, `finally`."""
        steps = list(dict.fromkeys(step for step in self._narrated_steps() if step))
        return tuple(steps) if least <= len(steps) else ()

    def _narrated_steps(self) -> Iterator[str]:
        starts = re.compile(
            rf"^(?:{self.words.any_of('and')})?\s*(?:{self.words.any_of('sequence')})[,:]?\s*", flags=re.IGNORECASE
        )
        begins, before, begun = re.compile(rf"^(?:{self.words.any_of('begins')})", re.IGNORECASE), "", False
        inner = rf",\s+(?=(?:(?:{self.words.any_of('and')})\s+)?(?:{self.words.any_of('sequence')})\s)"
        for clause in self.clauses:
            for piece in re.split(inner, clause, flags=re.IGNORECASE):
                match = starts.match(piece)
                if match:
                    if not begun and not begins.match(piece):
                        yield self.clause_label(before)
                    begun = True
                    yield self.clause_label(piece[match.end() :])
                before = piece

    def clause_label(self, clause: str) -> str:
        """The start of a clause, short enough for a label: `we melt the sand in a …` gives `Melt the sand`."""
        text = re.sub(r"[,:(（].*", "", clause.strip(_EDGE))
        words = text.split()
        pronouns = re.compile(rf"(?:{self.words.any_of('pronouns')})", re.IGNORECASE)
        while len(words) > 2 and (pronouns.fullmatch(words[0]) or words[0].lower() in self.words.articles):
            words.pop(0)
        if len(words) > MOST_WORDS:
            stop = re.compile(rf"(?:{self.words.any_of('stop_at')})", re.IGNORECASE)
            ends = [at for at in range(2, MOST_WORDS + 1) if stop.fullmatch(words[at])]
            words = words[: ends[-1]] if ends else ()
        label = " ".join(words).strip(_EDGE)
        most = MOST_CHARACTERS // (3 if re.search(f"[{CJK}]", label) else 1)
        return _cased(label) if 0 < len(label) <= most and any(map(str.isalnum, label)) else ""


def arrangement_source(
    description: str, spoken: VisibleText, *, language: str, title: str, words: ArrangementWords
) -> ArrangementSource:
    """The source for one reading of `description`, in the language of `words`."""
    text, quoted = _masked(description)
    return ArrangementSource(text, quoted, spoken, language, title, words, direction_words_of(language))


@lru_cache(maxsize=16)
def _masked(description: str) -> tuple[str, tuple[str, ...]]:
    text = _PRIVATE.sub(" ", description)[:MOST_DESCRIPTION]
    pieces: list[str] = []
    quoted: list[str] = []
    at = 0
    for quotation in quotations(text)[:_MOST_MARKS]:
        pieces += [text[at : quotation.start], chr(_FIRST_MARK + len(quoted))]
        quoted.append(" ".join(quotation.text.split()))
        at = quotation.end
    return _ARROW.sub(" → ", "".join([*pieces, text[at:]])), tuple(quoted)


@lru_cache(maxsize=16)
def _sentences(text: str) -> tuple[str, ...]:
    return tuple(piece.strip() for piece in _SENTENCE.split(text) if piece.strip())


@lru_cache(maxsize=16)
def _overlays(text: str, words: str) -> frozenset[str]:
    joint = r"(?:\s*:|\s+(?:reads?|reading|says|saying|of|with|the|appears|that says))*"
    before = rf"(?:{words}){joint}\s*({MARK})(?!\s*(?:,|and)\s*{MARK})"
    after = rf"({MARK})\s+(?:appears\s+|is\s+|shown\s+)?as\s+(?:an?\s+|the\s+)?(?:{words})"
    matches = (*re.finditer(before, text, re.IGNORECASE), *re.finditer(after, text, re.IGNORECASE))
    return frozenset(match[1] for match in matches)


def _colon(sentence: str) -> tuple[str, str, str]:
    match = re.search(r"[:：](?!\d)\s*", sentence)
    return (sentence[: match.start()], ":", sentence[match.end() :]) if match else (sentence, "", "")


def _cased(text: str) -> str:
    """`text` as a label on a slide. A symbol of one or two letters keeps its case."""
    line = " ".join(text.split())
    return line if len(line) < 3 else capitalised(line)


_NEVER_SHOWN = frozenset(
    ("style", "camera", "background", "lighting", "palette", "cinematic", "minimalist", "animated")
)
"""Words that begin directions in archives of all languages."""
