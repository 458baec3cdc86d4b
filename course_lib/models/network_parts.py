"""What the files of networks share: sizes that fit, and a seed for every layer."""

from __future__ import annotations

import keras


def check_sizes(
    shape: tuple[int, int], latent_dim: int, *, divides: int = 1, divides_bands: int = 1
) -> tuple[int, int]:
    """``shape`` as a tuple of two ints, or an error that says which size does not fit."""
    shape = tuple(int(size) for size in shape)
    if len(shape) != 2 or min(shape) < 1:
        raise ValueError(f"shape must be (frames, bands), both positive; received {shape}")
    if latent_dim < 1:
        raise ValueError(f"latent_dim must be at least 1; received {latent_dim}")
    for what, size, divisor in (("frames", shape[0], divides), ("bands", shape[1], divides_bands)):
        if size % divisor:
            raise ValueError(f"{what} must be a multiple of {divisor}; received {size}")
    return shape


class Seeds:
    """One seed in, a different seed for each layer out: the same network every time."""

    def __init__(self, seed: int):
        self.next = int(seed) * 1000

    def __call__(self, kind=keras.initializers.GlorotUniform) -> keras.initializers.Initializer:
        self.next += 1
        return kind(seed=self.next)
