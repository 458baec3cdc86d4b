"""Pitch and timbre of notes that are known exactly."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.evaluation import conversion
from course_lib.evaluation.pitch import cents, pitch_hz, strongest_partial_hz
from course_lib.evaluation.timbre import timbre

SR = 8000
TIME = np.arange(8192) / SR


def tone(hz: float, *, harmonics: int = 5, decay: float = 2.0) -> np.ndarray:
    y = sum(np.sin(2 * np.pi * k * hz * TIME + k) / k for k in range(1, harmonics + 1) if k * hz < SR / 2)
    return (0.2 * y * np.exp(-decay * TIME)).astype(np.float32)


# At 8 kHz the period of the last but one is eight samples and a half.
@pytest.mark.parametrize("hz", [65.4, 196.0, 440.0, 941.2, 987.8])
def test_the_pitch_of_a_harmonic_tone(hz):
    assert abs(cents(pitch_hz(tone(hz), sr=SR), hz)) < 15
    flat = hz * 2 ** (-60 / 1200)
    assert cents(pitch_hz(tone(flat), sr=SR), hz) == pytest.approx(-60, abs=15)


def test_the_note_of_a_bell_is_what_stays():
    """A clang at 1.8 and 0.4 times the note, louder at first, dies sooner."""
    hz = 330.0
    y = np.exp(-2 * TIME) * np.sin(2 * np.pi * hz * TIME)
    for ratio in (0.4, 1.8, 2.4):
        y = y + 1.5 * np.exp(-14 * TIME) * np.sin(2 * np.pi * ratio * hz * TIME)
    assert abs(cents(strongest_partial_hz(0.2 * y, sr=SR), hz)) < 5


def test_silence_has_no_pitch():
    assert np.isnan(pitch_hz(np.zeros(8192), sr=SR))
    assert np.isnan(strongest_partial_hz(np.zeros(8192), sr=SR))


def test_cents_are_hundredths_of_a_semitone():
    assert cents(440.0 * 2 ** (1 / 12), 440.0) == pytest.approx(100)
    assert np.isnan(cents(float("nan"), 440.0))


def test_timbre_is_deaf_to_level():
    loud, soft = tone(220.0), 0.1 * tone(220.0)
    one, two, other = timbre(np.stack([loud, soft, tone(220.0, harmonics=1, decay=12.0)]), sr=SR)
    assert np.abs(one - two).max() < 0.6 * np.abs(one - other).max()
    with pytest.raises(ValueError, match=r"expected notes of shape \(clips, samples\); received \(8192,\)"):
        timbre(loud, sr=SR)


@pytest.fixture(scope="module")
def played():
    """Two instruments, one that rings and one that is plucked, at eight pitches."""
    pitch = np.tile(np.arange(52, 76, 3), 2)
    who = np.repeat([0, 1], 8)
    hz = 440 * 2 ** ((pitch - 69) / 12)
    y = [tone(f, harmonics=8 if n else 2, decay=8.0 if n else 0.5) for f, n in zip(hz, who, strict=True)]
    return np.stack(y), who, pitch


def test_rows_between_what_was_given_and_what_is_real(played):
    y, who, pitch = played
    # Asked for the other instrument a semitone higher: what was given is neither.
    asked, higher = 1 - who, pitch + 1
    hz = 440 * 2 ** ((higher - 69) / 12)
    real = np.stack(
        [tone(f, harmonics=8 if n else 2, decay=8.0 if n else 0.5) for f, n in zip(hz, asked, strict=True)]
    )
    half = np.where(np.arange(16)[:, None] % 2, real, y)
    told = []
    result = conversion.evaluate(
        {"given": lambda: y, "model": lambda: half, "real": lambda: real},
        instrument=asked,
        pitch=higher,
        real=y,
        real_instrument=who,
        names=("organ", "pluck"),
        sr=SR,
        on_row=told.append,
    )
    assert told == ["given", "model", "real"]
    rows = result["rows"]
    for metric in ("pitch_right", "instrument_right", "both_right"):
        assert [rows[name][metric] for name in told] == [0, 0.5, 1]
        assert rows["model"][f"{metric}_share"] == pytest.approx(0.5)
    assert rows["given"]["pitch_cents"] == pytest.approx(100, abs=5)
    assert rows["real"]["pitch_cents"] < 5
    assert set(rows["model"]["by_instrument"]) == {"organ", "pluck"}
    assert "16 held-out notes" in result["protocol"]


def test_broken_systems_are_named(played):
    y, who, pitch = played
    common = {
        "instrument": who,
        "pitch": pitch,
        "real": y,
        "real_instrument": who,
        "names": ("a", "b"),
        "sr": SR,
    }
    with pytest.raises(ValueError, match="model returned NaN"):
        conversion.evaluate({"model": lambda: np.full_like(y, np.nan)}, **common)
    with pytest.raises(ValueError, match=r"model returned shape \(3, 8192\) for 16 notes"):
        conversion.evaluate({"model": lambda: y[:3]}, **common)
