"""STOI and PESQ: the scale's ends, an independent computation, and the inputs that have no score."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from course_lib.evaluation import intelligibility
from course_lib.evaluation.intelligibility import MetricUnavailable, has_pesq, pesq_nb, stoi

needs_pesq = pytest.mark.skipif(not has_pesq(), reason="PESQ is not installed: pip install pesq")


def _noisy(speech: np.ndarray, snr_db: float, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=len(speech))
    return speech + noise * np.linalg.norm(speech) / np.linalg.norm(noise) * 10 ** (-snr_db / 20)


def _stoi_by_the_paper(x: np.ndarray, y: np.ndarray) -> float:
    """Equations 1 to 6 of Taal et al. (2011) in plain loops, for signals at 10 kHz without silence."""
    window = np.hanning(258)[1:-1]

    def bands(signal):
        starts = range(0, len(signal) - 256, 128)
        spectra = np.array([np.abs(np.fft.rfft(window * signal[i : i + 256], 512)) ** 2 for i in starts])
        hertz = np.linspace(0, 10000, 513)[:257]
        rows = []
        for j in range(15):
            low, high = (np.argmin((hertz - 150 * 2 ** ((2 * j + s) / 6)) ** 2) for s in (-1, 1))
            rows.append(np.sqrt(spectra[:, low:high].sum(axis=1)))
        return np.array(rows)

    big_x, big_y = bands(x), bands(y)
    scores = []
    for m in range(30, big_x.shape[1] + 1):
        for j in range(15):
            a, b = big_x[j, m - 30 : m], big_y[j, m - 30 : m]
            b = np.minimum(b * np.linalg.norm(a) / np.linalg.norm(b), (1 + 10 ** (15 / 20)) * a)
            a, b = a - a.mean(), b - b.mean()
            scores.append(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
    return float(np.mean(scores))


def test_stoi_follows_the_paper():
    # Modulated noise without pauses: nothing is removed as silence, at 10 kHz nothing is resampled.
    rng = np.random.default_rng(3)
    x = rng.normal(size=10000) * (1 + 0.8 * np.sin(2 * np.pi * 4 * np.arange(10000) / 10000))
    y = x + 0.7 * rng.normal(size=10000)
    # Frames are cut and added up again before the analysis, which drops the last few samples.
    assert stoi(x, y, sr=10000) == pytest.approx(_stoi_by_the_paper(x, y), abs=2e-3)


def test_stoi_of_a_copy_is_one_whatever_its_level(speech):
    assert stoi(speech, speech, sr=8000) == pytest.approx(1.0, abs=1e-6)
    assert stoi(speech, 0.1 * speech, sr=8000) == pytest.approx(1.0, abs=1e-6)


def test_stoi_falls_with_noise(speech):
    scores = [stoi(speech, _noisy(speech, db), sr=8000) for db in (30, 10, 0, -10)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 0.95
    assert scores[-1] < 0.6


def test_stoi_refuses_what_it_would_score_1e_5(speech):
    with pytest.raises(ValueError, match=r"at least 0\.4 s; received 0\.25 s: concatenate"):
        stoi(speech[:2000], speech[:2000], sr=8000)
    mostly_silent = np.concatenate([speech[600:2600], np.zeros(8000)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=r"less than 0\.4 s of the 1\.25 s are speech"):
            stoi(mostly_silent, mostly_silent, sr=8000)


@needs_pesq
def test_pesq_of_a_copy_is_the_top_of_its_scale(speech):
    # P.862.1 maps the raw 4.5 to 0.999 + 4 / (1 + exp(-1.4945 * 4.5 + 4.6607)).
    top = 0.999 + 4 / (1 + np.exp(-1.4945 * 4.5 + 4.6607))
    assert pesq_nb(speech, speech, sr=8000) == pytest.approx(top, abs=1e-3)
    assert pesq_nb(speech, 0.25 * speech, sr=8000) == pytest.approx(top, abs=0.02)


@needs_pesq
def test_pesq_falls_with_noise_and_knows_reference_from_estimate(speech):
    scores = [pesq_nb(speech, _noisy(speech, db), sr=8000) for db in (40, 20, 5)]
    assert scores == sorted(scores, reverse=True)
    assert 1.0 < scores[-1] < 2.5 < scores[0]
    assert pesq_nb(_noisy(speech, 5), speech, sr=8000) != pytest.approx(scores[-1], abs=1e-3)


@needs_pesq
@pytest.mark.parametrize(
    ("make", "sr", "message"),
    [
        (lambda y: (y, y), 22050, "defined at 8000 and 16000 Hz; received 22050"),
        (lambda y: (y[:1000], y[:1000]), 8000, r"0\.25 to 60 s; received 0\.1[23] s"),
        (lambda y: (np.resize(y, 8000 * 61),) * 2, 8000, r"received 61\.00 s"),
        (lambda y: (y, 0 * y), 8000, "the estimate is silent"),
        (lambda y: (0 * y, y), 8000, "the reference is silent"),
    ],
)
def test_pesq_says_why_there_is_no_score(speech, make, sr, message):
    with pytest.raises(ValueError, match=message):
        pesq_nb(*make(speech), sr=sr)


def test_a_missing_package_is_named_with_its_remedy(speech, monkeypatch):
    monkeypatch.setattr(intelligibility, "has_pesq", lambda: False)
    with pytest.raises(MetricUnavailable, match="pip install pesq"):
        pesq_nb(speech, speech, sr=8000)
