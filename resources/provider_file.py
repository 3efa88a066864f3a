"""The files in `data/providers`: the address, models and accounts of a provider.

Does not belong here: requests (`openai_client.py` and the adapters), or prices (`data/prices.toml`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator

from video_assets.studio.core.errors import SettingInvalid
from video_assets.studio.core.values import FrozenModel, canonical_json
from video_assets.studio.speech.voices import Voice

from .key_source import key_from_file, key_from_variable

if TYPE_CHECKING:
    from video_assets.studio.calls.attempt import RetryPolicy
    from video_assets.studio.calls.rate_limiter import Account

NO_KEY = "none"
"""Sent to a server that needs no key, because the client requires one."""
_REMEDY = "docs/providers.md lists its keys."


class AccountConfig(FrozenModel):
    """One account: the place of its key, and its rate limit."""

    name: str = "main"
    key_variable: str = ""
    """The environment variable that holds the key."""
    key_file: str = ""
    """A file that holds the key and nothing else; `~` is your home."""
    requests_per_minute: Annotated[int, Field(ge=0)] = 0
    """0: no limit is known."""


class _ModelSection(FrozenModel):
    """What the sections of all kinds of work have."""

    model: str
    extra: dict[str, Any] = Field(default_factory=dict)
    """Further fields of each request, as the server knows them. They are part of what a result is made from."""

    @field_validator("extra")
    @classmethod
    def _leaves_our_fields_alone(cls, extra: dict[str, Any]) -> dict[str, Any]:
        if taken := sorted(_OUR_FIELDS & set(extra)):
            raise ValueError(f"{', '.join(taken)} cannot be set here, because lessonreel sets it itself")
        return extra

    @property
    def extra_identity(self) -> dict[str, str]:
        """The further fields as a part of an identity; empty without any."""
        return {"extra": canonical_json(self.extra).decode("utf-8")} if self.extra else {}


_OUR_FIELDS = frozenset(
    {"model", "messages", "input", "prompt", "voice", "response_format", "speed", "n", "size", "stream", "text"}
    | {"background", "instructions", "store", "max_output_tokens", "max_completion_tokens"}
)


class WritingSection(_ModelSection):
    """The model that writes texts."""

    api: Literal["responses", "chat"] = "responses"
    background: bool = False
    """For `responses`: as a job that can be polled after a crash. The provider keeps the text until then."""
    most_output_tokens: Annotated[int, Field(ge=256)] = 6000


class SpokenVoice(FrozenModel):
    """A voice of the provider."""

    id: str
    name: str = ""
    language: str = "mul"
    """BCP 47 tag; `mul` for a voice that speaks any language."""
    gender: str = ""


class SpeechSection(_ModelSection):
    """The model that speaks."""

    voices: tuple[SpokenVoice, ...]
    format: Literal["wav", "flac", "mp3", "opus", "aac"] = "wav"
    speed: bool = True
    """Whether it follows `speed`. Else the pace is changed on our side, without another payment."""
    instructions: bool = False
    """Whether it follows instructions on how to speak."""
    most_characters: Annotated[int, Field(ge=200)] = 3500
    """Of one request. Longer narration is split between sentences."""
    times: Literal["", "kokoro"] = ""
    """`kokoro`: the server gives the times of words (`POST /dev/captioned_speech`). Else alignment finds them."""

    def voices_of(self, provider: str) -> tuple[Voice, ...]:
        """The listed voices, as voices of the provider `provider`."""
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


class PicturesSection(_ModelSection):
    """The model that paints."""

    sizes: tuple[str, ...] = ("1024x1024", "1536x1024", "1024x1536")
    quality: str = "medium"
    """The default if the lesson does not choose; empty: not sent."""
    qualities: tuple[str, ...] = ("low", "medium", "high")
    background: Literal["", "auto", "opaque", "transparent"] = "opaque"
    moderation: Literal["", "auto", "low"] = ""
    response_format: Literal["auto", "", "b64_json", "url"] = "auto"
    """How the server hands out pictures; empty: not sent. `auto` is `b64_json`, but for OpenAI's models, which refuse
    the field and always answer with the picture itself."""

    @property
    def requested_format(self) -> str:
        """The `response_format` of requests; empty: not sent."""
        if self.response_format != "auto":
            return self.response_format
        return "" if self.model.startswith(("gpt-image", "chatgpt-image")) else "b64_json"


class ProviderFile(FrozenModel):
    """A provider with OpenAI's API."""

    kind: Literal["openai"] = "openai"
    url: str = "https://api.openai.com/v1"
    at_once: Annotated[int, Field(ge=1, le=512)] = 8
    """Concurrent calls of all runs: the pool's limit until it is changed in the UI."""
    accounts: tuple[AccountConfig, ...] = (AccountConfig(),)
    tries: Annotated[int, Field(ge=1, le=20)] = 8
    timeout_seconds: Annotated[int, Field(ge=1, le=3600)] = 180
    """Of one attempt."""
    patience_seconds: Annotated[int, Field(ge=1, le=86400)] = 900
    """How long new attempts of a call may start, without waits for a slot or the rate limit. An attempt always has its
    full timeout."""
    stand_in_after_seconds: Annotated[int, Field(ge=0, le=86400)] = 60
    """The length of an outage (eight failures in a row) after which sections with a fallback go to it."""
    first_wait_seconds: Annotated[float, Field(gt=0, le=60)] = 0.5
    writing: WritingSection | None = None
    speech: SpeechSection | None = None
    pictures: PicturesSection | None = None

    @property
    def retry_policy(self) -> RetryPolicy:
        """The retry policy of its calls."""
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
        """Its accounts, for the rate limiter."""
        from video_assets.studio.calls.rate_limiter import Account

        return tuple(Account(each.name, each.requests_per_minute) for each in self.accounts)


def read_providers(folder: Path) -> dict[str, ProviderFile]:
    """The providers of the files in `folder`, by the file's stem. Raises SettingInvalid."""
    return {path.stem: read_provider(path) for path in sorted(folder.glob("*.toml"))}


def read_provider(path: Path) -> ProviderFile:
    """The provider in a file. Raises SettingInvalid, which names the file and each wrong key."""
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
    """The account's key, looked up now; a placeholder if the file names none (a local server needs none).

    Raises SettingInvalid if it is missing or cannot be a key. The key is in no message.
    """
    if account.key_variable:
        return key_from_variable(provider, account.key_variable, environ)
    if account.key_file:
        return key_from_file(provider, account.key_file)
    return NO_KEY
