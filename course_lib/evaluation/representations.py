"""What each representation loses by itself, beside plain librosa calls: the ceilings of the course."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.audio.log_stft import LogSTFT
from course_lib.audio.magnitude_phase import MagnitudePhase
from course_lib.audio.mfcc import MFCC
from course_lib.audio.mu_law import MuLaw
from course_lib.audio.representation import Representation
from course_lib.evaluation import strings
from course_lib.evaluation.intelligibility import has_pesq, pesq_nb, stoi
from course_lib.evaluation.spectral import log_mel_distance

N_FFT, HOP_LENGTH, N_ITER = 256, 64, 32


def known(*, sr: int, n_samples: int) -> dict[str, Representation]:
    """The representations of the table, by the name of their row."""
    sizes = {"sr": sr, "n_samples": n_samples, "hop_length": HOP_LENGTH}
    spectral = sizes | {"n_fft": N_FFT}
    return {
        "magnitude_phase": MagnitudePhase(**spectral),
        "mu_law": MuLaw(**sizes),
        "stft": LogSTFT(**spectral),
        "mel_80": LogMelSpectrogram(n_mels=80, **spectral),
        "mel_64": LogMelSpectrogram(n_mels=64, **spectral),
        "mel_40": LogMelSpectrogram(n_mels=40, **spectral),
        "mfcc_40": MFCC(n_mfcc=40, **spectral),
        "mfcc_20": MFCC(n_mfcc=20, **spectral),
        "mfcc_13": MFCC(n_mfcc=13, **spectral),
    }


def through_librosa(name: str, y: np.ndarray, *, sr: int, seed: int = 0) -> np.ndarray | None:
    """One clip, shape (samples,), there and back by librosa's own functions; None for rows it has not.

    ``mel_to_audio`` and ``mfcc_to_audio`` take no seed, so their own steps are called one by one.
    """
    import librosa

    options = {"n_fft": N_FFT, "hop_length": HOP_LENGTH}
    kind, _, count = name.partition("_")
    if name == "mu_law":
        codes = librosa.mu_compress(np.clip(y, -1, 1), mu=255, quantize=True)
        return librosa.mu_expand(codes, mu=255, quantize=True).astype(np.float32)
    if kind == "stft":
        magnitude = np.abs(librosa.stft(y, **options))
    elif kind == "mel":
        mel = librosa.feature.melspectrogram(y=y, sr=sr, n_mels=int(count), **options)
        magnitude = librosa.feature.inverse.mel_to_stft(mel, sr=sr, n_fft=N_FFT)
    elif kind == "mfcc":
        mfcc = librosa.feature.mfcc(y=y, sr=sr, n_mfcc=int(count), n_mels=64, **options)
        mel = librosa.feature.inverse.mfcc_to_mel(mfcc, n_mels=64)
        magnitude = librosa.feature.inverse.mel_to_stft(mel, sr=sr, n_fft=N_FFT)
    else:
        return None
    rng = np.random.default_rng(seed)
    return librosa.griffinlim(magnitude, n_iter=N_ITER, length=len(y), rng=rng, **options)


def evaluate(
    train,
    test,
    *,
    n_strings: int | None = 10,
    librosa_too: bool = True,
    seed: int = 0,
    on_row: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Score the round trip through every representation on held-out clips.

    Parameters
    ----------
    train, test : Clips
        ``train.y`` fits the scalings, which the round trip undoes again.
    n_strings : int, optional
        Strings of ten digits that are scored; all when None.
    librosa_too : bool
        Also send each clip through plain librosa calls, which takes most of the time.
    on_row : callable, optional
        Told the name of each row before it is computed.

    Returns
    -------
    dict
        ``rows``: {name: {``frames``, ``bands``, ``numbers`` (a clip), ``stoi``, ``pesq_nb`` (None without
        the package), ``log_mel_l1`` (nepers), ``seconds`` (encode and decode), ``librosa``: the same scores
        or None}}; ``protocol``: one sentence; ``settings``.

    Raises
    ------
    ValueError
        No clips, or fewer than one string.
    """
    import time

    if not len(train) or not len(test):
        raise ValueError(
            f"expected clips on both sides; received {len(train)} to fit and {len(test)} to score"
        )
    if n_strings is not None and n_strings < 1:
        raise ValueError(f"n_strings must be at least 1; received {n_strings}")
    order = strings.arrange(test.label, seed=seed)[:n_strings]
    used = np.sort(np.concatenate(order))
    chosen = test.select(used)
    order = [np.searchsorted(used, members) for members in order]
    reference = strings.concatenate(chosen.y, chosen.length, order=order, sr=test.sr)

    def score(sound: np.ndarray) -> dict[str, float | None]:
        estimate = strings.concatenate(sound, chosen.length, order=order, sr=test.sr)
        return _score(reference, estimate, sr=test.sr)

    rows: dict[str, Any] = {}
    for name, representation in known(sr=test.sr, n_samples=test.y.shape[1]).items():
        if on_row is not None:
            on_row(name)
        representation = representation.fit(train.y[:: max(1, len(train) // 200)])
        began = time.monotonic()
        sound = representation.decode(representation.encode(chosen.y))
        seconds = time.monotonic() - began
        frames, bands = representation.shape
        rows[name] = {"frames": frames, "bands": bands, "numbers": frames * bands, **score(sound)}
        rows[name] |= {"seconds": seconds, "librosa": None}
        if librosa_too:
            if on_row is not None:
                on_row(f"{name}, librosa")
            made = [through_librosa(name, clip, sr=test.sr, seed=i) for i, clip in enumerate(chosen.y)]
            rows[name]["librosa"] = None if made[0] is None else score(np.stack(made))
    settings = {"clips": len(chosen), "strings": len(order), "seed": seed, "pesq": has_pesq()}
    protocol = (
        f"{len(chosen)} held-out digits, each alone through the representation and back (n_fft {N_FFT}, hop "
        f"{HOP_LENGTH}, {N_ITER} iterations of Griffin-Lim where the phase is lost), joined into "
        f"{len(order)} strings of about ten and compared with the recordings."
    )
    return {"rows": rows, "protocol": protocol, "settings": settings}


def _score(reference: list[np.ndarray], estimate: list[np.ndarray], *, sr: int) -> dict[str, float | None]:
    pairs = list(zip(reference, estimate, strict=True))
    return {
        "stoi": float(np.mean([stoi(*pair, sr=sr) for pair in pairs])),
        "pesq_nb": float(np.mean([pesq_nb(*pair, sr=sr) for pair in pairs])) if has_pesq() else None,
        "log_mel_l1": float(np.mean([log_mel_distance(*pair, sr=sr) for pair in pairs])),
    }
