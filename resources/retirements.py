"""The list of models that are shut down (`data/retirements.toml`), and which of them the provider files name.

Does not belong here: the warning (`video_assets/studio/choices/retirement.py`), or the dates that servers tell
(`provider_check.py`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from video_assets.studio.choices.retirement import ModelRetirement, Retirements
from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.values import FrozenModel

from .provider_file import ProviderFile

_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")
"""`gpt-5-mini-2025-08-07` is a snapshot of `gpt-5-mini`, and ends with it."""


class ModelEnd(FrozenModel):
    """When a model ends, and what follows it."""

    shut_down: date
    successor: str = ""


class Maker(FrozenModel):
    """A maker of models: the host of its API, and the prefix of its models at gateways."""

    host: str
    prefix: str = ""
    source: str = ""
    models: dict[str, ModelEnd]


class RetirementList(FrozenModel):
    """The list, and the day when it was looked up."""

    date: str = ""
    makers: tuple[Maker, ...] = ()

    def end_of(self, url: str, model: str) -> ModelRetirement | None:
        """The end of `model` at the server `url`, if the list has it."""
        for maker in self.makers:
            name = _own_name(maker, urlsplit(url).hostname or "", model)
            end = maker.models.get(name) or maker.models.get(_SNAPSHOT.sub("", name))
            if end is not None:
                return ModelRetirement(
                    model=model, shut_down=end.shut_down, successor=end.successor, source=maker.source
                )
        return None


def _own_name(maker: Maker, host: str, model: str) -> str:
    """The name of `model` at its maker; "" if it is another's."""
    if host == maker.host or host.endswith(f".{maker.host}"):
        return model
    return model.removeprefix(maker.prefix) if maker.prefix and model.startswith(maker.prefix) else ""


def read_retirements(path: Path) -> RetirementList:
    """The list in the file `path`; an empty one if there is no file. Raises SettingInvalid."""
    try:
        return RetirementList.model_validate(tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return RetirementList()
    except (tomllib.TOMLDecodeError, ValidationError, UnicodeDecodeError) as error:
        raise SettingInvalid(
            f"The list {path.name} cannot be read: {' '.join(str(error).split())[:300]}.",
            remedy="Correct it. docs/providers.md describes its format.",
        ) from error


def models_of(file: ProviderFile) -> Iterator[tuple[str, str]]:
    """The kinds of work of a provider, each with its model."""
    for kind, section in (("writing", file.writing), ("speech", file.speech), ("pictures", file.pictures)):
        if section is not None:
            yield kind, section.model


def retirements_of(files: Mapping[str, ProviderFile], listed: RetirementList) -> Retirements:
    """The ends of the models that the provider files name."""
    return {
        (name, kind): end
        for name, file in files.items()
        for kind, model in models_of(file)
        if (end := listed.end_of(file.url, model)) is not None
    }
