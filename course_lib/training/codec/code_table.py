"""How often each symbol is expected, in whole numbers that every machine reads alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_lib.training.codec.range_coder import MOST, RangeDecoder, RangeEncoder


class CodeTable:
    """Frequencies of the symbols 0 to ``len(counts) - 1``, for an arithmetic coder.

    Parameters
    ----------
    counts : sequence of int
        Each at least 1, or the symbol could not be written; their sum at most 65,536.
    """

    def __init__(self, counts: Sequence[int]):
        self.counts = np.asarray(counts, np.int64)
        if self.counts.ndim != 1 or not len(self.counts) or self.counts.min() < 1 or self.counts.sum() > MOST:
            raise ValueError(f"counts must be at least 1 and sum to at most {MOST}; received {counts}")
        self._edges = [0, *np.cumsum(self.counts).tolist()]

    @classmethod
    def of_weights(cls, weights: np.ndarray) -> CodeTable:
        """The table for symbols of these probabilities, shape (symbols,), up to a factor."""
        weights = np.asarray(weights, np.float64)
        spare = MOST - len(weights)
        if spare < 0:
            raise ValueError(f"a table holds at most {MOST} symbols; received {len(weights)}")
        return cls(1 + np.floor(spare * weights / weights.sum()).astype(np.int64))

    @property
    def entropy(self) -> float:
        """Bits a symbol, if symbols come as expected."""
        share = self.counts / self.counts.sum()
        return float(-np.sum(share * np.log2(share)))

    def encode(self, encoder: RangeEncoder, symbol: int) -> None:
        """Write one symbol."""
        encoder.encode(self._edges[symbol], self._edges[symbol + 1], self._edges[-1])

    def decode(self, decoder: RangeDecoder) -> int:
        """Read one symbol."""
        import bisect

        target = decoder.target(self._edges[-1])
        symbol = bisect.bisect_right(self._edges, target) - 1
        decoder.decoded(self._edges[symbol], self._edges[symbol + 1], self._edges[-1])
        return symbol
