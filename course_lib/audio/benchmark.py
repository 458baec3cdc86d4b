"""How fast the audio room is, beside librosa, in one run on one machine."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from course_lib.audio.phase import griffin_lim
from course_lib.audio.stft import stft


def griffin_lim_speed(
    y: np.ndarray,
    *,
    n_fft: int = 256,
    hop_length: int = 64,
    n_iter: int = 32,
    repeats: int = 5,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, float]:
    """Time :func:`phase.griffin_lim` for a batch against a loop over ``librosa.griffinlim``.

    Both use one thread. They take turns, and the shortest of ``repeats`` counts, so that what else the
    machine does meanwhile falls on neither. Each turn has another random start, because how near the
    algorithm comes varies by a tenth with it: the convergences are means over the turns.

    Parameters
    ----------
    y : np.ndarray, shape (clips, samples)
        Sounds whose magnitudes both invert; ``samples`` is a multiple of ``hop_length``.
    clock : callable
        Processor time by default; ``time.perf_counter`` for the clock on the wall.

    Returns
    -------
    dict
        ``seconds``, ``librosa_seconds``, ``ratio`` (librosa's over ours), and the spectral convergence
        that each reached, ``convergence`` and ``librosa_convergence``, over all clips together.
    """
    import librosa

    y = np.asarray(y, np.float32)
    magnitude = np.abs(stft(y, n_fft=n_fft, hop_length=hop_length))
    targets = [np.abs(librosa.stft(clip, n_fft=n_fft, hop_length=hop_length)) for clip in y]
    options = {"n_iter": n_iter, "n_fft": n_fft, "hop_length": hop_length}

    def ours(seed: int) -> np.ndarray:
        return griffin_lim(magnitude, seed=seed, **options)

    def theirs(seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        made = [librosa.griffinlim(target, length=y.shape[1], rng=rng, **options) for target in targets]
        return np.stack(made)

    # The first call of each pays for windows, caches and compilation.
    ours(0), theirs(0)
    seconds: dict[str, list[float]] = {"": [], "librosa_": []}
    distances: dict[str, list[float]] = {"": [], "librosa_": []}
    for turn in range(repeats):
        for name, function in (("", ours), ("librosa_", theirs)):
            began = clock()
            sound = function(turn)
            seconds[name].append(clock() - began)
            error = np.abs(stft(sound, n_fft=n_fft, hop_length=hop_length)) - magnitude
            distances[name].append(float(np.linalg.norm(error) / np.linalg.norm(magnitude)))
    return {
        **{f"{name}seconds": min(values) for name, values in seconds.items()},
        "ratio": min(seconds["librosa_"]) / min(seconds[""]),
        **{f"{name}convergence": float(np.mean(values)) for name, values in distances.items()},
    }
