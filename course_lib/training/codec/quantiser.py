"""Latent numbers to symbols of a finite alphabet and back."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from course_lib.training.codec.code_table import CodeTable
from course_lib.training.codec.errors import CodecError

# Beyond eight bits a number nobody hears a difference, and tables become large.
LEAST_BITS, MOST_BITS = 0.25, 8
# Of the probability, this part is spread beyond what the training clips showed: a new voice is not theirs.
SURPRISE = 0.03


class Quantiser:
    """Groups of latent numbers, each of which becomes one codeword of its group.

    A file of the format :mod:`course_lib.training.codec.latent_file` holds symbols; this says what they mean
    and, by its tables, what each costs.

    Parameters
    ----------
    codewords : list of np.ndarray, each of shape (words, numbers of the group), float32
        In the unit of the latents.
    tables : list of CodeTable
        How often each word is expected.
    order : np.ndarray, shape (latent_dim,), integers
        The latent numbers in the order of the groups: the first group has the first of them, and so on.
    scale : np.ndarray, shape (latent_dim,), float32
        What one unit of each latent number counts in the choice of the nearest word.
    bits : float
        As asked for.
    """

    kind: ClassVar[str]

    def __init__(self, codewords, tables, order, scale, bits: float):
        self.codewords = [np.asarray(words, np.float32) for words in codewords]
        self.tables = list(tables)
        self.order = np.asarray(order, np.int64)
        self.scale = np.asarray(scale, np.float32)
        self.bits = float(bits)
        stops = np.cumsum([words.shape[1] for words in self.codewords])
        if len(self.tables) != len(self.codewords) or (len(stops) and stops[-1] != len(self.order)):
            raise ValueError("codewords, tables and order belong to different latents")
        self._groups = np.split(self.order, stops[:-1])

    @property
    def latent_dim(self) -> int:
        """Numbers of one latent."""
        return len(self.order)

    @property
    def expected_bits(self) -> float:
        """Bits a clip, if clips come as those of the training."""
        return sum(table.entropy for table in self.tables)

    def quantise(self, latents: np.ndarray) -> np.ndarray:
        """Symbols of the nearest codewords: (clips, latent_dim) -> (clips, groups), int64."""
        latents = self._checked(latents)
        symbols = [
            _nearest(latents[:, group] * self.scale[group], words * self.scale[group])
            for group, words in zip(self._groups, self.codewords, strict=True)
        ]
        return np.stack(symbols, axis=1)

    def _checked(self, latents: np.ndarray) -> np.ndarray:
        latents = np.asarray(latents, np.float32)
        if latents.ndim != 2 or latents.shape[1] != self.latent_dim:
            raise ValueError(
                f"expected latents of shape (clips, {self.latent_dim}); received {latents.shape}"
            )
        return latents

    def restore(self, symbols: np.ndarray) -> np.ndarray:
        """The codewords of symbols: (clips, groups) -> (clips, latent_dim), float32."""
        symbols = np.asarray(symbols)
        latents = np.empty((len(symbols), self.latent_dim), np.float32)
        for column, (group, words) in enumerate(zip(self._groups, self.codewords, strict=True)):
            latents[:, group] = words[symbols[:, column]]
        return latents

    def arrays(self) -> dict[str, np.ndarray]:
        """All of it, for a file."""
        words = {f"codewords_{number:04d}": words for number, words in enumerate(self.codewords)}
        counts = {f"counts_{number:04d}": table.counts for number, table in enumerate(self.tables)}
        rest = {"order": self.order, "scale": self.scale, "bits": np.float64(self.bits)}
        return words | counts | rest

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> Quantiser:
        """The quantiser that gave :meth:`arrays`."""
        return cls(**parts_of(arrays))


def parts_of(arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """What every kind of quantiser keeps, as arguments."""
    groups = sum(name.startswith("codewords_") for name in arrays)
    return {
        "codewords": [arrays[f"codewords_{number:04d}"] for number in range(groups)],
        "tables": [CodeTable(arrays[f"counts_{number:04d}"]) for number in range(groups)],
        "order": arrays["order"],
        "scale": arrays["scale"],
        "bits": float(arrays["bits"]),
    }


def check_bits(bits: float) -> float:
    """``bits`` as a file can name them: to a sixteenth, from 0.25 to 8.

    Raises
    ------
    CodecError
        Out of range.
    """
    if not LEAST_BITS <= bits <= MOST_BITS:
        raise CodecError(f"bits must lie between {LEAST_BITS} and {MOST_BITS}; received {bits:g}")
    return round(16 * bits) / 16


def check_fit(latents: np.ndarray, weight: np.ndarray, bits: float) -> tuple[np.ndarray, np.ndarray]:
    """Latents of training clips and what each number counts, ready to fit a quantiser to."""
    latents, weight = np.asarray(latents, np.float64), np.asarray(weight, np.float64)
    if latents.ndim != 2 or len(latents) < 2:
        raise ValueError(f"expected latents of at least two clips; received shape {latents.shape}")
    if not np.isfinite(latents).all():
        raise CodecError("the model gives latents that are not finite: its training has diverged")
    if weight.shape != latents.shape[1:] or not np.isfinite(weight).all() or weight.min() < 0:
        raise ValueError(f"expected {latents.shape[1]} weights of at least 0; received {weight}")
    check_bits(bits)
    if not weight.max() > 0:
        raise CodecError("the decoder gives the same for all latents: there is nothing to code")
    # A number that hardly matters is still given a size.
    return latents, np.maximum(weight, 1e-6 * weight.max())


def _nearest(x: np.ndarray, words: np.ndarray) -> np.ndarray:
    distance = (words**2).sum(axis=1) - 2 * x @ words.T
    return distance.argmin(axis=1)
