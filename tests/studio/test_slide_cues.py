"""The parts of a slide appear when they are spoken of, and what is marked is what is spoken about."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from video_assets.studio.core.errors import ContentError
from video_assets.studio.core.settings import Reveal
from video_assets.studio.lesson.diagrams import Diagram
from video_assets.studio.lesson.diagrams.relations import Comparison, Flow, Hierarchy
from video_assets.studio.lesson.model import Code, Section
from video_assets.studio.lesson.reader import read_lesson
from video_assets.studio.lesson.script import SectionWords, Slide, SlideCue, SlideLook, write_section
from video_assets.studio.preflight.lesson_check import problems_of
from video_assets.studio.slides.cueing import cues_of
from video_assets.studio.slides.cueing.cues import MOST_LOOKS
from video_assets.studio.slides.cueing.narration import Narration, narration_of
from video_assets.studio.slides.parts import parts_of
from video_assets.studio.timeline import sentence_ranges

TEACHING_TEXTS = Path(__file__).parent / "slide_cues.tsv"


class Cued:
    """A slide with the cues of a narration."""

    def __init__(self, slide: Slide, narration: str, language: str = "en", reveal: Reveal = "words") -> None:
        section = Section(id="s", pointer="/sections/0", line=1, narration=narration)
        self.slide = slide
        self.words: SectionWords = write_section(section, language=language, pronunciations={})
        self.sentences = sentence_ranges(self.words.tokens)
        self.narration: Narration = narration_of(self.words, self.sentences, language)
        self.cues: tuple[SlideCue, ...] = cues_of(
            slide, self.words, self.sentences, language=language, reveal=reveal, place="/sections/0"
        )

    @property
    def states(self) -> tuple[SlideCue, ...]:
        """The cues; without cues, the whole slide from the first frame."""
        whole = SlideLook(shown=tuple(part.id for part in parts_of(self.slide)))
        return self.cues or (SlideCue(look=whole, token=-1),)

    def token_of(self, part: str) -> int:
        """The token at which `part` appears."""
        return next(cue.token for cue in self.states if part in cue.look.shown)

    def word_of(self, part: str) -> str:
        """The word at which `part` appears, without marks around it."""
        return self.word(self.token_of(part))

    def word(self, token: int) -> str:
        """The word at `token`, without marks around it; "" for the first frame."""
        return self.words.tokens[token].shown.strip(".,;:!?。，；：？！।()“”«»¿¡ ") if token >= 0 else ""

    @property
    def marks(self) -> list[tuple[str, tuple[str, ...]]]:
        """The words at which the marked parts change, with these parts."""
        found: list[tuple[str, tuple[str, ...]]] = []
        for cue in self.cues:
            if not found or found[-1][1] != cue.look.marked:
                found.append((self.word(cue.token), cue.look.marked))
        return found


def bullets(*texts: str) -> Slide:
    return Slide(layout="bullets", bullets=texts)


def labels(*texts: str) -> Slide:
    return Slide(layout="labels", labels=texts)


def drawn(diagram: Diagram) -> Slide:
    return Slide(layout="diagram", diagram=diagram)


def _cases() -> list[tuple[str, str, list[str], list[str]]]:
    with TEACHING_TEXTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(row[0], row[1], row[2].split(" | "), row[3].split(" | ")) for row in rows[1:]]


@pytest.mark.parametrize(("language", "narration", "texts", "expected"), _cases())
def test_parts_appear_at_their_word(language, narration, texts, expected):
    """A class would look at a label while the teacher speaks of another one. Expected words were chosen by reading."""
    cued = Cued(bullets(*texts), narration, language)
    assert [cued.word_of(f"bullets/{number}") for number in range(len(texts))] == expected


# Generated narrations around known parts -----------------------------------------------------------------------------

PART_WORDS = [
    "glacier",
    "volcano",
    "harbour",
    "orchard",
    "compass",
    "lantern",
    "granite",
    "meadow",
    "turbine",
    "falcon",
]
FILLERS = [
    "We look at it closely.",
    "This takes some time, as you will see.",
    "Nobody expected such a result.",
    "Remember that for later.",
    "Now comes the next step.",
]


@st.composite
def narrated(draw: st.DrawFn) -> tuple[list[str], str]:
    """Parts, and a narration whose sentences name some of them, once or more often."""
    parts = draw(st.lists(st.sampled_from(PART_WORDS), min_size=1, max_size=6, unique=True))
    sentences = draw(st.lists(st.sampled_from([*FILLERS, *parts, *parts]), min_size=1, max_size=10))
    ways = draw(st.sampled_from(["The {} is important here.", "Look, many {}s are there.", "It needs a {} and air."]))
    return parts, " ".join(ways.format(text) if text in parts else text for text in sentences)


@given(narrated())
def test_every_part_appears_once_and_in_time(example):
    """A viewer would miss a part, see it vanish again, or see it after the sentence that explains it is over."""
    parts, narration = example
    cued = Cued(bullets(*parts), narration)
    shown = [set(cue.look.shown) for cue in cued.states]
    assert all(before <= after for before, after in pairwise(shown))
    assert shown[-1] == {f"bullets/{number}" for number in range(len(parts))}
    assert cued.states[0].token == -1
    assert all(before.token < after.token for before, after in pairwise(cued.states))
    for number, text in enumerate(parts):
        spoken = [word.token for word in cued.narration.shown if word.form in {text, f"{text}s"}]
        if spoken:
            end = cued.sentences[cued.narration.sentence_at(spoken[0])][1]
            assert cued.token_of(f"bullets/{number}") < end
            assert cued.token_of(f"bullets/{number}") <= spoken[0]


@given(narrated())
def test_marks_name_shown_parts_and_do_not_flicker(example):
    """A spotlight on nothing, or one that jumps faster than an eye follows, would draw the class from the words."""
    parts, narration = example
    cued = Cued(bullets(*parts), narration)
    assert all(set(cue.look.marked) <= set(cue.look.shown) for cue in cued.cues)
    since: dict[str, float] = {}
    for cue in cued.cues[1:]:
        now = cued.narration.seconds[cue.token]
        assert all(now - since[part] >= 0.8 for part in since.keys() - set(cue.look.marked))
        since = {part: since.get(part, now) for part in cue.look.marked}
    assert Cued(bullets(*parts), narration).cues == cued.cues


@given(narrated())
def test_parts_that_are_never_said_keep_their_order(example):
    """A list that fills up from its middle would look like a fault."""
    parts, _ = example
    cued = Cued(bullets(*parts), " ".join(FILLERS))
    tokens = [cued.token_of(f"bullets/{number}") for number in range(len(parts))]
    assert tokens == sorted(tokens)
    assert tokens[-1] < len(cued.words.tokens)


def test_looks_are_limited():
    """A section in which a teacher names things again and again would need a hundred pictures."""
    sentence = "The glacier meets the volcano, the harbour lies by the orchard, and a compass lies near the lantern. "
    cued = Cued(bullets(*PART_WORDS), sentence * 30)
    assert len({(cue.look.shown, cue.look.marked) for cue in cued.cues}) <= MOST_LOOKS


# Kinds of slides -----------------------------------------------------------------------------------------------------

FLOW = Flow.model_validate({"kind": "flow", "nodes": ["Sun", "Leaf", "Sugar"]})
FLOW_WORDS = "The sun shines. Its light falls on a leaf. The leaf makes sugar."


def test_an_arrow_appears_with_its_second_node():
    """An arrow would point into emptiness."""
    cued = Cued(drawn(FLOW), FLOW_WORDS)
    assert [cued.word_of(part) for part in ("nodes/0", "nodes/1", "nodes/2")] == ["sun", "leaf", "sugar"]
    assert cued.token_of("links/0") == cued.token_of("nodes/1")
    assert cued.token_of("links/1") == cued.token_of("nodes/2")


def test_a_parent_appears_no_later_than_its_child():
    """A branch would hang in the air until its trunk is spoken of."""
    root = {"name": "Vertebrates", "children": [{"name": "Mammals"}, {"name": "Birds"}]}
    tree = Hierarchy.model_validate({"kind": "hierarchy", "root": root})
    cued = Cued(drawn(tree), "Look at mammals first. Then come birds. Both belong to the vertebrates.")
    assert cued.token_of("root") <= cued.token_of("root/0") < cued.token_of("root/1")
    sides = [{"title": "Plants", "points": ["Make food"]}, {"title": "Animals", "points": ["Eat food"]}]
    both = Comparison.model_validate({"kind": "comparison", "sides": sides})
    compared = Cued(drawn(both), "They make food. That is what plants do. Animals eat food.")
    assert compared.token_of("sides/0/title") <= compared.token_of("sides/0/points/0")


def test_code_is_there_from_the_start_and_its_lines_are_marked():
    """A class could not read a program that comes line by line, nor know which line is meant."""
    code = Code(text="low, high = 0, len(items)\nwhile low < high:\n    middle = low + high\nreturn middle")
    words = "Low starts at zero, high at the end. While low is less than high, we go on. We return the middle."
    cued = Cued(Slide(layout="code", code=code), words)
    assert len(cued.cues[0].look.shown) == 4
    assert [marked for _, marked in cued.marks] == [(), ("code/0",), ("code/1",), ("code/3",)]


def test_a_later_mention_marks_a_part_again():
    """The class would look at the last part while the teacher has come back to the first."""
    cued = Cued(labels("Gate", "Drain"), "This is the gate. That over there is the drain. Now back to the gate.")
    assert [marked for _, marked in cued.marks] == [(), ("labels/0",), ("labels/1",), ("labels/0",)]


def test_a_whole_phrase_counts_before_a_word_of_it():
    """ "Drain" would light up whenever the drain current is spoken of."""
    words = "The drain current is large. It leaves through the drain, which lies on the right."
    cued = Cued(labels("Drain", "Drain current"), words)
    assert cued.token_of("labels/1") == 0 or cued.word_of("labels/1") == "drain"
    assert cued.token_of("labels/0") > cued.token_of("labels/1")


def test_equal_labels_appear_in_turn():
    """Both halves of a picture would appear when the first one is explained."""
    words = "First there is a resistor on the left. Much later, there is a resistor on the right."
    cued = Cued(labels("Resistor", "Resistor"), words)
    assert cued.token_of("labels/0") < cued.token_of("labels/1")


# The author's marks --------------------------------------------------------------------------------------------------


def test_show_overrules_the_words():
    """An author's "[show 2]" would do nothing."""
    cued = Cued(labels("Gate", "Drain"), "This is the gate. [show 2] Here it leaves. The drain is last.")
    assert cued.word_of("labels/1") == "Here"
    assert cued.word_of("labels/0") == "gate"
    following = Cued(labels("Gate", "Drain"), "We [show] open this. And then [show] that.")
    assert [following.word_of(part) for part in ("labels/0", "labels/1")] == ["open", "that"]


