"""Frames with gaps, straight lines over them, and sound that is put into them."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.audio.files import AudioError
from course_lib.audio.restore.fill import fill_gaps
from course_lib.audio.restore.gap_frames import FLOOR, LEAST_LOST, GapFrames, lost_share
from course_lib.audio.stft import stft

SIZES = {"n_fft": 256, "hop_length": 64}
N = 8192
TIME = np.arange(N) / 8000


def gap(*bounds: tuple[int, int], samples: int = N) -> np.ndarray:
    missing = np.zeros(samples, bool)
    for begin, end in bounds:
        missing[begin:end] = True
    return missing


def chord() -> np.ndarray:
    return sum(0.2 * np.sin(2 * np.pi * f * TIME + f) for f in (440.0, 1210.0, 2300.0)).astype(np.float32)


def error(y: np.ndarray, made: np.ndarray, missing: np.ndarray) -> float:
    """Energy that is wrong in the gaps, as a share of what was there."""
    return float(np.sum((y - made)[missing] ** 2) / np.sum(y[missing] ** 2))


def test_lost_is_the_share_of_the_windows_energy():
    window = np.hanning(257)[:-1] ** 2
    share = lost_share(gap((2000, 2200)), **SIZES)
    assert share.shape == (128,)
    for number in range(128):
        begin = 64 * number - 128
        inside = [window[i] for i in range(256) if 2000 <= begin + i < 2200]
        expected = sum(inside) / window.sum()
        assert share[number] == pytest.approx(expected if expected >= LEAST_LOST else 0, abs=1e-6)
    np.testing.assert_allclose(lost_share(gap((0, N)), **SIZES)[3:-3], 1)


def test_straight_lines_go_from_the_last_whole_frame_to_the_next():
    y = (np.linspace(0.1, 0.9, N) * np.sin(2 * np.pi * 1000 * TIME)).astype(np.float32)
    missing = gap((3000, 3400), (6000, 6200))
    frames = GapFrames.of(np.stack([y, y]), np.stack([missing, gap()]), **SIZES)
    lost = frames.lost[0, :, 0] > 0
    np.testing.assert_array_equal(frames.interpolated[0][~lost], frames.damaged[0][~lost])
    begin, end = np.flatnonzero(lost)[0] - 1, np.flatnonzero(lost & (np.arange(128) < 60))[-1] + 1
    line = np.linspace(frames.damaged[0][begin], frames.damaged[0][end], end - begin + 1)
    np.testing.assert_allclose(frames.interpolated[0][begin : end + 1], line, atol=1e-4)
    # What stands in a gap does not count, and a whole sound has none.
    noisy = np.where(missing, 5.0, y).astype(np.float32)
    np.testing.assert_array_equal(
        GapFrames.of(noisy[None], missing[None], **SIZES).damaged[0], frames.damaged[0]
    )
    np.testing.assert_array_equal(frames.interpolated[1], frames.damaged[1])
    assert not frames.lost[1].any()


def test_the_level_is_that_of_what_is_left():
    y = np.random.default_rng(0).standard_normal((1, N)).astype(np.float32)
    whole = GapFrames.of(y, gap()[None], **SIZES).level
    half = GapFrames.of(y, gap((1000, 1800), (3000, 5000))[None], **SIZES).level
    assert half == pytest.approx(float(whole.item()), rel=0.05)
    np.testing.assert_allclose(GapFrames.of(0.01 * y, gap()[None], **SIZES).level, 0.01 * whole, rtol=1e-4)


def test_where_everything_is_missing_there_is_silence():
    frames = GapFrames.of(chord()[None], gap((0, N))[None], **SIZES)
    np.testing.assert_allclose(frames.interpolated, np.log(FLOOR), rtol=1e-6)
    at_the_end = GapFrames.of(chord()[None], gap((6000, N))[None], **SIZES)
    last = np.flatnonzero(at_the_end.lost[0, :, 0] == 0)[-1]
    np.testing.assert_array_equal(at_the_end.interpolated[0, -1], at_the_end.damaged[0, last])


@pytest.mark.parametrize(
    "bounds", [((3000, 3160),), ((1000, 1400), (1500, 1900), (5000, 5100))], ids=["one", "three"]
)
def test_the_true_magnitudes_bring_a_chord_back(bounds):
    y, missing = chord(), gap(*bounds)
    magnitude = np.abs(stft(y, **SIZES))
    made = fill_gaps(np.where(missing, 9.0, y), missing, magnitude, **SIZES)
    np.testing.assert_array_equal(made[~missing], y[~missing])
    assert error(y, made, missing) < 0.05
    # Phases that merely go on are near; the iterations bring them nearer.
    assert error(y, made, missing) < error(y, fill_gaps(y, missing, magnitude, n_iter=0), missing) < 0.5


def test_gaps_at_both_ends_and_none_at_all():
    y, missing = chord(), gap((0, 300), (N - 300, N))
    made = fill_gaps(y, missing, np.abs(stft(y, **SIZES)), **SIZES)
    assert np.isfinite(made).all()
    assert error(y, made, missing) < 1.5
    np.testing.assert_array_equal(fill_gaps(y, gap(), np.abs(stft(y, **SIZES)), **SIZES), y)
    assert np.isfinite(fill_gaps(y, gap((0, N)), np.abs(stft(y, **SIZES)), **SIZES)).all()


def test_what_does_not_fit_is_named():
    y = chord()
    with pytest.raises(
        ValueError, match=r"missing must be bool of shape \(8192,\); received float64 \(8192,\)"
    ):
        fill_gaps(y, np.zeros(N), np.zeros((128, 129)))
    with pytest.raises(
        ValueError, match=r"magnitude must have the shape \(128, 129\); received \(128, 128\)"
    ):
        fill_gaps(y, gap(), np.zeros((128, 128)))
    with pytest.raises(AudioError):
        fill_gaps(y[None], gap()[None], np.zeros((128, 129)))
    with pytest.raises(ValueError, match="a bool mask of one shape"):
        GapFrames.of(y, gap())
