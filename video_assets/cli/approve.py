"""`lessonreel approve`: let lessons that wait for a review be spoken and filmed."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from video_assets.checkout import Checkout
from video_assets.studio import approvals
from video_assets.studio.store import LocalStore

OK = 0


def approve(checkout: Checkout, keys: Sequence[str]) -> int:
    """Approve the newest script and pictures of each lesson. Raises SettingInvalid for the first that has none."""
    store = LocalStore(checkout.store)
    for key in keys:
        approvals.approve(checkout.approvals, checkout.manifests, store, key)
        sys.stdout.write(f"{key} is approved. The next render makes its film.\n")
    return OK
