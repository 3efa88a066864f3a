"""The token at which each part of a slide appears.

Does not belong here: marks (`marks`), or finding what the narration says about a part (`mentions`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from video_assets.studio.lesson.diagrams import DiagramPart

from .mentions import SAID, Mention
from .narration import Narration
from .signals import is_link

_NEARLY_BEST = 0.85
_MEANT = 0.3
"""The least score of a mention for which a part that is never said appears in its sentence."""
_COULD_MEAN = 0.4
"""The least score of a mention for which a part may appear before the sentence that says it more clearly."""
_QUOTED = 0.8
_LONGEST_STILL_SECONDS = 8.0
"""In a longer time without anything new, a part may appear in an earlier sentence that could mean it."""


def tokens_of_appearance(
    parts: Sequence[DiagramPart],
    mentions: Sequence[tuple[Mention, ...]],
    narration: Narration,
    fixed: Mapping[int, int],
) -> tuple[int, ...]:
    """For each part the token at whose start it appears.

    `fixed` holds the tokens of the parts that the author placed. Others appear where they are first spoken of; if
    never, then at the start of the sentence that most likely means them, between their neighbours; if there is none, in
    their turn. A part appears no later than those that need it (`after`), and an arrow with the second of its nodes.
    """
    joined = {number for number, part in enumerate(parts) if is_link(part) or not part.texts}
    placed: dict[int, int] = dict(fixed)
    for part, found in enumerate(mentions):
        if part not in placed and part not in joined and (said := first_said(found)):
            placed[part] = said.start
    own = [part for part in range(len(parts)) if part not in joined]
    for part in own:
        if part not in placed and (token := _meant(part, mentions[part], placed, narration)) is not None:
            placed[part] = token
    missing = [part for part in own if part not in placed]
    placed |= _in_still_times([part for part in missing if _is_unordered(parts[part])], placed, narration)
    placed |= _in_their_turn([part for part in missing if part not in placed], placed, narration)
    for part, token in _earlier(own, mentions, placed, fixed, narration):
        placed[part] = token
    return _with_needed(parts, placed)


def first_said(mentions: Sequence[Mention]) -> Mention | None:
    """The first mention that speaks of its part as clearly as the clearest one does, nearly; None if none does."""
    clearest = max((mention.score for mention in mentions), default=0.0)
    if clearest < SAID:
        return None
    return next(mention for mention in mentions if mention.score >= max(SAID, _NEARLY_BEST * clearest))


def _bounds(part: int, placed: Mapping[int, int], narration: Narration) -> tuple[int, int]:
    """The tokens of the parts before and after `part`; those of the whole narration if they are not in order."""
    before = max((other for other in placed if other < part), default=None)
    after = min((other for other in placed if other > part), default=None)
    low = 0 if before is None else placed[before]
    high = narration.last_token if after is None else placed[after]
    return (low, high) if low <= high else (0, narration.last_token)


def _meant(part: int, mentions: Sequence[Mention], placed: Mapping[int, int], narration: Narration) -> int | None:
    """The start of the sentence that most likely means a part which is never said; those in its turn first."""
    low, high = _bounds(part, placed, narration)
    candidates = [mention for mention in mentions if mention.score >= _MEANT]
    in_turn = [mention for mention in candidates if low <= mention.start <= high]
    best = max(in_turn or candidates, key=lambda mention: mention.score, default=None)
    return narration.sentences[best.sentence][0] if best else None


def _is_unordered(part: DiagramPart) -> bool:
    """Whether `part` is one of several names that are read in no order."""
    return part.id.startswith(("labels/", "parts/"))


def _in_still_times(missing: Sequence[int], placed: Mapping[int, int], narration: Narration) -> dict[int, int]:
    """Tokens for parts of which nothing speaks: starts of sentences in the longest times without anything new."""
    tokens = [*placed.values()]
    chosen: list[int] = []
    for _ in missing:
        token = min(narration.starts(), key=lambda start: _longest_still([*tokens, start], narration))
        tokens.append(token)
        chosen.append(token)
    return dict(zip(missing, sorted(chosen), strict=True))


def _longest_still(tokens: Sequence[int], narration: Narration) -> float:
    times = sorted({0.0, narration.seconds[-1], *(narration.seconds[token] for token in tokens if token > 0)})
    return max((after - before for before, after in pairwise(times)), default=0.0)


def _in_their_turn(missing: Sequence[int], placed: Mapping[int, int], narration: Narration) -> dict[int, int]:
    """Tokens for parts of which nothing speaks: starts of sentences or clauses, evenly between their neighbours."""
    found: dict[int, int] = {}
    for group in _runs(missing):
        low, high = _bounds(group[0], placed, narration)
        first, last = narration.seconds[low], narration.seconds[high]
        is_first = not any(other < group[0] for other in placed)
        for number, part in enumerate(group, 1):
            # Before a part that is said there is often an introduction, so that the first of them waits a little.
            early = 0.5 if placed else 1.0
            share = (number - early) / len(group) if is_first else number / (len(group) + 1)
            ideal = first + (last - first) * share
            found[part] = _start_near(ideal, low, high, narration)
    return found


def _runs(numbers: Sequence[int]) -> Iterator[list[int]]:
    """`numbers` in groups without gaps."""
    run: list[int] = []
    for number in numbers:
        if run and number != run[-1] + 1:
            yield run
            run = []
        run.append(number)
    if run:
        yield run


def _start_near(seconds: float, low: int, high: int, narration: Narration) -> int:
    starts = [token for token in narration.starts() if low <= token <= high]
    clauses = [token for token in narration.clauses if low <= token <= high]
    return min(starts if len(starts) > 1 else clauses or [low], key=lambda at: abs(narration.seconds[at] - seconds))


def _earlier(
    parts: Sequence[int],
    mentions: Sequence[tuple[Mention, ...]],
    placed: Mapping[int, int],
    fixed: Mapping[int, int],
    narration: Narration,
) -> Iterator[tuple[int, int]]:
    """Parts that fill a long time without anything new: in an earlier sentence that could already mean them."""
    tokens = sorted({0, *(token for token in placed.values() if token > 0), narration.last_token})
    taken: set[int] = set()
    for low, high in pairwise(tokens):
        if narration.seconds[high] - narration.seconds[low] <= _LONGEST_STILL_SECONDS:
            continue
        candidates = [
            (mention.score, -mention.start, part)
            for part in parts
            if part not in fixed and part not in taken and placed[part] >= high and not _is_quoted(mentions[part])
            for mention in mentions[part]
            if mention.score >= _COULD_MEAN and low < mention.start < high
        ]
        if candidates:
            _, start, part = max(candidates)
            taken.add(part)
            yield part, -start


def _is_quoted(mentions: Sequence[Mention]) -> bool:
    """Whether the narration says a part word for word, so that it appears nowhere but there."""
    return any(mention.score >= _QUOTED for mention in mentions)


def _with_needed(parts: Sequence[DiagramPart], placed: Mapping[int, int]) -> tuple[int, ...]:
    """The tokens of all parts. A needed part appears with the first that needs it, an arrow with its last node."""
    index = {part.id: number for number, part in enumerate(parts)}
    tokens = dict(placed)
    for number in reversed(range(len(parts))):
        if number not in tokens or is_link(parts[number]):
            continue
        for needed in parts[number].after:
            if (at := index.get(needed)) is not None and at in tokens:
                tokens[at] = min(tokens[at], tokens[number])
    for number, part in enumerate(parts):
        if number not in tokens:
            tokens[number] = max((tokens[index[each]] for each in part.after if index.get(each) in tokens), default=0)
    return tuple(tokens[number] for number in range(len(parts)))
