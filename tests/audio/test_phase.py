"""Griffin-Lim: repeatable, independent of the batch, and nearer with every iteration."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.audio.phase import griffin_lim
from course_lib.audio.stft import stft


def _convergence(magnitude: np.ndarray, y: np.ndarray) -> float:
    """Distance of magnitudes relative to the target's norm."""
    return float(np.linalg.norm(np.abs(stft(y)) - magnitude) / np.linalg.norm(magnitude))


def test_same_seed_same_sound_other_seed_other_sound(speech_like):
    magnitude = np.abs(stft(speech_like[0]))
    first = griffin_lim(magnitude, n_iter=4, seed=3)
    np.testing.assert_array_equal(first, griffin_lim(magnitude, n_iter=4, seed=3))
    assert np.abs(first - griffin_lim(magnitude, n_iter=4, seed=4)).max() > 0.01


def test_a_clip_sounds_the_same_alone_and_among_others(speech_like):
    magnitude = np.abs(stft(speech_like))
    together = griffin_lim(magnitude, n_iter=8)
    for clip in range(len(magnitude)):
        np.testing.assert_allclose(together[clip], griffin_lim(magnitude[clip], n_iter=8), atol=1e-6)
    nested = griffin_lim(magnitude.reshape(3, 2, 128, 129), n_iter=8)
    np.testing.assert_array_equal(nested.reshape(6, 8192), together)


def test_spectral_convergence_falls(speech_like):
    magnitude = np.abs(stft(speech_like[1]))
    distances = [_convergence(magnitude, griffin_lim(magnitude, n_iter=n)) for n in (0, 4, 16, 64)]
    assert distances == sorted(distances, reverse=True)
    assert distances[0] > 0.5
    assert distances[3] < 0.1


def test_the_fast_variant_gets_nearer_than_the_original(speech_like):
    magnitude = np.abs(stft(speech_like[2]))
    original = _convergence(magnitude, griffin_lim(magnitude, momentum=0.0))
    assert _convergence(magnitude, griffin_lim(magnitude, momentum=0.99)) < original


def test_gives_whole_hops_of_float32_without_nan_for_silence():
    y = griffin_lim(np.zeros((10, 129), np.float32))
    assert y.shape == (640,)
    assert y.dtype == np.float32
    assert not y.any()


def test_says_what_it_expected():
    with pytest.raises(ValueError, match=r"expected 129 frequency bins; received 128"):
        griffin_lim(np.zeros((10, 128)))
    with pytest.raises(ValueError, match=r"n_iter must be at least 0; received -1"):
        griffin_lim(np.zeros((10, 129)), n_iter=-1)
