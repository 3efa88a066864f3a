"""The starter lesson: a small film that explains to its author how to write lessons."""

from __future__ import annotations

import json


def starter_lesson(title: str, schema_ref: str) -> str:
    """The text of a new lesson file. `schema_ref` is the address of the JSON Schema, such as a relative path."""
    lesson = {"$schema": schema_ref, "$comment": _LESSON_COMMENT, "title": title, **_LESSON}
    return json.dumps(lesson, ensure_ascii=False, indent=2) + "\n"


_LESSON_COMMENT = (
    "This file becomes a film: lessonreel render FILE. It explains itself: make the film once, then replace the text. "
    "Only sections is needed, and in each section only content. All keys: docs/lesson-format.md. A key called "
    "$comment is a note to yourself, neither shown nor said."
)
_LESSON = {
    "description": "A first lesson that explains how lessons are written",
    "language": "en",
    "presenter": "ada",
    "theme": "chalk",
    "author": "Your name",
    "licence": "CC-BY-4.0",
    "pronunciations": {"JSON": "jason"},
    "sections": [
        {
            "$comment": "The least a section needs. The words in 'quotes' become labels in the picture.",
            "image_description": "A sheet of paper labelled 'your text', an arrow, and a screen labelled 'your film'.",
            "content": "Hello! You are watching a film that was made from a *text file*. Each section of that file has "
            "two parts: what I say, and a description of what you see meanwhile. That is all you need. The picture, my "
            "voice, the captions and the chapters follow from it.",
        },
        {
            "$comment": "id is a name of your own for a section; title is the slide's heading and the chapter's name.",
            "id": "voice",
            "title": "You decide how it sounds",
            "content": "Stars around a word *stress* it. [pause 800ms] A pause in square brackets is silence. "
            "[slow]What is difficult can be said slowly.[/slow] And where a word should sound unlike its spelling, as "
            "in [SQL|sequel], you write down both.",
            "bullets": ["*word* is stressed", "[pause 800ms] is silence", "[SQL|sequel] is said as you like"],
        },
        {
            "$comment": "equation is LaTeX; each backslash is written twice in JSON. rate is in percent.",
            "id": "shown",
            "title": "You decide what is shown",
            "content": "A section can show more than a drawing: a list, an equation, a table, a program, or a picture "
            "of your own. Here is the area of a circle: *pi* times the radius squared.",
            "equation": "A = \\pi r^2",
            "alt": "The equation A equals pi r squared",
            "rate": 95,
        },
        {
            "$comment": "layout is chosen by what there is to show; here it is chosen by hand.",
            "id": "your-turn",
            "layout": "statement",
            "title": "Now it is your turn",
            "image_description": "The sentence 'Change one word and render again'.",
            "content": "Now it is your turn. Open the file, change *one word*, and render it again. Only the section "
            "you changed is made anew — everything else is already there.",
        },
    ],
}
