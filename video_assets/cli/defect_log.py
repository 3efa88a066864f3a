"""Writes the traceback of an internal error to a file in the state folder, or to the terminal with --verbose.

On the terminal it would hide the messages about all other lessons.
"""

from __future__ import annotations

import logging
import sys

from video_assets.project_paths import locate_project
from video_assets.studio.core.defects import LOG


def configure_defect_log(*, verbose: bool) -> None:
    """Send tracebacks of internal errors to `internal-errors.log` in the state folder, or to stderr if `verbose`."""
    LOG.propagate = False
    LOG.handlers[:] = [logging.StreamHandler() if verbose else _DefectLog()]


class _DefectLog(logging.Handler):
    """Appends to the file, and prints its path once."""

    announced = False

    def emit(self, record: logging.LogRecord) -> None:
        path = locate_project().state / "internal-errors.log"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as log:
                log.write(f"{self.format(record)}\n\n")
        except OSError as error:
            sys.stderr.write(f"lessonreel: cannot write the traceback to {path}: {error}. --verbose prints it here.\n")
            return
        if not self.announced:
            self.announced = True
            sys.stderr.write(f"lessonreel: an internal error. Its traceback is in {path}; --verbose prints it here.\n")
