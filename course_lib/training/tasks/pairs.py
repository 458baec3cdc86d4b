"""The tasks of masking models: spectra of a noisy or mixed sound in, those of the wanted one out."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from course_lib.audio.magnitude_phase import MagnitudePhase
from course_lib.training.tasks.exhibit import Exhibit
from course_lib.training.tasks.task import Task

HELD_OUT_SEED = 1


class Source(Protocol):
    """What makes pairs, such as :class:`course_lib.data.noisy_pairs.NoisyPairs`."""

    n_fft: int
    hop_length: int

    def __len__(self) -> int: ...

    @property
    def shape(self) -> tuple[int, int]: ...

    def batch(self, rows: np.ndarray, rng: np.random.Generator) -> tuple[Any, Any]: ...


class Pairs(Task):
    """Fresh pairs in every batch; the held-out ones are made once, by other speakers.

    Parameters
    ----------
    train, held_out : Source
    held_out_examples : int
    n_samples : int
        Samples of the clips that are heard.
    exhibit : Exhibit
    facts : dict
    """

    def __init__(
        self,
        train: Source,
        held_out: Source,
        *,
        held_out_examples: int,
        n_samples: int,
        exhibit: Exhibit,
        facts: dict[str, Any],
    ):
        self.source = train
        self.shape = train.shape
        self.size = len(train)
        # Exact both ways: nothing is lost but by the model. It says how a run's sound is to be read.
        self.representation = MagnitudePhase(
            n_samples=n_samples, n_fft=train.n_fft, hop_length=train.hop_length
        )
        self.facts = facts | {"representation": self.representation.config}
        rng = np.random.default_rng(HELD_OUT_SEED)
        rows = rng.permutation(len(held_out))[: min(held_out_examples, len(held_out))]
        self._held_out = held_out.batch(rows, rng)
        self._exhibit = exhibit

    def batch(self, rows, rng):
        return self.source.batch(rows, rng)

    def held_out(self):
        return self._held_out

    def exhibit(self):
        return self._exhibit
