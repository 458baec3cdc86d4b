"""Strings of single words through one file each, as the scoreboard wants them."""

from __future__ import annotations

import numpy as np

from course_lib.training.codec.codec import Codec
from course_lib.training.passage import Passage
from course_lib.training.windows import Segment


def through_file(
    codec: Codec, features: np.ndarray, begin: np.ndarray, end: np.ndarray, samples: int
) -> tuple[np.ndarray, int]:
    """Words through one file: what comes out, and the file's bytes.

    Parameters
    ----------
    features : np.ndarray, shape (words, frames, bands)
    begin, end : np.ndarray, shape (words,)
        Where each word's clip lies in the recording, in samples.
    samples : int
        Length of the recording.
    """
    frames = codec.representation.shape[0]
    hop_length = codec.representation.n_samples // frames
    segments = []
    for first, last in zip(begin.tolist(), end.tolist(), strict=True):
        frame = round(first / hop_length)
        # On the grid of frames a clip of full length may seem one longer: it is one clip all the same.
        segments.append(Segment(frame, min(frame + frames, -(-int(last) // hop_length))))
    data = codec.encode_passage(Passage(samples, segments, np.ones(len(features)), features))
    return codec.decode_passage(data).features, len(data)
