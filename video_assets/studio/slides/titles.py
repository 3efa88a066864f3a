"""The titles of sections: each names the section's subject, and no two in a row are equal.

Does not belong here: finding names in a narration (`phrases.topics`) or in a description (`descriptions.subjects`).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, islice

from video_assets.studio.core.errors import ContentError
from video_assets.studio.core.languages import primary_subtag
from video_assets.studio.core.sentences import CLAUSE_ENDS, ELLIPSIS, SENTENCE_ENDS
from video_assets.studio.core.unspaced_words import start_of
from video_assets.studio.lesson.model import Section

from .descriptions.depiction import Depiction, depiction_of
from .descriptions.direction_words import direction_words_of
from .descriptions.masked_text import cores_of
from .descriptions.quoted_texts import without_stray_marks
from .phrases.formulas import IDENTIFIER, formulas
from .phrases.function_words import FunctionWords, function_words_of
from .phrases.keyphrases import key_phrases, noun_phrases, overlap
from .phrases.subject_names import called_names, compared_labels, recurrent_names, with_complement
from .phrases.topics import Topic, topics
from .phrases.words import VisibleText, capitalised, is_word, sentences, stem_weights, stems_of
from .title_checks import names_subject
from .visible_text import visible_of

MOST_TITLE_CHARACTERS = 48
MOST_TITLE_WORDS = 8
_MOST_NAMES = 12
_MOST_CLAUSE = 5
_MANY_LABELS = 4
_LEAST_TOPIC = 0.5
_MOST_LAST_WORDS = 3
"""The words of a text that is no subject and is the title only because there is no other."""
_STATEMENT_END = re.compile(f"[{re.escape(SENTENCE_ENDS.replace(ELLIPSIS, '') + CLAUSE_ENDS)}—]")
_DATE = re.compile(r"\d{4}|\d{1,2}[./]\d")
_BRACKETS = str.maketrans("", "", "()[]{}<>")


def plan_titles(sections: Sequence[Section], *, language: str) -> tuple[str, ...]:
    """A title for each of the lesson's `sections`, in order; "" for a section whose narration has invalid markup.

    The author's titles are as written. Any other title is `derived_title`, unless the section before has the same
    subject. Then the title says how the subject goes on: `Photosynthesis: dark reactions`. So a change of one section
    can change its own title and those of the sections right behind it that have its old or its new subject, as far as
    this run of sections goes; and no other.
    """
    titles: list[str] = []
    subject: frozenset[str] = frozenset()
    used: set[str] = set()
    for section in sections:
        name = section.title or _name_alone(section, language)
        stems = _stems(name, language) if name else frozenset[str]()
        if stems != subject:
            used = set()
        repeats = bool(name and used) and not section.title
        titles.append(_continued(section, name, used, language) if repeats else name)
        subject = stems
        used.add(titles[-1].casefold())
    return tuple(titles)


def _name_alone(section: Section, language: str) -> str:
    try:
        return derived_title(visible_of(section), language=language, about=section.image_description)
    except ContentError:
        return ""


def _continued(section: Section, subject: str, used: set[str], language: str) -> str:
    """The subject, and what the section says of it that the ones before did not; a number, if nothing is known."""
    visible, known = visible_of(section), _stems(subject, language)
    names = (
        name for name in _names(visible, language, section.image_description) if names_subject(name, visible, language)
    )
    for name in islice(_titles_among(names, _terms(visible), language), _MOST_NAMES):
        if not known.isdisjoint(_stems(name, language)):
            continue
        title = f"{subject}: {_as_in_text(name, visible.text)}"
        short = len(title) <= MOST_TITLE_CHARACTERS and len(title.split()) <= MOST_TITLE_WORDS
        candidate = title if short else name
        if candidate.casefold() not in used:
            return candidate
    return next(title for n in range(2, len(used) + 3) if (title := f"{subject} ({n})").casefold() not in used)


def _as_in_text(name: str, text: str) -> str:
    """`name` with a small first letter, if `text` has it so."""
    small = name[0].lower() + name[1:]
    return small if small in text else name


def _stems(text: str, language: str) -> frozenset[str]:
    return frozenset(stems_of(text, language)) or frozenset({text.casefold()})


def derived_title(visible: VisibleText, *, language: str, about: str) -> str:
    """A title of at most `MOST_TITLE_CHARACTERS` and `MOST_TITLE_WORDS` for a section by itself; never empty.

    It is the likeliest name of the subject: a topic of the narration, or what the description shows or gives as a
    heading. Without any, it is the narration's best phrase, or else its first words. It has no words about camera and
    style that the narration does not say, and it is cut inside a word only if the first word is longer than that.
    """
    texts = tuple(chain(_names(visible, language, about), _clauses(visible, language, about)))
    short = (text for text in texts if len(text.split()) <= _MOST_LAST_WORDS)
    named = chain((text for text in texts if names_subject(text, visible, language)), short)
    title = next(_titles_among(named, _terms(visible), language), "") or _cut_title(visible.text, language)
    title = _with_common_nouns_small(title, visible, language)
    return title or start_of(visible.text.strip(), MOST_TITLE_CHARACTERS)


def _with_common_nouns_small(title: str, visible: VisibleText, language: str) -> str:
    """`title` without the capital letters that a label gives to words which the narration writes small."""
    if primary_subtag(language) not in ("en", "fr", "es"):
        return title
    said = frozenset(re.findall(r"[\w-]+", visible.text))
    first, *others = title.split(" ")
    return " ".join([first, *(word.lower() if word.lower() in said else word for word in others)])


# Names, the likeliest first -------------------------------------------------------------------------------------------


def _titles_among(texts: Iterable[str], terms: frozenset[str], language: str) -> Iterator[str]:
    """Those of `texts` that can be titles, in the form of a title."""
    return filter(None, (_as_title(text, language, whole=text in terms) for text in texts))


def _terms(visible: VisibleText) -> frozenset[str]:
    return frozenset(visible.text[start:end] for start, end in visible.emphasised)


def _names(visible: VisibleText, language: str, about: str) -> Iterator[str]:
    """The names that the section could have, the likeliest first."""
    depiction = depiction_of(about, language)
    labels = sorted(label.casefold() for label in depiction.labels)
    found = [
        *called_names(visible, language=language),
        *compared_labels(
            visible,
            (*depiction.labels, *depiction.subjects),
            language=language,
            joint=max(direction_words_of(language).coordinating, default=""),
        ),
        *(
            one._replace(text=with_complement(one.text, visible, language=language))
            for one in topics(visible, language=language, about=about)
        ),
    ]
    several = sum(one.text.casefold() in labels for one in found) > 1
    named = (_beside_labels(one, labels, several=several) for one in found)
    exact = _more_exact(depiction.subject if depiction.pictured else "", found, language)
    ranked = (*named, *exact, *_shown(visible, depiction, language), *_headings(visible, depiction, language))
    directions = _unsaid_directions(visible, language)
    likely = (one.text for one in sorted(ranked, key=lambda one: -one.score) if one.score > _LEAST_TOPIC)
    described = (text for text in depiction.subjects if overlap(visible, text, language=language))
    yield from (text for text in chain(likely, described) if directions.isdisjoint(cores_of(text)))


def _unsaid_directions(visible: VisibleText, language: str) -> frozenset[str]:
    """The words about camera and style that the narration does not say, so that no title has them."""
    sets = direction_words_of(language)
    said = frozenset(cores_of(visible.text))
    return (sets.framing - said) | (sets.manner - said)


def _clauses(visible: VisibleText, language: str, about: str) -> Iterator[str]:
    """What a section without a name is called: its best phrase, or its first words."""
    if function_words_of(language).verbs:
        yield from _before_form(about, language)
        found = chain(
            noun_phrases(visible, language=language, about=about),
            recurrent_names(visible, language=language, about=about),
        )
        yield from (with_complement(text, visible, language=language) for text in found)
    phrases = (text for text in key_phrases(visible, language=language, about=about) if not formulas(text))
    yield from (text for text in phrases if len(text) <= MOST_TITLE_CHARACTERS and len(text.split()) <= _MOST_CLAUSE)
    yield _weightiest(visible, language, about)
    yield _STATEMENT_END.split(visible.text.strip(), maxsplit=1)[0]


def _before_form(about: str, language: str) -> Iterator[str]:
    """The subject of several words right before a word for the picture: the life cycle of `a life cycle diagram`."""
    depiction, plain = depiction_of(about, language), about.casefold()
    if any(f"{depiction.subject.casefold()} {form}" in plain for form in depiction.forms):
        words = depiction.subject.split()
        while words and words[0].casefold() in function_words_of(language).shape_adjectives:
            words.pop(0)
        if len(words) > 1:
            yield " ".join(words)


def _weightiest(visible: VisibleText, language: str, about: str) -> str:
    """The word that the narration says most often and that the description says too; "" if no word stands out."""
    weights, words = stem_weights(visible.text, visible.emphasised, about, language), function_words_of(language)
    found = [
        (weights[word.stem], -word.start, visible.text[word.start : word.end])
        for sentence in sentences(visible.text, language)
        for word in sentence.words
        if word.counts and is_word(word.core) and word.core not in words.verbs
    ]
    weight, _, text = max(found, default=(0.0, 0, ""))
    return text if weight >= _LEAST_WEIGHT else ""


_LEAST_WEIGHT = 2.0


def _beside_labels(subject: Topic, labels: list[str], *, several: bool) -> Topic:
    """`subject` with a score that takes the labels of the picture into account; `labels` are in alphabetical order.

    A subject that is one of two or three labels is more likely. One of many labels, or of `several` that are topics, is
    only a part of the subject.
    """
    start = subject.text.casefold()[: max(4, len(subject.text) - 2)]
    at = bisect_left(labels, start)
    if at == len(labels) or not labels[at].startswith(start):
        return subject
    return subject._replace(score=subject.score + (0.5 if len(labels) < _MANY_LABELS and not several else -1.5))


def _shown(visible: VisibleText, depiction: Depiction, language: str) -> Iterator[Topic]:
    """What the description shows. The more of it the narration says, the likelier is it the subject."""
    words = function_words_of(language)
    said = " ".join(stems_of(visible.text, language))
    labels = frozenset(stem for label in depiction.labels for stem in stems_of(label, language))
    for place, described in enumerate(depiction.subjects):
        text = _without_place(described, visible, language)
        plain = " ".join(word for word in text.split() if not word[0].isdigit())
        share = 1.0 if _joins_labels(plain, labels, language) else overlap(visible, plain, language=language)
        whole = " ".join(stems_of(plain, language)) in said
        staged = [word.lower() in words.staging for word in text.split()]
        doubt = 2.0 * (any(staged) and not whole) + 3.0 * all(staged)
        doubt += 1.5 * bool(IDENTIFIER.search(text)) + 0.8 * (" " not in text) + 0.4 * (not whole)
        named = depiction.pictured and place == 0
        doubt += 0.4 * (share <= _HALF and not words.suffix) if named else (0.3 if place == 0 else 0.6) * (share < 1)
        doubt += (1.0 if named else 2.2) * (share == 0)
        doubt -= 0.8 * (share == 1 and any(f" {word} " in text for word in direction_words_of(language).coordinating))
        doubt -= 1.0 * (share > 0 and _names_someone(text, language))
        yield Topic(text, (3.0 if depiction.pictured else 2.5) + 2 * share - doubt - 0.8 * place)


_HALF = 0.5


def _joins_labels(text: str, labels: frozenset[str], language: str) -> bool:
    """Whether `text` names several labels of the picture together: supply and demand."""
    stems = frozenset(stems_of(text, language))
    return len(stems) > 1 and stems <= labels


def _without_place(text: str, visible: VisibleText, language: str) -> str:
    """`text` without a place or time of which the narration says nothing: a volcano at dusk."""
    words, genitives = text.split(), direction_words_of(language).genitives
    settings = function_words_of(language).settings - genitives if genitives else frozenset[str]()
    for at in range(len(words) - 1, 0, -1):
        before, behind = " ".join(words[:at]), " ".join(words[at + 1 :])
        plain = at == len(words) - 2 and behind.islower()
        if plain and words[at] in settings and not overlap(visible, behind, language=language):
            return before if overlap(visible, before, language=language) else text
    return text


def _more_exact(subject: str, found: Sequence[Topic], language: str) -> Iterator[Topic]:
    """What the picture is of, if it has the likeliest topic's words and more: the water cycle instead of water."""
    if not found or len(subject.split()) > _MOST_EXACT_WORDS:
        return
    best = max(found, key=lambda one: one.score)
    if frozenset(stems_of(best.text, language)) < frozenset(stems_of(subject, language)):
        yield Topic(subject, best.score + 0.2)