def test_point_marks_until_it_is_ended():
    """An author's pointer would rest on a part, or leave it, while something else is explained."""
    cued = Cued(labels("Gate", "Drain"), "[point gate] Look here [point] and now elsewhere. The drain is last.")
    assert cued.marks == [("", ()), ("Look", ("labels/0",)), ("and", ()), ("drain", ("labels/1",))]


def test_reveal_all_shows_everything_and_keeps_the_pointer():
    """A teacher who wants the whole slide would see it come in pieces."""
    assert Cued(labels("Gate", "Drain"), "This is the gate.", reveal="all").cues == ()
    cued = Cued(labels("Gate", "Drain"), "This is [point drain] the gate.", reveal="all")
    assert [len(cue.look.shown) for cue in cued.cues] == [2, 2]
    assert cued.marks == [("", ()), ("the", ("labels/1",))]


def test_a_slide_without_parts_has_no_states():
    """A section with only a picture would be made of many equal pictures."""
    assert Cued(Slide(layout="picture"), "This is the gate.").cues == ()


@pytest.mark.parametrize("mark", ["[show 3]", "[show 0]", "[point bridge]", "[show] [show] [show]"])
def test_a_mark_that_names_no_part_is_refused(mark):
    """The film would be made, and the mark would do nothing."""
    with pytest.raises(ContentError, match="part"):
        Cued(labels("Gate", "Drain"), f"This is {mark} the gate.")


