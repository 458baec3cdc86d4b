"""How fast clips become features, beside librosa, in one run on one machine."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.data.array_source import ArraySource
from course_lib.data.encode import encode_blocks


def encode_speed(
    y: np.ndarray, *, repeats: int = 5, clock: Callable[[], float] = time.thread_time
) -> dict[str, float]:
    """Time the default log-mel encoding against a loop over ``librosa.feature.melspectrogram``.

    Both with the same window, step and number of bands, on one thread: librosa's products start more, which
    on busy cores takes it ten times as long. They take turns, and the shortest of ``repeats`` counts, so that
    what else the machine does meanwhile falls on neither. librosa's is asked for less: a power spectrogram
    without logarithm, floor and scaling.

    Parameters
    ----------
    y : np.ndarray, shape (clips, 8192)
        Sounds at 8 kHz.
    clock : callable
        This thread's processor time by default; ``time.perf_counter`` for the clock on the wall.

    Returns
    -------
    dict
        ``clips``, ``seconds``, ``librosa_seconds``, ``ratio`` (librosa's over ours), ``seconds_per_3000``.
    """
    import librosa
    from threadpoolctl import threadpool_limits

    y = np.asarray(y, np.float32)
    representation = LogMelSpectrogram(n_samples=y.shape[1]).fit(y[:64])
    options = {"sr": representation.sr, "n_fft": representation.n_fft, "n_mels": representation.n_mels}

    def theirs(clips: np.ndarray) -> None:
        for clip in clips:
            librosa.feature.melspectrogram(y=clip, hop_length=representation.hop_length, **options)

    def ours(clips: np.ndarray) -> None:
        for _ in encode_blocks(ArraySource(clips, sr=representation.sr), representation):
            pass

    # The first call of each pays for windows, caches and compilation.
    ours(y[:16]), theirs(y[:2])
    seconds: dict[str, list[float]] = {"ours": [], "theirs": []}
    with threadpool_limits(1):
        for _ in range(repeats):
            for name, function in (("ours", ours), ("theirs", theirs)):
                began = clock()
                function(y)
                seconds[name].append(clock() - began)
    best = {name: min(values) for name, values in seconds.items()}
    return {
        "clips": len(y),
        "seconds": best["ours"],
        "librosa_seconds": best["theirs"],
        "ratio": best["theirs"] / best["ours"],
        "seconds_per_3000": 3000 * best["ours"] / len(y),
    }
