"""Notes and drums: in tune, in band, at their level, without clicks, and each family its own."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.audio.synthesis.partials import below_nyquist, harmonic_sum
from course_lib.audio.synthesis.play import DRUMS, INSTRUMENTS, drum, frequency, note

SR = 8000


def _spectrum_db(y: np.ndarray, sr: int = SR) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies and level in dB re the strongest bin, of a window that leaks less than -90 dB."""
    window = scipy.signal.get_window("blackmanharris", len(y))
    magnitude = np.abs(np.fft.rfft(y * window))
    return np.fft.rfftfreq(len(y), 1 / sr), 20 * np.log10(magnitude / magnitude.max() + 1e-12)


def _cents_off(y: np.ndarray, f0: float, sr: int = SR) -> float:
    """Mean instantaneous frequency near ``f0`` against it: of the filtered fundamental's turning phase.

    The mean weighs each moment by the partial's energy, so a vibrato that swings evenly around the pitch
    counts as the pitch, and a dying note by the part that one hears.
    """
    t = np.arange(len(y)) / sr
    low = scipy.signal.firwin(2 * int(4 * sr / f0) + 1, 0.5 * f0, fs=sr)
    z = scipy.signal.fftconvolve(y * np.exp(-2j * np.pi * f0 * t), low, mode="same")
    middle = slice(len(y) // 8, -len(y) // 8)
    phase = np.unwrap(np.angle(z))[middle]
    slope = np.polyfit(t[middle], phase, 1, w=np.abs(z[middle]))[0]
    return 1200 * np.log2(1 + slope / (2 * np.pi * f0))


@pytest.mark.parametrize("instrument", INSTRUMENTS)
@pytest.mark.parametrize("velocity", [30, 127])
def test_every_pitch_is_exact_to_two_cents(instrument, velocity):
    for midi in range(36, 84, 3):
        for cents in (-37.0, 0.0, 12.5):
            y = note(instrument, midi, velocity=velocity, cents=cents, seed=midi)
            # A bell's carrier changes its sign while the clang dies: listen to what stays.
            y = y[4500:] if instrument == "bell" else y
            off = _cents_off(y.astype(np.float64), frequency(midi, cents=cents))
            assert abs(off) < 2, (instrument, midi, cents, off)


@pytest.mark.parametrize("instrument", ["pluck", "organ", "bowed", "flute"])
@pytest.mark.parametrize("midi", [48, 62])
def test_librosa_hears_the_same_pitch(instrument, midi):
    """An estimator that was not told where to look; its own grid is 10 cents wide."""
    import librosa

    y = note(instrument, midi, n_samples=4096)
    f0 = librosa.yin(y[512:3584], fmin=60, fmax=1200, sr=SR, frame_length=1024)
    assert abs(1200 * np.log2(np.median(f0) / frequency(midi))) < 20


def test_frequency_is_equal_temperament():
    assert frequency(69) == 440
    assert frequency(57) == pytest.approx(220)
    assert frequency(60) == pytest.approx(261.6256, abs=1e-4)
    assert frequency(60, cents=100) == pytest.approx(frequency(61))


@pytest.mark.parametrize("instrument", ["pluck", "organ"])
@pytest.mark.parametrize("midi", [47, 74, 83])
def test_nothing_sounds_between_the_harmonics(instrument, midi):
    """A partial folded back at 4 kHz would stand where no harmonic is."""
    y = note(instrument, midi, velocity=127, n_samples=16384)[2048:-2048]
    hz, level_db = _spectrum_db(y)
    f0 = frequency(midi)
    # A plucked string's higher partials are a little sharp of the harmonics and die fast: wide lines.
    width = 0.25 * f0
    between = (np.abs(hz / f0 - np.round(hz / f0)) * f0 > width) & (hz > 0.5 * f0)
    assert between.sum() > 1000
    assert level_db[between].max() < -65


def test_the_bell_has_chownings_partials_and_no_others():
    midi = 83
    y = note("bell", midi, velocity=127, n_samples=16384)[1024:-2048]
    hz, level_db = _spectrum_db(y)
    f0 = frequency(midi)
    partials = np.abs(1 + 1.4 * np.arange(-20, 21)) * f0
    own = partials[partials < SR / 2]
    assert len(own) == 6
    near = np.abs(hz[:, None] - own).min(axis=1) < 40
    assert level_db[~near].max() < -100
    for place in own:
        assert level_db[np.abs(hz - place) < 20].max() > -90


@pytest.mark.parametrize("midi", [76, 81, 83])
def test_the_bowed_strings_harmonics_end_below_half_the_rate(midi):
    y = note("bowed", midi, velocity=127, n_samples=16384)[2048:-2048]
    hz, level_db = _spectrum_db(y)
    f0 = frequency(midi)
    order = np.arange(1, 20)
    own = order * f0
    for place in SR - own[(own > SR / 2) & (own < SR - 200)]:
        if np.abs(own - place).min() > 150:
            line = level_db[np.abs(hz - place) < 30].max()
            around = level_db[(np.abs(hz - place) > 40) & (np.abs(hz - place) < 100)].max()
            assert line < around + 6, (midi, place)


def test_partials_fade_out_below_half_the_rate():
    hz = np.array([0.0, 3400.0, 3640.0, 3840.0, 3900.0, 9000.0])
    np.testing.assert_allclose(below_nyquist(hz, sr=8000), [1, 1, 0.5, 0, 0, 0], atol=1e-9)


def test_harmonic_sum_is_the_sum_of_sines():
    rng = np.random.default_rng(0)
    phase, offset = np.cumsum(rng.uniform(0, 0.3, 500)), rng.uniform(0, 6, 4)
    amplitude = np.array([1.0, 0.0, 0.5, 0.2])
    expected = sum(
        a * np.sin((k + 1) * phase + o) for k, (a, o) in enumerate(zip(amplitude, offset, strict=True))
    )
    np.testing.assert_allclose(harmonic_sum(phase, amplitude, offset), expected, atol=1e-9)


def _all_sounds(**options):
    for name in INSTRUMENTS:
        yield name, note(name, 57, **options)
    for name in DRUMS:
        yield name, drum(name, **options)


@pytest.mark.parametrize("velocity", [1, 64, 127])
def test_level_follows_velocity(velocity):
    for name, y in _all_sounds(velocity=velocity):
        loudest = np.sqrt(np.convolve(y.astype(np.float64) ** 2, np.full(400, 1 / 400), mode="valid").max())
        expected = -14 - 24 * (1 - velocity / 127)
        # Only a peak at full scale may keep a beat below its level.
        slack = 1.5 if np.abs(y).max() > 0.97 else 0.1
        assert expected - slack < 20 * np.log10(loudest) < expected + 0.1, name
        assert np.abs(y).max() < 0.985, name


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_harder_is_brighter(instrument):
    def centroid(velocity):
        centroids = []
        for seed in range(4):
            y = note(instrument, 50, velocity=velocity, seed=seed)
            hz, level_db = _spectrum_db(y)
            # Of the tone, not of its noise: a flute's breath is strongest beside a soft tone.
            harmonic = np.abs(hz / f0 - np.round(hz / f0)) * f0 < 10
            power = 10 ** (level_db / 10) * (harmonic | (instrument == "bell"))
            centroids.append(np.sum(power * hz) / power.sum())
        return np.mean(centroids)

    f0 = frequency(50)
    soft, middle, hard = centroid(20), centroid(70), centroid(125)
    assert soft < middle < hard
    assert hard > 1.1 * soft


@pytest.mark.parametrize(("sr", "n_samples"), [(8000, 8192), (8000, 1000), (22050, 8192), (44100, 44100)])
def test_no_clicks(sr, n_samples):
    """Begins and ends at zero, and neither edge steps: the first and last millisecond stay small."""
    for name, y in _all_sounds(velocity=127, sr=sr, n_samples=n_samples):
        assert y.shape == (n_samples,)
        assert y.dtype == np.float32
        assert np.isfinite(y).all()
        peak = np.abs(y).max()
        assert y[0] == 0, name
        assert y[-1] == 0, name
        assert abs(y[1]) < 0.1 * peak, name
        assert np.abs(y[-max(2, sr // 1000) :]).max() < 0.005 * peak, name
        # No step anywhere is larger than what a partial at half the rate could make.
        assert np.abs(y.mean()) < 0.02 * peak, name


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from([*INSTRUMENTS]),
    midi=st.integers(36, 83),
    velocity=st.integers(1, 127),
    cents=st.floats(-100, 100),
    sr=st.sampled_from([8000, 11025, 16000]),
    seed=st.integers(0, 2**63),
)
def test_any_note_is_sound(name, midi, velocity, cents, sr, seed):
    y = note(name, midi, velocity=velocity, cents=cents, sr=sr, n_samples=sr // 2, seed=seed)
    assert np.isfinite(y).all()
    assert 0.01 < np.abs(y).max() < 1
    np.testing.assert_array_equal(
        y, note(name, midi, velocity=velocity, cents=cents, sr=sr, n_samples=sr // 2, seed=seed)
    )


def test_seeds_differ():
    for (name, one), (_, other) in zip(_all_sounds(seed=1), _all_sounds(seed=2), strict=True):
        assert np.abs(one - other).max() > 0.005, name


def test_families_are_what_they_claim():
    """Numbers that tell the five apart, at one pitch and velocity."""

    def measures(y):
        hz, level_db = _spectrum_db(y)
        power = 10 ** (level_db / 10)
        # Lines lie at multiples of 220 Hz; the bell's do not.
        harmonic = np.abs(hz / 220 - np.round(hz / 220)) * 220 < 25
        rms = [np.sqrt(np.mean(part**2)) for part in np.array_split(y[:7168], 7)]
        return {
            "inharmonic": power[~harmonic].sum() / power.sum(),
            "fall_db": 20 * np.log10(rms[1] / rms[5]),
            "attack_db": 20 * np.log10(np.abs(y[:200]).max() / np.abs(y).max()),
            "overtones": np.sum([level_db[np.abs(hz - 220 * k) < 25].max() > -36 for k in range(1, 18)]),
            "floor_db": np.median(level_db[(hz > 1500) & (hz < 3500)]),
        }

    found = {name: measures(note(name, 57, velocity=96, seed=3)) for name in INSTRUMENTS}
    assert (
        found["bell"]["inharmonic"]
        > 0.1
        > 10 * max(found[name]["inharmonic"] for name in ("pluck", "organ", "bowed", "flute"))
    )
    assert found["pluck"]["fall_db"] > 10
    assert found["bell"]["fall_db"] > 6
    assert all(abs(found[name]["fall_db"]) < 2 for name in ("organ", "bowed", "flute"))
    assert all(found[name]["attack_db"] > -6 for name in ("pluck", "bell", "organ"))
    assert all(found[name]["attack_db"] < -6 for name in ("bowed", "flute"))
    assert found["bowed"]["overtones"] >= 15
    assert found["organ"]["overtones"] <= 7
    assert found["flute"]["overtones"] <= 5
    assert found["flute"]["floor_db"] > found["organ"]["floor_db"] + 40


def test_drums_lie_where_they_belong():
    def centroid(y):
        power = np.abs(np.fft.rfft(y)) ** 2
        return np.sum(power * np.fft.rfftfreq(len(y), 1 / SR)) / power.sum()

    centres = {name: centroid(drum(name, seed=5)) for name in DRUMS}
    assert centres["kick"] < 130 < centres["tom"] < 400 < centres["snare"] < centres["hat"]
    assert centres["hat"] > 2000
    for name in DRUMS:
        y = drum(name, seed=5)
        assert np.mean(y[4096:] ** 2) < 1e-4 * np.mean(y[:1024] ** 2), name


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: note("piano", 60), "unknown instrument 'piano'; expected one of pluck, bell"),
        (lambda: drum("cowbell"), "unknown drum 'cowbell'; expected one of kick"),
        (
            lambda: note("organ", 100),
            "note 100 has 2637 Hz; expected 20 to 1333 Hz at a sampling rate of 8000",
        ),
        (lambda: note("organ", 5), "note 5 has 11 Hz"),
        (lambda: note("organ", 60, velocity=0), "velocity must lie between 1 and 127; received 0"),
        (lambda: note("organ", 60, n_samples=100), "n_samples must be at least 400, 50 ms; received 100"),
    ],
)
def test_says_what_it_expected(make, message):
    with pytest.raises(ValueError, match=message):
        make()
