"""The definitions: what Dagster and its UI see of the project, before anything runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.workspace.load_target import ModuleTarget, WorkspaceFileTarget, get_target_from_toml_data

from jobs.runs.local_run import LOCATION, MODULE
from video_assets.definitions import ASSETS, build_defs, defs

REPOSITORY = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden" / "assets.json"


def test_definitions_load_with_an_empty_environment_and_touch_nothing(tmp_path: Path):
    """Somebody who opens the UI on a bare machine would see a traceback, or find folders where nothing was made."""
    script = (
        "import sys; from pathlib import Path; import video_assets.definitions as d; d.defs.get_repository_def();"
        "heavy = {'torch', 'openvino', 'safetensors', 'cv2', 'moviepy', 'pandas', 'typst', 'openai'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    made = {"data/store", "data/state", "data/videos"}
    before = {name for name in made if (REPOSITORY / name).exists()}
    ended = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:video_assets", "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == "[]", "heavy imports are paid by every step"
    assert list(tmp_path.iterdir()) == []
    assert {name for name in made if (REPOSITORY / name).exists()} == before


def _seen() -> dict[str, Any]:
    graph = defs.resolve_asset_graph()
    assets = {}
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        partitions = node.partitions_def
        assets[key.to_user_string()] = {
            "after": sorted(parent.to_user_string() for parent in node.parent_keys),
            "partitions": partitions.name if isinstance(partitions, dg.DynamicPartitionsDefinition) else None,
            "code_version": node.code_version,
            "group": node.group_name,
            "kinds": sorted(node.kinds),
            "checks": {
                check.name: check.blocking for check in node.assets_def.check_specs_by_output_name.values()
            },
        }  # fmt: skip
    return assets


def test_the_graph_is_as_agreed():
    """An archive's history would split in two when an asset, its partitions or its version change unnoticed.

    `LESSONREEL_WRITE_GOLDEN=1` writes the file anew, for a change that is meant.
    """
    if os.environ.get("LESSONREEL_WRITE_GOLDEN"):
        GOLDEN.write_text(json.dumps(_seen(), indent=1) + "\n", "utf-8")
    assert _seen() == json.loads(GOLDEN.read_text("utf-8"))


def test_every_asset_says_what_it_is():
    """A newcomer in the UI would see names without a word of what they are."""
    for asset in ASSETS:
        assert len(asset.descriptions_by_key[asset.key] or "") > 40, asset.key


def test_a_resource_can_be_replaced():
    """A school with its own voice would have to copy the project to use it."""
    mine = dg.ResourceDefinition.hardcoded_resource({})
    found = build_defs({"speech": mine}).get_repository_def().get_top_level_resources()
    assert (build_defs({"speech": mine}).resources or {})["speech"] is mine
    assert set(found) >= {"speech", "store", "stage_contexts"}


@pytest.mark.parametrize("table", ["dagster", "dg"])
def test_every_command_names_the_same_code_location(table: str, monkeypatch: pytest.MonkeyPatch):
    """A run that is launched by `dagster job launch` would fail in the UI: its location is not in the workspace."""
    monkeypatch.chdir(REPOSITORY)
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    tool = {"tool": {table: project["tool"][table]}}
    target = get_target_from_toml_data(tool)
    assert isinstance(target, ModuleTarget)
    (workspace,) = WorkspaceFileTarget([str(REPOSITORY / "workspace.yaml")]).create_origins()
    assert (target.module_name, target.location_name) == (MODULE, LOCATION) == (MODULE, workspace.location_name)


def test_a_fresh_clone_needs_no_environment(tmp_path: Path):
    """`dg check defs`, typed right after the clone, would end with a traceback about an environment variable."""
    script = (
        "import dagster as dg; instance = dg.DagsterInstance.from_config(sys.argv[1]);"
        "print(instance.get_runs_count(), instance.storage_directory())"
    )
    ended = subprocess.run(
        [sys.executable, "-c", f"import sys; {script}", str(REPOSITORY)],
        cwd=tmp_path,
        env={"PYTHONPATH": str(REPOSITORY), "LESSONREEL_ROOT": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split() == ["0", str(tmp_path / "data" / "state" / "storage")]
