"""Where the traceback of an internal error goes: to a file of the checkout, or to the terminal with --verbose.

On the screen it would bury the messages about all other lessons.
"""

from __future__ import annotations

import logging
import sys

from video_assets.checkout import this_checkout
from video_assets.studio.defects import LOG


def log_defects(*, verbose: bool) -> None:
    """Write tracebacks of internal errors to `internal-errors.log` in the state folder, or show them if `verbose`."""
    LOG.propagate = False
    LOG.handlers[:] = [logging.StreamHandler() if verbose else _DefectLog()]


class _DefectLog(logging.Handler):
    """Appends to the file, and says once where it is."""

    told = False

    def emit(self, record: logging.LogRecord) -> None:
        path = this_checkout().state / "internal-errors.log"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as log:
                log.write(f"{self.format(record)}\n\n")
        except OSError as error:
            sys.stderr.write(f"lessonreel: the traceback cannot be kept ({error}); --verbose shows it.\n")
            return
        if not self.told:
            self.told = True
            sys.stderr.write(f"lessonreel: an internal error; its traceback is in {path}. --verbose shows it here.\n")
