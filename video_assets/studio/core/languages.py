"""Language tags (BCP 47): the parts that the program chooses tables, voices and rules by.

Does not belong here: a table for one purpose, such as the function words of a language or its ISO 639-2 code.
"""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=256)
def primary_subtag(tag: str) -> str:
    """The primary language subtag of a BCP 47 tag, in lower case: `de` of `de-AT`, `de_AT` and `DE`; "" of ""."""
    return tag.replace("_", "-").split("-")[0].lower()
