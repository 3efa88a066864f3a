"""The voices of hibari-tts, and whether its package is the one that lessonreel was made for.

This module loads neither the package nor its runtime, so that lists of voices and checks of a lesson are quick.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import metadata, util
from pathlib import Path
from typing import NamedTuple

from video_assets.studio.core.errors import Rejected
from video_assets.studio.speech.voices import Voice

from .espeak_letters import unread_letters

NAME = "hibari"
PACKAGE_VERSION, RUNTIME_VERSION = "0.2.1", "1.32.0"
"""hibari-tts and onnxruntime, as constraints.txt pins them."""
REINSTALL = f"Install the packages of constraints.txt again (hibari-tts {PACKAGE_VERSION}); `make setup` does it."


class HibariWeights(NamedTuple):
    """The weights of one voice: a file with a known content."""

    id: str
    name: str
    language: str
    gender: str
    file: str
    sha256: str

    @property
    def british(self) -> bool:
        """Whether words are read as in British English."""
        return self.language == "en-GB"

    @property
    def voice(self) -> Voice:
        """The voice that lessons choose."""
        return Voice(id=self.id, name=self.name, language=self.language, gender=self.gender, provider=NAME)


BUNDLED = HibariWeights(
    "heart", "Heart", "en-US", "female", "hibari.onnx",
    "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8",
)  # fmt: skip
"""The voice whose weights are in the package."""
USER_WEIGHTS = (
    HibariWeights("kore", "Kore", "en-US", "female", "af_kore.int8.onnx",
                  "346885752673e45d42f9864c9e2432094bc4b6385df060d4b83273da764d2fa9"),
    HibariWeights("fenrir", "Fenrir", "en-US", "male", "am_fenrir_v2.int8.onnx",
                  "f59fbd87908c91f827bc21b1b89443757b9a8580db9eee20aa948deb731321f4"),
    HibariWeights("bf-emma", "Emma of Hibari", "en-GB", "female", "bf_emma.int8.onnx",
                  "f709f0488ee63b583a22189a955aaf4257b9806dd330be3490661e53af0a89c1"),
    HibariWeights("fable", "Fable", "en-GB", "male", "bm_fable.int8.onnx",
                  "c28529302f2d27cd12f62625c24425888c4e3c2675583100ec530259136b8bc6"),
)  # fmt: skip
"""The other voices that the package knows. It contains no weights of them; a user may add the files."""


class HibariVoices:
    """The bundled voice, and those whose weights lie in `folder`.

    `assets` is the folder with the package's data; that of the installed package by default.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        user_weights: Sequence[HibariWeights] = USER_WEIGHTS,
        assets: Path | None = None,
    ) -> None:
        self._folder = folder
        self._user_weights = tuple(user_weights)
        self._assets = assets
        self._checked: dict[str, tuple[int, int]] = {}

    def voices(self) -> tuple[Voice, ...]:
        """See VoiceSource. The bundled voice is listed even if its package is missing: `fault` says so."""
        return tuple(each.voice for each in (BUNDLED, *self._supplied()))

    def weights_of(self, voice: str) -> HibariWeights:
        """The weights of a voice of `voices`, by its id."""
        return next(each for each in (BUNDLED, *self._supplied()) if each.id == voice)

    def path_of(self, weights: HibariWeights) -> Path:
        """Where the file of the weights should be."""
        if weights == BUNDLED or self._folder is None:
            return self.assets / weights.file
        return self._folder / weights.file

    @property
    def assets(self) -> Path:
        """The folder with the data of the package. Raises Rejected if the package is not installed."""
        if self._assets is not None:
            return self._assets
        spec = util.find_spec("hibari")
        if spec is None or spec.origin is None:
            raise Rejected("The voice hibari is not installed.", remedy=REINSTALL)
        return Path(spec.origin).parent / "assets"

    def model(self, weights: HibariWeights) -> bytes:
        """The verified file of the weights. Raises Rejected if it cannot be used, with the reason."""
        self._check_packages()
        path = self.path_of(weights)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise Rejected(
                f"The weights of the voice {weights.name} cannot be read ({path.name}: {error.strerror}).",
                remedy=REINSTALL,
            ) from error
        found = hashlib.sha256(data).hexdigest()
        if found != weights.sha256:
            raise Rejected(
                f"The weights of the voice {weights.name} ({path.name}) are not the known ones: SHA-256 {found[:12]}… "
                f"instead of {weights.sha256[:12]}….",
                remedy=REINSTALL if weights == BUNDLED else "Copy the file again, or remove it.",
            )
        return data

    def unsayable(self, word: str, voice: Voice) -> str:
        """See VoiceSource. The front end drops what is not Latin, as espeak-ng's English voice spells it."""
        return unread_letters(word, voice.language)

    def fault(self, voice: str) -> str:
        """See VoiceSource. Reads the file of the voice."""
        try:
            weights = self.weights_of(voice)
            self._check_packages()
            self._check_content(weights)
        except Rejected as error:
            return error.message
        return ""

    def _check_content(self, weights: HibariWeights) -> None:
        """As `model`, but a file that has not changed since is not read again: one check serves an archive."""
        try:
            status = self.path_of(weights).stat()
        except OSError:
            self.model(weights)
            return
        stamp = (status.st_mtime_ns, status.st_size)
        if self._checked.get(weights.id) != stamp:
            self.model(weights)
            self._checked[weights.id] = stamp

    def _check_packages(self) -> None:
        for package, wanted in (("hibari-tts", PACKAGE_VERSION), ("onnxruntime", "")):
            found = _installed(package)
            if not found:
                raise Rejected(f"The voice hibari cannot speak: {package} is not installed.", remedy=REINSTALL)
            if wanted and found != wanted:
                raise Rejected(
                    f"The voice hibari cannot speak: {package} {found} is installed, and {wanted} was tested.",
                    remedy=REINSTALL,
                )

    def _supplied(self) -> tuple[HibariWeights, ...]:
        if self._folder is None:
            return ()
        return tuple(each for each in self._user_weights if (self._folder / each.file).is_file())


def runtime_version() -> str:
    """The version of onnxruntime that speaks, or would speak if it were installed."""
    return _installed("onnxruntime") or RUNTIME_VERSION


@cache
def _installed(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
