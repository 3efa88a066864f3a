"""Amounts of money as people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from video_assets.studio.calls.pricing import format_amount, format_upper_bound


@pytest.mark.parametrize("amount", ["1.76171", "0.00001", "1.7618", "0"])
def test_the_most_that_is_shown_will_do_as_a_limit(amount: str) -> None:
    """Who gives the amount that the estimate names as the limit would be stopped before the last picture."""
    most = Decimal(format_upper_bound(Decimal(amount), "EUR").split()[0])
    assert 0 <= most - Decimal(amount) < Decimal("0.0001")
    assert format_amount(Decimal("1.76171"), "EUR") == "1.7617 EUR"
