"""Equally many clips on every side of a comparison."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


def equal_parts(
    n_real: int, n_fake: int, *, splits: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Indices of one half of the real clips, of the other, and of as many generated ones; ``splits`` times.

    All three are as long as the smaller of half the real clips and all generated ones. Scores that depend on
    the number of clips, as most do, are comparable between the halves and between either and the generated.

    Raises
    ------
    ValueError
        ``splits`` below 1, or too few clips for a part.
    """
    size = min(n_real // 2, n_fake)
    if splits < 1 or size < 1:
        raise ValueError(
            f"expected splits >= 1, two real clips and a generated one or more; received {splits}, {n_real} "
            f"and {n_fake}"
        )
    # Two generators: the halves of the real clips are the same whoever is compared with them.
    of_real, of_fake = np.random.default_rng(seed).spawn(2)
    for _ in range(splits):
        real, fake = of_real.permutation(n_real), of_fake.permutation(n_fake)
        yield real[:size], real[size : 2 * size], fake[:size]