_MOST_EXACT_WORDS = 4


def _names_someone(text: str, language: str) -> bool:
    """Whether a word behind the first is a name, in languages that write only names with capital letters."""
    names = (word for word in text.split()[1:] if word[0].isupper() and word[1:].islower())
    return primary_subtag(language) in ("en", "fr", "es") and any(names)


def _headings(visible: VisibleText, depiction: Depiction, language: str) -> Iterator[Topic]:
    """The texts that the description writes over the picture, if the narration says them too."""
    for text in depiction.headings:
        share = overlap(visible, text, language=language)
        if share > _LEAST_SHARE and not _DATE.search(text) and "=" not in text:
            several = 0.8 * (len(depiction.headings) - 1)
            yield Topic(text, 2.6 + 2.2 * share + (0.6 if " " in text else 0.0) - several)


_LEAST_SHARE = 0.6


# The form of a title --------------------------------------------------------------------------------------------------


def _as_title(text: str, language: str, *, whole: bool) -> str:
    """`text` in the form of a title; "" if it cannot be one. A text that is `whole` ends as it ends: crossing over."""
    plain = without_stray_marks(text)
    if any(plain.count(opening) != plain.count(closing) for opening, closing in ("()", "[]", "{}")):
        plain = plain.translate(_BRACKETS)
    plain = plain.strip(" ,;:–—-*")
    if whole and len(plain) <= MOST_TITLE_CHARACTERS and len(plain.split()) <= MOST_TITLE_WORDS:
        return capitalised(plain)
    words = function_words_of(language)
    torn = words.verbs and (len(plain) > MOST_TITLE_CHARACTERS or len(plain.split()) > MOST_TITLE_WORDS)
    return "" if torn else capitalised(_shortened(plain, language))


