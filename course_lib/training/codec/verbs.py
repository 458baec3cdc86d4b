"""The codec's verbs, a function each: what the command line, a lab and a page call."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.training.codec.codebooks import BITS, maker_of
from course_lib.training.codec.codec import Codec
from course_lib.training.codec.latent_file import Header, read_header
from course_lib.training.store import Run, RunStore


def encode(run: Run, y: np.ndarray, *, kind: str = "uniform", bits: float = BITS, **options: Any) -> bytes:
    """The ``.lat`` file of a sound.

    Parameters
    ----------
    run : Run
        Of an autoencoder.
    y : np.ndarray, shape (samples,)
        At the model's rate, up to 60 s.
    kind, bits, options
        As of :meth:`Codec.open`.

    Raises
    ------
    AudioError
        Not mono, empty, not finite, or longer than 60 s.
    CodecError, RunError
        As :meth:`Codec.open`.
    """
    return Codec.open(run, kind=kind, bits=bits, **options).encode(y)


def decode(
    data: bytes, run: Run | None = None, *, store: RunStore | None = None, **options: Any
) -> np.ndarray:
    """The sound of a ``.lat`` file, shape (samples,), float32, at the rate that its header names.

    Parameters
    ----------
    data : bytes
        The whole file.
    run : Run, optional
        The one that encoded it; found by the file's fingerprint when None.
    store : RunStore, optional
        Where to look for it.

    Raises
    ------
    CodecError
        Not such a file, a damaged one, or one of another run.
    RunError
        The run has no model.
    """
    header = read_header(data)
    if run is None:
        run = maker_of(header, RunStore() if store is None else store)
    return Codec.open(run, kind=header.kind, bits=header.bits, **options).decode(data)


def info(data: bytes) -> Header:
    """What a file says of itself, its bit rate included; it takes no model.

    Raises
    ------
    CodecError
        Not such a file, or a damaged one.
    """
    return read_header(data)
