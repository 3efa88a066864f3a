"""Providers described by data: a file in `data/providers` says where one listens, with which models and keys.

Belongs here: what such a file may hold, reading it, and finding a key when a call is made. Does not belong here:
asking (`openai_client.py` and the adapters), or prices (`data/prices.toml`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, ValidationError

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.values import FrozenModel
from video_assets.studio.speech.voices import Voice

from .key_source import key_from_file, key_from_variable

if TYPE_CHECKING:
    from video_assets.studio.calls.attempt import RetryPolicy
    from video_assets.studio.calls.rate_limiter import Account

NO_KEY = "none"
"""Sent where a server wants no key, as the client insists on one."""
_REMEDY = "docs/providers.md says what it may hold."


class AccountConfig(FrozenModel):
    """One account: where its key is, and what it may ask."""

    name: str = "main"
    key_variable: str = ""
    """The environment variable that holds the key."""
    key_file: str = ""
    """A file that holds the key and nothing else; `~` is your home."""
    requests_per_minute: Annotated[int, Field(ge=0)] = 0
    """0: not known to be bounded."""


class WritingSection(FrozenModel):
    """Who writes."""

    model: str
    api: Literal["responses", "chat"] = "responses"
    background: bool = False
    """Of `responses`: as a job that can be asked for again after a crash. The provider keeps the text meanwhile."""
    most_output_tokens: Annotated[int, Field(ge=256)] = 6000


class SpokenVoice(FrozenModel):
    """A voice of the provider."""

    id: str
    name: str = ""
    language: str = "mul"
    """BCP 47 tag; `mul` speaks whatever it is given."""
    gender: str = ""


class SpeechSection(FrozenModel):
    """Who speaks."""

    model: str
    voices: tuple[SpokenVoice, ...]
    format: Literal["wav", "flac", "mp3", "opus", "aac"] = "wav"
    speed: bool = True
    """Whether it follows `speed`; else we change the pace of what it says, without paying again."""
    instructions: bool = False
    """Whether it follows instructions on how to speak."""
    most_characters: Annotated[int, Field(ge=200)] = 3500
    """Of one request; longer narration is parted between sentences."""

    def voices_of(self, provider: str) -> tuple[Voice, ...]:
        """The voices that it lists, as those of the provider called `provider`."""
        return tuple(
            Voice(
                id=voice.id,
                name=voice.name or voice.id.capitalize(),
                language=voice.language,
                gender=voice.gender,
                provider=provider,
            )
            for voice in self.voices
        )


class PicturesSection(FrozenModel):
    """Who paints."""

    model: str
    sizes: tuple[str, ...] = ("1024x1024", "1536x1024", "1024x1536")
    quality: str = "medium"
    """What is asked for where the lesson does not choose; empty leaves it out."""
    qualities: tuple[str, ...] = ("low", "medium", "high")
    background: Literal["", "auto", "opaque", "transparent"] = "opaque"
    moderation: Literal["", "auto", "low"] = ""


class ProviderFile(FrozenModel):
    """A provider that speaks OpenAI's API."""

    kind: Literal["openai"] = "openai"
    url: str = "https://api.openai.com/v1"
    at_once: Annotated[int, Field(ge=1, le=512)] = 8
    """Calls that run at a time, of all runs: the pool's limit until it is changed in the UI."""
    accounts: tuple[AccountConfig, ...] = (AccountConfig(),)
    tries: Annotated[int, Field(ge=1, le=20)] = 8
    timeout_seconds: Annotated[int, Field(ge=1, le=3600)] = 180
    """Of one try."""
    patience_seconds: Annotated[int, Field(ge=1, le=86400)] = 900
    """How long new tries of a call are begun, waits for one's turn left out. One that was begun has all its time."""
    stand_in_after_seconds: Annotated[int, Field(ge=0, le=86400)] = 60
    """How long it may be out (eight failures in a row) until sections that have a stand-in are left to that."""
    first_wait_seconds: Annotated[float, Field(gt=0, le=60)] = 0.5
    writing: WritingSection | None = None
    speech: SpeechSection | None = None
    pictures: PicturesSection | None = None

    @property
    def retry_policy(self) -> RetryPolicy:
        """How long it is asked for one answer."""
        from video_assets.studio.calls.attempt import RetryPolicy

        return RetryPolicy(
            max_attempts=self.tries,
            total_timeout_seconds=self.patience_seconds,
            attempt_timeout_seconds=self.timeout_seconds,
            first_backoff_seconds=self.first_wait_seconds,
            fallback_after_seconds=self.stand_in_after_seconds,
        )

    @property
    def callers(self) -> tuple[Account, ...]:
        """Its accounts, as the owner of calls knows them."""
        from video_assets.studio.calls.rate_limiter import Account

        return tuple(Account(each.name, each.requests_per_minute) for each in self.accounts)


def read_providers(folder: Path) -> dict[str, ProviderFile]:
    """Every provider that a file in `folder` describes, by the file's stem. Raises SettingInvalid."""
    return {path.stem: read_provider(path) for path in sorted(folder.glob("*.toml"))}


def read_provider(path: Path) -> ProviderFile:
    """The provider in a file. Raises SettingInvalid that names the file and each key that is wrong."""
    try:
        provider = ProviderFile.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingInvalid(f"{path.name} is not TOML: {error}.", remedy=_REMEDY) from error
    except ValidationError as error:
        lines = [f"{path.name}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}." for fault in error.errors()]
        raise SettingInvalid("\n".join(lines), remedy=_REMEDY) from error
    names = [each.name for each in provider.accounts]
    if len(set(names)) < len(names) or not names:
        raise SettingInvalid(f"{path.name}: each account needs a name of its own.", remedy=_REMEDY)
    if not provider.url.startswith(("https://", "http://")):
        raise SettingInvalid(f"{path.name}: url: starts with neither https:// nor http://.", remedy=_REMEDY)
    return provider


def key_of(provider: str, account: AccountConfig, environ: Mapping[str, str] | None = None) -> str:
    """The account's key, looked up now; a placeholder where the file names none (a server of one's own wants none).

    Raises SettingInvalid where it is missing or cannot be a key. The key is in no message.
    """
    if account.key_variable:
        return key_from_variable(provider, account.key_variable, environ)
    if account.key_file:
        return key_from_file(provider, account.key_file)
    return NO_KEY
