"""STOI and PESQ: the scale's ends, an independent computation, and the inputs that have no score."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from course_lib.evaluation import intelligibility
from course_lib.evaluation.intelligibility import MetricUnavailable, has_pesq, pesq_nb, pesq_wb, stoi

needs_pesq = pytest.mark.skipif(not has_pesq(), reason="PESQ is not installed: pip install pesq")


def _noisy(speech: np.ndarray, snr_db: float, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=len(speech))
    return speech + noise * np.linalg.norm(speech) / np.linalg.norm(noise) * 10 ** (-snr_db / 20)


def _bands(signal: np.ndarray) -> np.ndarray:
    """Third-octave envelopes, shape (15, frames), of a signal at 10 kHz without silence: equation 1."""
    window = np.hanning(258)[1:-1]
    starts = range(0, len(signal) - 256, 128)
    spectra = np.array([np.abs(np.fft.rfft(window * signal[i : i + 256], 512)) ** 2 for i in starts])
    hertz = np.linspace(0, 10000, 513)[:257]
    rows = []
    for j in range(15):
        low, high = (np.argmin((hertz - 150 * 2 ** ((2 * j + s) / 6)) ** 2) for s in (-1, 1))
        rows.append(np.sqrt(spectra[:, low:high].sum(axis=1)))
    return np.array(rows)


def _stoi_by_the_paper(x: np.ndarray, y: np.ndarray) -> float:
    """Equations 1 to 6 of Taal et al. (2011) in plain loops."""
    big_x, big_y = _bands(x), _bands(y)
    scores = []
    for m in range(30, big_x.shape[1] + 1):
        for j in range(15):
            a, b = big_x[j, m - 30 : m], big_y[j, m - 30 : m]
            b = np.minimum(b * np.linalg.norm(a) / np.linalg.norm(b), (1 + 10 ** (15 / 20)) * a)
            a, b = a - a.mean(), b - b.mean()
            scores.append(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
    return float(np.mean(scores))


def _estoi_by_the_paper(x: np.ndarray, y: np.ndarray) -> float:
    """Equations 3 to 7 of Jensen and Taal (2016): rows, then columns, of mean 0 and norm 1."""
    big_x, big_y = _bands(x), _bands(y)
    scores = []
    for m in range(30, big_x.shape[1] + 1):
        pair = []
        for bands in (big_x, big_y):
            segment = bands[:, m - 30 : m].copy()
            for j in range(15):
                segment[j] -= segment[j].mean()
                segment[j] /= np.linalg.norm(segment[j])
            for n in range(30):
                segment[:, n] -= segment[:, n].mean()
                segment[:, n] /= np.linalg.norm(segment[:, n])
            pair.append(segment)
        scores.append(np.mean([pair[0][:, n] @ pair[1][:, n] for n in range(30)]))
    return float(np.mean(scores))


def _modulated(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise that swells without pauses, and a noisy copy: at 10 kHz nothing is removed or resampled."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(5000, 12000))
    swell = 1 + 0.8 * np.sin(2 * np.pi * rng.uniform(2, 8) * np.arange(n) / 10000)
    x = rng.normal(size=n) * swell
    return x, rng.choice([-0.1, 1, 30]) * (x + 10 ** rng.uniform(-1.5, 0.7) * rng.normal(size=n))


@pytest.mark.parametrize("seed", range(22))
def test_stoi_follows_the_paper(seed):
    x, y = _modulated(seed)
    # Frames are cut and added up again before the analysis, which drops the last few samples.
    assert stoi(x, y, sr=10000) == pytest.approx(_stoi_by_the_paper(x, y), abs=5e-3)


@pytest.mark.parametrize("seed", range(22))
def test_extended_stoi_follows_the_paper(seed):
    x, y = _modulated(seed)
    assert stoi(x, y, sr=10000, extended=True) == pytest.approx(_estoi_by_the_paper(x, y), abs=5e-3)


def test_extended_stoi_draws_no_random_number_of_the_caller(speech):
    np.random.seed(5)  # noqa: NPY002
    expected = np.random.rand()  # noqa: NPY002
    scores = []
    for seed in (5, 6):
        np.random.seed(seed)  # noqa: NPY002
        scores.append(stoi(speech, _noisy(speech, 0), sr=8000, extended=True))
        if seed == 5:
            assert np.random.rand() == expected  # noqa: NPY002
    assert scores[0] == scores[1]
    with pytest.raises(ValueError, match="the estimate is silent: extended STOI"):
        stoi(speech, 0 * speech, sr=8000, extended=True)
    assert stoi(speech, 0 * speech, sr=8000) == pytest.approx(0, abs=1e-6)


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
        (lambda y: (y, y[1:]), 8000, "reference and estimate must be equally long"),
    ],
)
def test_pesq_says_why_there_is_no_score(speech, make, sr, message):
    with pytest.raises(ValueError, match=message):
        pesq_nb(*make(speech), sr=sr)


def test_a_missing_package_is_named_with_its_remedy(speech, monkeypatch):
    monkeypatch.setattr(intelligibility, "has_pesq", lambda: False)
    with pytest.raises(MetricUnavailable, match="pip install pesq"):
        pesq_nb(speech, speech, sr=8000)


def _degraded(speech: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A part of the speech and what noise, clipping, a delay or a low-pass make of it."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2000, len(speech)))
    x = speech[:n]
    y = _noisy(x, rng.uniform(-5, 40), seed)
    if seed % 4 == 1:
        y = np.clip(x, -0.05, 0.05)
    elif seed % 4 == 2:
        y = np.roll(y, 80)
    elif seed % 4 == 3:
        y = np.convolve(y, np.ones(6) / 6, "same")
    return x, y * 10 ** rng.uniform(-2, 1)


@needs_pesq
@pytest.mark.parametrize("seed", range(20))
def test_pesq_is_what_the_reference_code_says_of_16_bit_files(speech, seed):
    """The reference code reads integers: quantised to them, the package alone gives the same opinion."""
    import pesq

    x, y = _degraded(speech, seed)
    peak = max(np.abs(x).max(), np.abs(y).max())
    integers = [np.round(s / peak * 32767).astype(np.int16) for s in (x, y)]
    assert pesq_nb(x, y, sr=8000) == pytest.approx(pesq.pesq(8000, *integers, "nb"), abs=0.05)
    assert pesq_nb(x, y, sr=16000) == pytest.approx(pesq.pesq(16000, *integers, "nb"), abs=0.05)
    assert pesq_wb(x, y, sr=16000) == pytest.approx(pesq.pesq(16000, *integers, "wb"), abs=0.05)


@needs_pesq
def test_wide_band_pesq_has_its_own_scale_and_hears_the_upper_octave(speech):
    import soxr

    wide = soxr.resample(speech.astype(np.float64), 8000, 16000)
    # P.862.2 maps the raw 4.5 to 0.999 + 4 / (1 + exp(-1.3669 * 4.5 + 3.8224)).
    top = 0.999 + 4 / (1 + np.exp(-1.3669 * 4.5 + 3.8224))
    assert pesq_wb(wide, wide, sr=16000) == pytest.approx(top, abs=1e-3)
    hiss = np.random.default_rng(0).normal(size=len(wide))
    high = hiss - soxr.resample(soxr.resample(hiss, 16000, 8000), 8000, 16000)[: len(hiss)]
    disturbed = wide + 0.3 * np.std(wide) * high
    assert pesq_wb(wide, disturbed, sr=16000) < pesq_nb(wide, disturbed, sr=16000) - 1


@pytest.mark.parametrize(
    ("sr", "message"),
    [
        (8000, "defined at 16000 Hz; received 8000: take pesq_nb"),
        (44100, "defined at 16000 Hz; received 44100: resample both"),
    ],
)
def test_wide_band_pesq_has_one_rate(speech, sr, message):
    with pytest.raises(ValueError, match=message):
        pesq_wb(speech, speech, sr=sr)
