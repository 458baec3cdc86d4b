"""All metrics of one pair: each is the metric itself, and what is missing says why."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.evaluation import distortion, intelligibility, signal, spectral
from course_lib.evaluation.intelligibility import has_pesq
from course_lib.evaluation.sound import METRICS, evaluate, spectral_sizes


@pytest.fixture(scope="module")
def scene(speech) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Reference, estimate, mixture."""
    noise = np.random.default_rng(0).normal(size=len(speech)) * np.std(speech)
    return speech, speech + 0.3 * noise, speech + noise


def test_every_metric_is_there_and_is_itself(scene):
    clean, made, mixture = scene
    scores = evaluate(clean, made, sr=8000, mixture=mixture)
    assert list(scores) == [*METRICS, "notes"]
    assert scores["snr"] == signal.snr(clean, made)
    assert scores["segmental_snr"] == signal.segmental_snr(clean, made, sr=8000)
    assert scores["si_sdr"] == signal.si_sdr(clean, made)
    assert scores["si_sdr_improvement"] == pytest.approx(20 * np.log10(1 / 0.3), abs=0.2)
    assert scores["sdr"] == distortion.sdr(clean, made)
    assert scores["log_mel_distance"] == spectral.log_mel_distance(clean, made, sr=8000)
    assert scores["log_spectral_distance"] == spectral.log_spectral_distance(clean, made)
    assert scores["mel_cepstral_distortion"] == spectral.mel_cepstral_distortion(clean, made, sr=8000)
    assert scores["spectral_convergence"] == spectral.spectral_convergence(clean, made)
    assert scores["stoi"] == intelligibility.stoi(clean, made, sr=8000)
    assert scores["estoi"] == intelligibility.stoi(clean, made, sr=8000, extended=True)
    assert scores["pesq_wb"] is None
    assert "take pesq_nb" in scores["notes"]["pesq_wb"]
    if has_pesq():
        assert scores["pesq_nb"] == intelligibility.pesq_nb(clean, made, sr=8000)
        assert set(scores["notes"]) == {"pesq_wb"}


def test_less_noise_is_better_in_every_direction(scene):
    clean, made, mixture = scene
    better, worse = (evaluate(clean, y, sr=8000, mixture=mixture) for y in (made, mixture))
    for name, metric in METRICS.items():
        if better[name] is not None:
            assert (better[name] > worse[name]) == metric.higher_is_better, name


def test_each_missing_score_has_a_reason(scene, monkeypatch):
    clean, made, _ = scene
    monkeypatch.setattr(intelligibility, "has_pesq", lambda: False)
    scores = evaluate(clean[:1000], made[:1000], sr=8000)
    missing = {name for name in METRICS if scores[name] is None}
    assert missing == set(scores["notes"]) == {"si_sdr_improvement", "stoi", "estoi", "pesq_nb", "pesq_wb"}
    assert "STOI needs at least 0.4 s" in scores["notes"]["stoi"]
    scores = evaluate(clean, made, sr=8000)
    assert "pip install pesq" in scores["notes"]["pesq_nb"]
    assert "mixture" in scores["notes"]["si_sdr_improvement"]


def test_a_copy_and_silence_are_the_ends(scene):
    clean, _, _ = scene
    copy, silent = evaluate(clean, clean, sr=8000), evaluate(clean, 0 * clean, sr=8000)
    assert copy["snr"] == copy["si_sdr"] == copy["sdr"] == np.inf
    assert copy["log_spectral_distance"] == copy["mel_cepstral_distortion"] == 0
    assert (silent["snr"], silent["si_sdr"], silent["sdr"]) == (0, -np.inf, -np.inf)
    assert silent["spectral_convergence"] == pytest.approx(1)


@pytest.mark.parametrize("n", [1, 2, 63])
def test_even_a_few_samples_have_what_scores_they_can(n):
    y = np.random.default_rng(n).normal(size=n)
    scores = evaluate(y, 0.5 * y, sr=8000)
    assert scores["snr"] == pytest.approx(20 * np.log10(2))
    assert scores["log_mel_distance"] > 0
    assert "STOI needs" in scores["notes"]["stoi"]


@pytest.mark.parametrize(
    ("sr", "n_fft"), [(8000, 256), (16000, 512), (22050, 512), (44100, 1024), (48000, 2048), (1000, 64)]
)
def test_windows_last_equally_long_at_every_rate(sr, n_fft):
    assert spectral_sizes(sr) == {"n_fft": n_fft, "hop_length": n_fft // 4}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.zeros(100), np.ones(100), None), "the reference is silent"),
        ((np.ones(100), np.full(100, np.nan), None), "estimate holds 100 NaN"),
        ((np.ones(100), np.ones(100), np.ones(90)), "reference and mixture must be equally long"),
    ],
)
def test_a_pair_without_any_score_is_an_error(arguments, message):
    reference, estimate, mixture = arguments
    with pytest.raises(ValueError, match=message):
        evaluate(reference, estimate, sr=8000, mixture=mixture)
