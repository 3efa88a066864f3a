"""Dagster's storage classes, with their files in the state folder of this project.

dagster.yaml names these classes, because Dagster's own would need an environment variable there. In a fresh clone,
before `make` has written `.env`, `dg check defs` would then end with a traceback about that variable.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from video_assets.dagster_internals import ConfigurableClassData, DagsterSqliteStorage, LocalArtifactStorage
from video_assets.project_paths import state_folder


class CheckoutSqliteStorage(DagsterSqliteStorage):
    """Dagster's SQLite storage in the state folder."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """See ConfigurableClass."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]) -> Self:  # type: ignore[override]
        """See ConfigurableClass."""
        return cls.from_local(base_dir=str(state_folder()), inst_data=inst_data)


class CheckoutArtifactStorage(LocalArtifactStorage):
    """Dagster's file storage in the state folder."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """See ConfigurableClass."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> Self:  # type: ignore[override]
        """See ConfigurableClass."""
        return cls(base_dir=str(state_folder()), inst_data=inst_data)
