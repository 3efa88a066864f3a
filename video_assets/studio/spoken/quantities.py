"""All rules for numbers, in the order in which they are tried.

Does not belong here: a rule.
"""

from __future__ import annotations

from video_assets.studio.spoken.languages.language import Language

from .angles import angle_rules
from .articles import article_rules
from .clocks import clock_rules
from .codes import code_rules
from .dates import date_rules, year_rules
from .money import money_rules
from .numbers import last_number_rules, plain_number_rules
from .passage import Rule, compiled
from .ranges import range_rules
from .scores import score_rules
from .units import unit_rules


def amount_rules(language: Language) -> tuple[Rule, ...]:
    """The rules that go before those for names, because letters are part of what they read: `km²`, `PM2.5`."""
    return compiled(
        [
            *date_rules(language),
            *code_rules(language),
            *clock_rules(language),
            *money_rules(language),
            *score_rules(language),
            *range_rules(language),
            *angle_rules(language),
            *unit_rules(language),
            *article_rules(language),
        ]
    )


def number_rules(language: Language) -> tuple[Rule, ...]:
    """The rules for numbers that are left."""
    return compiled([*plain_number_rules(language), *year_rules(language), *last_number_rules(language)])
