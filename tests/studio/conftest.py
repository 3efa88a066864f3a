"""Fixtures for tests of the studio. A test requests them by name; none is automatic."""

from __future__ import annotations

from pathlib import Path

import pytest

from resources.catalogue import lip_engines
from tests.kit.studio import Studio
from tests.lip_service import LipService
from tests.portraits import Portraits


@pytest.fixture(scope="session")
def studio_in() -> type[Studio]:
    """Makes a studio in a folder."""
    return Studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """An empty studio."""
    return Studio(tmp_path)


@pytest.fixture
def hosted(studio: Studio, portraits_in: type[Portraits], service: LipService) -> Studio:
    """The studio, with a presenter whose lips a service makes."""
    (studio.root / "engines").mkdir()
    (studio.root / "engines" / "hosted.toml").write_text(
        f'kind = "http"\nversion = "1"\nlicence = "a test\'s"\nurl = "{service.url}"\n'
    )
    portraits = portraits_in(studio.root / "portraits")
    portraits.write("noor", lips={"engine": "hosted"})
    engines = lip_engines(studio.root / "weights", studio.root / "engines")
    studio.players["photographed"] = portraits.provider(hosted=engines["hosted"])
    studio.write([studio.lamp, studio.battery])
    return studio
