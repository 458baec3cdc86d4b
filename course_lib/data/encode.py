"""Clips to features, a block at a time: in memory there is never more than one block."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import numpy as np

from course_lib.audio.representation import Representation
from course_lib.data.clip_source import ClipSource

# Clips of a block: 4 MB of samples at the default length. A multiple of the representations' own batch, so
# that a clip's features do not depend on where a block begins.
BLOCK = 128
# glibc's names for what it gives back to the system (mallopt(3)), and sizes above any batch's arrays.
M_TRIM_THRESHOLD, TRIM_BYTES = -1, 64 * 2**20
M_MMAP_THRESHOLD, MMAP_BYTES = -3, 32 * 2**20


def check_match(source: ClipSource, representation: Representation) -> None:
    """Raise ValueError when clips of ``source`` are not what ``representation`` encodes."""
    for name in ("sr", "n_samples"):
        wanted, given = getattr(representation, name), getattr(source, name)
        if wanted != given:
            raise ValueError(f"the representation expects clips with {name} = {wanted}; received {given}")


def keep_freed_memory() -> None:
    """Have the C library keep the memory of freed arrays for the next ones; only glibc has the switch.

    Otherwise each batch's arrays may come as new pages, which the system fills with zeros first: measured,
    an encoding then takes three times as long. At most 64 MB stay with the process.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        # Another C library: Windows, macOS, musl.
        return
    mallopt(M_MMAP_THRESHOLD, MMAP_BYTES)
    mallopt(M_TRIM_THRESHOLD, TRIM_BYTES)


def blocks_of(source: ClipSource, *, block: int = BLOCK) -> Iterator[ClipSource]:
    """The parts of ``source``, ``block`` clips each; the last one may be shorter."""
    for start in range(0, len(source), block):
        yield source.part(start, min(start + block, len(source)))


def encode_blocks(
    source: ClipSource, representation: Representation, *, block: int = BLOCK
) -> Iterator[np.ndarray]:
    """Yield the features of one block after the other, shape (clips, frames, bands), float32.

    Together they are bit for bit ``representation.encode`` of all clips.

    Raises
    ------
    ValueError
        Clips of another rate or length than the representation's.
    """
    check_match(source, representation)
    keep_freed_memory()
    for part in blocks_of(source, block=block):
        yield representation.encode(part.samples())
