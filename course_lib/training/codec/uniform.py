"""Equal steps for every latent number, as coarse as its listener allows."""

from __future__ import annotations

import numpy as np

from course_lib.training.codec.code_table import CodeTable
from course_lib.training.codec.quantiser import SURPRISE, Quantiser, check_fit, parts_of

# Beyond the training clips' values, in their range: a new voice may go that far, the rest is cut off.
BEYOND = 0.5
MOST_STEPS = 16384
# A new voice's numbers are spread wider than those of the training: each of these stands for so wide a
# neighbourhood, in their spread. It costs a known voice 1 bit in 40 and saves a new one 1 in 20.
NEIGHBOURHOOD = 0.6
# So many values stand for all clips.
VALUES = 200


class UniformQuantiser(Quantiser):
    """A grid for each number, and an arithmetic code for the cells' frequencies."""

    kind = "uniform"

    def __init__(self, codewords, tables, order, scale, bits: float, *, step, first):
        super().__init__(codewords, tables, order, scale, bits)
        self.step = np.asarray(step, np.float64)
        self.first = np.asarray(first, np.float64)

    def quantise(self, latents: np.ndarray) -> np.ndarray:
        """The cell that each number lies in; beyond the last there is the last.

        The borders are those of the grid. A cell's word is not its middle but the mean of what lies in it:
        nearest words would have other borders, and make the rare cells more frequent than they need be.
        """
        cells = np.rint((self._checked(latents) - self.first) / self.step)
        most = [len(words) - 1 for words in self.codewords]
        return np.clip(cells, 0, most).astype(np.int64)

    def arrays(self) -> dict[str, np.ndarray]:
        """All of it, for a file."""
        return super().arrays() | {"step": self.step, "first": self.first}

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> UniformQuantiser:
        """The quantiser that gave :meth:`arrays`."""
        return cls(**parts_of(arrays), step=arrays["step"], first=arrays["first"])

    @classmethod
    def fit(cls, latents: np.ndarray, weight: np.ndarray, *, bits: float) -> UniformQuantiser:
        """Choose the steps for so many ``bits`` a number, on average.

        Equal errors at the listener's end cost the fewest bits (reverse water-filling: T. Berger, "Rate
        distortion theory", 1971), so a number's step is the smaller the more it counts there; one that
        hardly counts, or hardly varies, gets a single cell and costs nothing.

        Parameters
        ----------
        latents : np.ndarray, shape (clips, latent_dim)
            Of training clips.
        weight : np.ndarray, shape (latent_dim,)
            Squared error at the listener's end of one unit of error in each number.
        bits : float
            What the cells' indices would carry if the numbers were normal, in the mean over numbers; 0.25
            to 8. Their true entropy is less, and a new voice's is more.
        """
        latents, weight = check_fit(latents, weight, bits)
        spread = np.maximum(latents.std(axis=0) * np.sqrt(weight), 1e-12)
        low, high = np.log(1e-6 * spread.max()), np.log(1e6 * spread.max())
        for _ in range(60):
            middle = (low + high) / 2
            mean = _entropy(np.exp(middle) / spread).mean()
            low, high = (middle, high) if mean > bits else (low, middle)
        step = np.exp(high) / np.sqrt(weight)
        made = [_cells(latents[:, k], step[k]) for k in range(len(step))]
        words, tables, first = zip(*made, strict=True)
        return cls(words, tables, np.arange(len(step)), np.sqrt(weight), bits, step=step, first=first)


def _entropy(ratio: np.ndarray) -> np.ndarray:
    """Bits of a normal number in cells of ``ratio`` times its spread."""
    from scipy.special import ndtr

    ratio = np.asarray(ratio, np.float64)
    edges = np.arange(-16, 17)[:, None] + 0.5
    share = np.diff(ndtr(edges * np.maximum(ratio, 0.5)), axis=0)
    coarse = -np.sum(share * np.log2(np.maximum(share, 1e-300)), axis=0)
    # Fine cells: the differential entropy, less the cells'.
    return np.where(ratio < 0.5, 0.5 * np.log2(2 * np.pi * np.e) - np.log2(np.minimum(ratio, 0.5)), coarse)


def _cells(x: np.ndarray, step: float) -> tuple[np.ndarray, CodeTable, float]:
    """Words and frequencies of one number's cells, and the middle of the first, its training values given."""
    centre = np.median(x)
    span = max(np.ptp(x), 1e-12)
    reach = min(int(np.ceil((1 + BEYOND) * span / step / 2)), MOST_STEPS // 2)
    # A number that does not leave one cell stays there, whoever speaks.
    if np.abs(x - centre).max() < step / 2:
        reach = 0
    middle = np.rint((x.max() + x.min() - 2 * centre) / (2 * step))
    index = np.clip(np.rint((x - centre) / step) - middle, -reach, reach).astype(int) + reach
    counts = np.bincount(index, minlength=2 * reach + 1).astype(np.float64)
    grid = centre + step * (middle + np.arange(-reach, reach + 1))
    # The mean of a cell's values is the better guess; grid points stand for as many values as two clips.
    sums = np.bincount(index, weights=x - grid[index], minlength=2 * reach + 1)
    values = grid + np.clip(sums / (counts + 2), -step / 3, step / 3)
    return values[:, None], CodeTable.of_weights(_expected(x, grid, step)), grid[0]


def _expected(x: np.ndarray, grid: np.ndarray, step: float) -> np.ndarray:
    """Probability of each cell of ``grid``, each of ``x`` standing for a neighbourhood."""
    from scipy.special import ndtr

    values = np.quantile(x, (np.arange(VALUES) + 0.5) / VALUES)
    edges = np.append(grid - step / 2, grid[-1] + step / 2)
    width = max(NEIGHBOURHOOD * x.std(), 1e-3 * step)
    share = np.maximum(np.diff(ndtr((edges[:, None] - values) / width).mean(axis=1)), 0.0)
    # Heavy tails for what no training voice came near to.
    tails = 1 / (1 + ((grid - x.mean()) / max(x.std(), step)) ** 2)
    return (1 - SURPRISE) * share / share.sum() + SURPRISE * tails / tails.sum()
