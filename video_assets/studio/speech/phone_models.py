"""Models of one speaker's phonemes, learnt from one recording and a first alignment of it.

Every half of a phoneme is a Gaussian over mel cepstra; all share one covariance (linear discriminant analysis). A
phoneme that the recording has too little of is drawn to that of the reference voice, mapped to the speaker by a
regression over the other phonemes. So the models fit a voice of any timbre, language and microphone.

Does not belong here: the search for the words (`word_search.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from video_assets.studio.core.lazy_import import lazy_import

from .provider import SpeechTimes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Frames = NDArray[np.float32]
    Labels = NDArray[np.int64]
else:
    np = lazy_import("numpy")

FRAMES_PER_SECOND = 100
NO_CLASS = -1
"""The label of a frame of silence."""
WORST = -12.0
"""The lowest log likelihood of a frame, relative to the best class. A cough would otherwise outweigh a word."""
_PRIOR_FRAMES = 8.0
"""The weight of the reference voice in each class, in frames."""
_RIDGE = 10.0
_VARIANCE_SHARE = 0.1
"""The part of the covariance that is taken from its diagonal, because a short recording says little of the rest."""


class PhoneClasses(NamedTuple):
    """The classes of one text: the halves of its phonemes, class 2n and 2n + 1 for phoneme n."""

    phones: tuple[str, ...]

    def of(self, phone: str) -> int:
        """The class of the first half of `phone`."""
        return 2 * self.phones.index(phone)

    @property
    def total(self) -> int:
        """The number of classes."""
        return 2 * len(self.phones)


def phone_classes(times: SpeechTimes) -> PhoneClasses:
    """The classes of the phonemes that occur in `times`."""
    return PhoneClasses(tuple(sorted({phone.phone for phone in times.phones if phone.phone})))


def frame_labels(times: SpeechTimes, classes: PhoneClasses, frames: int) -> Labels:
    """The class of each of `frames` frames by the times of the phonemes."""
    labels = np.full(frames, NO_CLASS)
    for phone in times.phones:
        if not phone.phone:
            continue
        start, end = (at * FRAMES_PER_SECOND / times.rate_hz for at in (phone.start, phone.end))
        first, last = min(frames - 1, round(start)), min(frames, max(round(start) + 1, round(end)))
        middle = (first + last + 1) // 2
        labels[first:middle] = classes.of(phone.phone)
        labels[middle:last] = classes.of(phone.phone) + 1
    return labels


def likelihoods(frames: Frames, labels: Labels, usual: Frames, usual_labels: Labels, count: int) -> Frames:
    """For each frame of `frames` the log likelihood of each of `count` classes, relative to the best: WORST to 0.

    `labels` say what each frame is thought to be. `usual` are the frames of the reference voice, with true labels.
    """
    sums, counts = _sums(frames, labels, count)
    usual_sums, usual_counts = _sums(usual, usual_labels, count)
    usual_means = usual_sums / np.maximum(1, usual_counts)[:, None]
    mapped = _mapped(usual_means, sums, counts)
    means = (sums + _PRIOR_FRAMES * mapped) / (counts + _PRIOR_FRAMES)[:, None]
    root = _whitening(frames, labels, means, usual, usual_labels, usual_means)
    white, centres = frames @ root, means @ root
    squares = (white**2).sum(axis=1)[:, None] - 2 * white @ centres.T + (centres**2).sum(axis=1)[None]
    found = -0.5 * squares
    return np.clip(found - found.max(axis=1, keepdims=True), WORST, 0).astype(np.float32)


def _sums(frames: Frames, labels: Labels, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    sums, known = np.zeros((count, frames.shape[1])), labels >= 0
    np.add.at(sums, labels[known], frames[known])
    return sums, np.bincount(labels[known], minlength=count).astype(np.float64)


def _mapped(
    usual_means: NDArray[np.float64], sums: NDArray[np.float64], counts: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The reference's classes as this speaker would say them: a ridge regression, drawn to no change at all."""
    present = counts > 0
    if not present.any():
        return usual_means
    weights = np.minimum(counts[present], 30.0)
    inputs = np.hstack([usual_means[present], np.ones((int(present.sum()), 1))])
    change = sums[present] / counts[present][:, None] - usual_means[present]
    weighted = inputs * weights[:, None]
    size = inputs.shape[1]
    strength = _RIDGE * weights.mean() * np.diag(np.append(np.ones(size - 1), 0.1))
    slopes = np.linalg.solve(inputs.T @ weighted + strength, weighted.T @ change)
    return usual_means + np.hstack([usual_means, np.ones((len(usual_means), 1))]) @ slopes


def _whitening(
    frames: Frames,
    labels: Labels,
    means: NDArray[np.float64],
    usual: Frames,
    usual_labels: Labels,
    usual_means: NDArray[np.float64],
) -> NDArray[np.float64]:
    known, usual_known = labels >= 0, usual_labels >= 0
    off = frames[known] - means[labels[known]]
    usual_off = usual[usual_known] - usual_means[usual_labels[usual_known]]
    shared = (off.T @ off + 0.3 * usual_off.T @ usual_off) / max(1.0, len(off) + 0.3 * len(usual_off))
    shared = (1 - _VARIANCE_SHARE) * shared + _VARIANCE_SHARE * np.diag(np.diag(shared))
    values, vectors = np.linalg.eigh(shared)
    return vectors / np.sqrt(np.maximum(values, 1e-6))
