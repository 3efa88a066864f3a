"""The stage contexts as a Dagster resource, made from a project's folders.

Folders are not part of a run's configuration. So a run can be executed again in another folder or on another machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from video_assets.project_paths import ProjectPaths
from video_assets.studio.calls.context import CallServices, budget_of
from video_assets.studio.calls.pricing import read_prices
from video_assets.studio.pipeline.stage_context import StageContextFactory


def stage_contexts_resource(project_paths: ProjectPaths) -> dg.ResourceDefinition:
    """Store, slots, event logs, and the ledger of paid calls. Needs the resources `store` and `slots`."""

    @dg.resource(
        required_resource_keys={"store", "slots"},
        description="The tools of every step.",
        config_schema={
            "workers": dg.Field(
                int, is_required=False, description="Threads of a step at most; left out, one for each core."
            ),
            "most_cost": dg.Field(
                str, is_required=False, description='What paid calls of this run may cost together, as in "2.50".'
            ),
            "budget": dg.Field(
                str, is_required=False, description="Name of a budget that several runs share; left out, the run's id."
            ),
        },
    )
    def stage_contexts(context: dg.InitResourceContext) -> StageContextFactory:
        config = context.resource_config
        return StageContextFactory(
            context.resources.store,
            context.resources.slots,
            project_paths.event_logs,
            project_paths.fonts,
            config.get("workers") or None,
            _services(project_paths, context, config),
            project_paths.approvals,
            project_paths.choices,
            project_paths.state,
        )

    return stage_contexts


def _services(project_paths: ProjectPaths, context: dg.InitResourceContext, config: Mapping[str, Any]) -> CallServices:
    run = context.run.run_id if context.run else ""
    budget = budget_of(config.get("budget") or run, config.get("most_cost", ""))
    return CallServices(project_paths.calls, read_prices(project_paths.prices), budget)


def stage_contexts_config(*, sequential: bool, most_cost: str, budget: str) -> dict[str, Any]:
    """The resource configuration of a run: one thread if it is sequential, and its budget."""
    return {
        **({"workers": 1} if sequential else {}),
        **({"most_cost": most_cost, "budget": budget} if most_cost else {}),
    }


def folder_resource(folder: Path) -> dg.ResourceDefinition:
    """A folder, made if it is missing."""

    def made(_: dg.InitResourceContext) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    return dg.ResourceDefinition(made, description="A folder of this checkout.")