def test_marks_are_neither_said_nor_shown():
    """The voice would say "show two"."""
    cued = Cued(labels("Gate", "Drain"), "This [show 2] is [point gate] the gate.\\[show 2]")
    assert [token.shown for token in cued.words.tokens] == ["This", "is", "the", "gate.[show", "2]"]


def test_the_check_finds_a_mark_without_a_part_at_its_place(tmp_path: Path):
    """An author would learn only from the finished film that "[show 3]" shows nothing, and not where it stands."""
    file = tmp_path / "lesson.json"
    words = 'This is [show 1] the gate.\\nThis is \\"[show 3]\\" the drain [point bridge].'
    file.write_text('{"sections": [\n{"bullets": ["Gate", "Drain"],\n "content": "' + words + '"}]}', "utf-8")
    problems = problems_of(str(file), read_lesson(file), {})
    found = [(problem.code, problem.line, problem.column, problem.message) for problem in problems]
    line = ' "content": "' + words
    assert found == [
        ("unknown-part", 3, line.index("[show 3]") + 1, "[show 3] names no part of the slide"),
        ("unknown-part", 3, line.index("[point bridge]") + 1, "[point bridge] names no part of the slide"),
    ]
    assert all('1 "Gate", 2 "Drain"' in problem.remedy for problem in problems)
