"""Each noise is what its name says."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal

from course_lib.audio.degrade import noise
from course_lib.audio.files import AudioError
from course_lib.audio.level import active_rms


def added(function, y, *, seed: int = 0, **options) -> np.ndarray:
    return function(y, snr_db=0.0, rng=np.random.default_rng(seed), **options).astype(np.float64) - y


@pytest.fixture(scope="module")
def tone() -> np.ndarray:
    """Ten seconds, so that spectra are smooth."""
    return (0.1 * np.sin(2 * np.pi * 440 * np.arange(80000) / 8000)).astype(np.float32)


@pytest.mark.parametrize(("kind", "slope"), [("gaussian", 0.0), ("pink", -3.0103), ("brown", -6.0206)])
def test_the_slope_of_coloured_noise(kind, slope, tone):
    frequency, power = scipy.signal.welch(added(getattr(noise, kind), tone), fs=8000, nperseg=4096)
    band = (frequency >= 40) & (frequency <= 3500)
    # One point an octave-twelfth weighs octaves equally; bins would weigh the top octave most.
    grid = np.geomspace(40, 3500, 80)
    level = np.interp(np.log2(grid), np.log2(frequency[band]), 10 * np.log10(power[band]))
    assert np.polyfit(np.log2(grid), level, 1)[0] == pytest.approx(slope, abs=0.15)


@pytest.mark.parametrize("kind", ["pink", "brown"])
def test_coloured_noise_has_nothing_below_hearing(kind, tone):
    spectrum = np.abs(np.fft.rfft(added(getattr(noise, kind), tone))) ** 2
    frequency = np.fft.rfftfreq(len(tone), 1 / 8000)
    assert spectrum[frequency < 19.9].sum() < 1e-8 * spectrum.sum()


def test_gaussian_noise_is_normal_and_white(tone):
    hiss = added(noise.gaussian, tone)
    hiss /= hiss.std()
    # Standard errors at 80,000 samples: 0.0087 for skewness, 0.017 for kurtosis, 0.0035 for correlation.
    assert abs(np.mean(hiss**3)) < 0.035
    assert np.mean(hiss**4) == pytest.approx(3, abs=0.07)
    assert abs(np.mean(hiss[1:] * hiss[:-1])) < 0.014


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
def test_hum_is_its_harmonics_and_nothing_else(mains_hz, tone):
    spectrum = np.abs(np.fft.rfft(added(noise.hum, tone, mains_hz=mains_hz, harmonics=5)))
    lines = (np.arange(1, 6) * mains_hz * len(tone) / 8000).astype(int)
    strength = spectrum[lines] / spectrum[lines[0]]
    assert strength == pytest.approx([1, 1 / 4, 1 / 3, 1 / 8, 1 / 5], rel=1e-3)
    assert np.sum(spectrum[lines] ** 2) / np.sum(spectrum**2) == pytest.approx(1, abs=1e-6)


def test_hum_has_no_harmonic_beyond_the_band(tone):
    spectrum = np.abs(np.fft.rfft(added(noise.hum, tone, mains_hz=1000.0, harmonics=40)))
    strong = np.flatnonzero(spectrum > 1e-3 * spectrum.max()) * 8000 / len(tone)
    assert strong == pytest.approx([1000, 2000, 3000])
    with pytest.raises(ValueError, match="harmonics must be at least 1"):
        noise.hum(tone, snr_db=0, rng=np.random.default_rng(0), harmonics=0)
    with pytest.raises(ValueError, match="mains_hz must lie between 10 and 3800 Hz; received 0"):
        noise.hum(tone, snr_db=0, rng=np.random.default_rng(0), mains_hz=0)


def test_babble_holds_every_voice_at_one_level(tone):
    # Voices that are pure tones can be told apart: equal lines, however loud each one came.
    time = np.arange(8000) / 8000
    hertz = [300, 500, 700, 1100]
    voices = [
        (gain * np.sin(2 * np.pi * f * time)) for gain, f in zip([0.01, 0.1, 0.5, 1], hertz, strict=True)
    ]
    spectrum = np.abs(np.fft.rfft(added(noise.babble, tone, voices=voices)))
    lines = spectrum[np.array(hertz) * 10]
    assert lines == pytest.approx(lines[0] * np.ones(4), rel=1e-3)
    assert np.sum(lines**2) / np.sum(spectrum**2) == pytest.approx(1, abs=1e-6)


def test_babble_loops_short_voices_and_refuses_bad_ones(tone):
    rng = np.random.default_rng(0)
    voice = rng.normal(size=500).astype(np.float32)
    looped = added(noise.babble, tone, voices=[voice])
    assert looped[:500] == pytest.approx(looped[500:1000], abs=1e-6)
    assert active_rms(looped) > 0
    with pytest.raises(ValueError, match=r"voices=\[\.\.\.\]"):
        noise.babble(tone, snr_db=0, rng=rng, voices=[])
    with pytest.raises(AudioError, match=r"voices\[1\] is silent"):
        noise.babble(tone, snr_db=0, rng=rng, voices=[voice, np.zeros(500, np.float32)])


@pytest.mark.parametrize(("per_second", "count"), [(2.0, 20), (15.0, 150), (0.0, 1)])
def test_clicks_come_in_the_number_asked_for(per_second, count):
    # An impulse response of 16 samples: where clicks do not overlap, each is 16 samples long.
    y = np.full(80000, 0.1, np.float32)
    heard = np.abs(added(noise.clicks, y, per_second=per_second)) > 1e-6
    starts = np.flatnonzero(np.diff(np.r_[0, heard.astype(int)]) == 1)
    # Two within 2 ms merge: rarely, at 150 in 10 s about three times.
    assert count * 0.95 <= len(starts) <= count
    assert heard.mean() <= count * 16 / 80000
