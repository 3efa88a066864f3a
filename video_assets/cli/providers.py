"""`lessonreel providers`: lists the configured providers, and asks their servers."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from resources.provider_check import ServerCheck, check_servers
from resources.provider_file import read_providers
from resources.provider_list import ConfiguredModel, configured_models, near_ends
from resources.retirements import read_retirements
from video_assets.project_paths import ProjectPaths
from video_assets.studio.calls.pricing import read_prices
from video_assets.studio.core.lookup import lookup

OK, FAILED = 0, 1
_PIPE_WIDTH = 240


def providers(project_paths: ProjectPaths, names: Sequence[str], output_format: str, *, ask: bool) -> int:
    """Print the configured models of the providers `names`; of all, if it is empty.

    With `ask`, their servers are asked, and the result is 1 if a call of one of them would fail.
    """
    known, prices = read_providers(project_paths.providers), read_prices(project_paths.prices)
    files = {name: lookup(known, name, "provider") for name in names} or known
    models = configured_models(files, prices, read_retirements(project_paths.retirements), os.environ)
    today = datetime.now(UTC).date()
    checks = check_servers(files, os.environ, today) if ask else ()
    if output_format == "json":
        sys.stdout.write(json.dumps(_plain(models, checks, today), indent=2, ensure_ascii=False) + "\n")
    else:
        _print(models, checks, today)
    return FAILED if any(check.failed for check in checks) else OK


def _plain(models: Sequence[ConfiguredModel], checks: Sequence[ServerCheck], today: date) -> dict[str, Any]:
    listed = [
        {**each.model_dump(mode="json"), "retirement": _retirement(each, today)}  # always there, for programs
        for each in models
    ]
    return {"models": listed, "checks": [{**each.model_dump(mode="json"), "failed": each.failed} for each in checks]}


def _retirement(model: ConfiguredModel, today: date) -> dict[str, Any] | None:
    if model.retirement is None:
        return None
    return {**model.retirement.model_dump(mode="json"), "has_ended": model.retirement.has_ended(today)}


def _print(models: Sequence[ConfiguredModel], checks: Sequence[ServerCheck], today: date) -> None:
    console = Console()
    if not console.is_terminal:
        # In a pipe every row stays on one line, for grep and cut.
        console = Console(width=_PIPE_WIDTH)
    if not models:
        console.print("No provider is configured: data/providers has no file.", markup=False)
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("provider", "work", "model", "server", "key", "price", "shut down"):
        table.add_column(heading)
    for each in models:
        end = str(each.retirement.shut_down) if each.retirement else ""
        table.add_row(each.provider, each.kind, each.model, each.server, each.key, each.price, end)
    console.print(table, markup=False, highlight=False)
    dates = sorted({each.prices_of for each in models if each.prices_of})
    if dates:
        _line(console, f"Prices of {', '.join(dates)} (data/prices.toml). The provider's bill may differ.")
    for each in near_ends(tuple(models), today):
        assert each.retirement is not None
        _line(console, f"{each.provider}: warning: {each.retirement.message(today)}. {each.retirement.remedy}")
    for check in checks:
        for finding in check.findings:
            _line(console, f"{check.provider}: {finding.severity}: {finding.text}.")


def _line(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
