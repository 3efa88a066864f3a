"""What the voice is given, made from what the author wrote.

A narration passes `markup` (what is seen, how it is said), `tokens` (what captions show) and `reading` (what is said),
which asks the rules of `names`, `numbers`, `maths` and `words`; every word of every language lies in that language's
table. Belongs here: all knowledge of how text is read aloud. Does not belong here: the script's values, and sound.
"""
