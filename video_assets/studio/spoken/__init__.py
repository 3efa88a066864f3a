"""Text normalisation: makes the text for the voice from the author's narration.

A narration passes `markup` (the visible text and its style), `tokens` (the words of captions) and `reading` (the spoken
words). `reading` applies the rules of `names`, `numbers`, `maths` and `words`. The words of each language are in the
tables of that language.
"""