def _cut_title(text: str, language: str) -> str:
    return capitalised(_shortened(without_stray_marks(text).strip(" ,;:–—-*"), language))


def _shortened(text: str, language: str) -> str:
    """As many whole words of `text` as fit in a title, without a small word at the end."""
    function_words = function_words_of(language)
    small = _never_last(function_words)
    words = text.split()
    if len(words) <= 1:
        return text if len(text) <= MOST_TITLE_CHARACTERS else ""
    words = words[: _title_length(words, function_words.settings)]
    while words and words[-1].lower().strip(",") in small:
        words.pop()
    return " ".join(words).strip(" ,")


def _never_last(words: FunctionWords) -> frozenset[str]:
    return words.settings | words.articles | words.joints | words.openers | words.copulas | words.unfinished


def _title_length(words: list[str], settings: frozenset[str]) -> int:
    """The number of words for the title: all, if they fit, or else those before the last preposition that fits."""
    ends = [length - 1 for length in accumulate(len(word) + 1 for word in words[:MOST_TITLE_CHARACTERS])]
    fitting = min(bisect_right(ends, MOST_TITLE_CHARACTERS), MOST_TITLE_WORDS)
    if fitting >= len(words):
        return len(words)
    return next((at for at in range(fitting, 1, -1) if words[at].lower() in settings), fitting)
