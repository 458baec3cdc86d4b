"""Loudness against the standard's own filters, levels that never clip, anchors that meet the standard."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal

from course_lib.audio.files import AudioError
from course_lib.audio.files import write as write_sound
from course_lib.evaluation.listening import stimuli
from course_lib.evaluation.listening.anchors import default_cutoffs, low_pass
from course_lib.evaluation.listening.errors import ListeningError
from course_lib.evaluation.listening.loudness import PEAK, loudness, match_loudness


def _tone(hertz: float, seconds: float, sr: int) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * sr)) / sr)


def _by_the_standard(y: np.ndarray) -> float:
    """BS.1770-4, annex 1, for a mono sound at 48 kHz: the printed coefficients, blocks, both gates."""
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285], [1, -1.69065929318241, 0.73248077421585]
    high_pass = [1.0, -2.0, 1.0], [1, -1.99004745483398, 0.99007225036621]
    for b, a in (shelf, high_pass):
        y = scipy.signal.lfilter(b, a, y)
    power = np.array([np.mean(y[i : i + 19200] ** 2) for i in range(0, len(y) - 19200 + 1, 4800)])
    power = power[-0.691 + 10 * np.log10(power) > -70]
    gate = -0.691 + 10 * np.log10(power.mean()) - 10
    return -0.691 + 10 * np.log10(power[-0.691 + 10 * np.log10(power) > gate].mean())


@pytest.mark.parametrize("seed", range(8))
def test_loudness_is_the_standards(seed):
    rng = np.random.default_rng(seed)
    pieces = [
        10 ** rng.uniform(-2.5, -0.5)
        * scipy.signal.lfilter([1], [1, -rng.uniform(0, 0.95)], rng.normal(size=n))
        for n in 48 * rng.integers(300, 1500, size=4)
    ]
    y = np.concatenate([*pieces, np.zeros(24000)])[: 4800 * 20]
    y = y / np.abs(y).max()
    assert loudness(y, sr=48000) == pytest.approx(_by_the_standard(y), abs=0.1)


@pytest.mark.parametrize("sr", [8000, 16000, 44100, 48000])
def test_a_full_scale_tone_of_997_hz_has_minus_3_lufs(sr):
    # The weighting's shelf at 1.5 kHz is a digital filter, which a rate of 8 kHz bends by 0.2 dB.
    assert loudness(_tone(997, 2, sr), sr=sr) == pytest.approx(-3.01, abs=0.2 if sr == 8000 else 0.1)


@pytest.mark.parametrize("gain_db", [-80, -60, -20, -1])
def test_a_gain_is_that_many_lufs_however_quiet(gain_db):
    y = np.random.default_rng(0).normal(size=8000) * 0.2
    change = loudness(10 ** (gain_db / 20) * y, sr=8000) - loudness(y, sr=8000)
    assert change == pytest.approx(gain_db, abs=0.01)


@pytest.mark.parametrize("seconds", [0.01, 0.05, 0.2, 0.399, 0.4, 0.401, 1.0])
def test_short_sounds_are_as_loud_as_long_ones(seconds):
    y = 0.1 * np.random.default_rng(1).normal(size=8000)[: round(8000 * seconds)]
    assert loudness(y, sr=8000) == pytest.approx(loudness(np.tile(y, 200), sr=8000), abs=1.5)
    for n in range(64, 400, 7):
        assert np.isfinite(loudness(np.full(n, 0.1) * (-1) ** np.arange(n), sr=8000))


def test_pauses_do_not_count_and_silence_has_no_loudness():
    y = 0.1 * np.random.default_rng(2).normal(size=8000)
    assert loudness(np.pad(y, (0, 40000)), sr=8000) == pytest.approx(loudness(y, sr=8000), abs=0.8)
    assert loudness(np.zeros(8000), sr=8000) == -np.inf
    with pytest.raises(AudioError, match="10 samples; expected at least 64"):
        loudness(np.ones(10), sr=8000)


def test_matched_sounds_are_equally_loud():
    rng = np.random.default_rng(3)
    sounds = [
        0.01 * rng.normal(size=8000),
        0.3 * _tone(1000, 1, 8000),
        1e-5 * rng.normal(size=2000),
        np.zeros(900),
    ]
    matched, reached = match_loudness(sounds, sr=8000)
    assert reached == -23
    assert [loudness(y, sr=8000) for y in matched[:3]] == pytest.approx([-23] * 3, abs=0.01)
    assert not matched[3].any()
    assert [len(y) for y in matched] == [8000, 8000, 2000, 900]


def test_nothing_is_clipped_but_all_are_lowered_alike():
    rng = np.random.default_rng(4)
    click = np.zeros(8000)
    click[4000] = 0.5
    sounds = [click, 0.1 * rng.normal(size=8000)]
    matched, reached = match_loudness(sounds, sr=8000)
    assert max(np.abs(y).max() for y in matched) == pytest.approx(PEAK, rel=1e-5)
    assert reached < -23.5
    assert [loudness(y, sr=8000) for y in matched] == pytest.approx([reached] * 2, abs=0.01)
    assert np.corrcoef(matched[1], sounds[1])[0, 1] == pytest.approx(1)
    with pytest.raises(ValueError, match="target must lie between -60 and -5 LUFS; received 0"):
        match_loudness(sounds, target=0)


@pytest.mark.parametrize("sr", [8000, 16000, 44100, 48000])
def test_the_low_pass_meets_the_standards_mask(sr):
    for cutoff in default_cutoffs(sr).values():
        impulse = np.zeros(4 * sr // 10 * 2 + 1)
        impulse[len(impulse) // 2] = 1
        response = 20 * np.log10(np.abs(np.fft.rfft(low_pass(impulse, cutoff_hz=cutoff, sr=sr))) + 1e-12)
        hertz = np.fft.rfftfreq(len(impulse), 1 / sr)
        assert np.abs(response[hertz <= cutoff]).max() < 0.1
        assert response[hertz >= cutoff * 4000 / 3500].max() < -25
        assert response[hertz >= cutoff * 4500 / 3500].max() < -50


def test_anchors_keep_their_share_of_a_narrow_band():
    assert default_cutoffs(48000) == {"low anchor": 3500, "mid anchor": 7000}
    assert default_cutoffs(8000) == {"low anchor": 1000, "mid anchor": 2000}


def test_an_anchor_is_neither_late_nor_longer():
    y = 0.3 * _tone(300, 0.5, 8000)
    made = low_pass(y, cutoff_hz=1000, sr=8000)
    assert len(made) == len(y)
    assert np.abs(made - y)[500:-500].max() < 0.01
    assert np.abs(low_pass(0.3 * _tone(1300, 0.5, 8000), cutoff_hz=1000))[500:-500].max() < 1e-3
    # The standard's 3.5 kHz can be had at 8 kHz, where it takes next to nothing away.
    assert len(low_pass(y, cutoff_hz=3500, sr=8000)) == len(y)
    with pytest.raises(ValueError, match="between 0 and 3500 Hz at a rate of 8000 Hz; received 3600"):
        low_pass(y, cutoff_hz=3600, sr=8000)


def test_sounds_are_arrays_or_files_of_any_rate(tmp_path):
    y = (0.3 * _tone(300, 0.5, 16000)).astype(np.float32)
    write_sound(tmp_path / "a.wav", y, sr=16000)
    items = {"tone": {"array": y[::2], "file": tmp_path / "a.wav", "named": str(tmp_path / "a.wav")}}
    sounds = stimuli.gather(items, sr=8000, same_length=True)
    assert np.abs(sounds["tone"]["file"] - sounds["tone"]["array"])[50:-50].max() < 1e-3
    levelled, reached, notes = stimuli.level(sounds, sr=8000, target=-23)
    assert (reached, notes) == (-23, [])
    assert list(levelled["tone"]) == ["array", "file", "named"]


def test_mushra_gets_its_anchors():
    sounds = {"tone": {"reference": _tone(300, 0.5, 8000), "codec": _tone(300, 0.5, 8000)}}
    assert set(stimuli.add_anchors(sounds, sr=8000)["tone"]) == {
        "reference",
        "codec",
        "low anchor",
        "mid anchor",
    }
    one = stimuli.add_anchors(sounds, sr=8000, cutoffs={"low anchor": 3500})
    assert list(one["tone"]) == ["reference", "codec", "low anchor"]
    assert list(stimuli.add_anchors(sounds, sr=8000, cutoffs={})["tone"]) == ["reference", "codec"]


Y = np.ones(800)


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ({}, "expected at least one item"),
        ({"a": {"x": Y}}, r"at least two systems to compare; received \['x'\]"),
        ({"a": {"x": Y, "y": Y}, "b": {"x": Y}}, "item 'b' has the systems x; expected x, y"),
        ({"a": {"x": Y, "y": Y[:700]}}, r"equally long, .* received {'x': 800, 'y': 700} samples: cut them"),
        ({"a": {"x": Y, "tie": Y}}, "is not 'tie'; received 'tie'"),
        ({"=cmd()": {"x": Y, "y": Y}}, r"begins with a letter or digit.* received '=cmd\(\)'"),
        ({"a": {"x": Y, "y" * 65: Y}}, "up to 64 letters"),
        ({"a": {"x": Y, "y": Y * np.nan}}, "a / y holds 800 NaN or infinite samples"),
        ({"a": {"x": Y, "y": Y[:10]}}, "a / y has 10 samples; expected at least 64"),
        ({"a": {"x": Y, "y": np.ones((2, 800))}}, r"a / y must be mono"),
    ],
)
def test_stimuli_that_cannot_be_used_are_named(items, message):
    with pytest.raises(ListeningError, match=message):
        stimuli.gather(items, sr=8000, same_length=True)


def test_a_file_that_is_no_sound_is_named(tmp_path):
    (tmp_path / "b.wav").write_bytes(b"")
    with pytest.raises(ListeningError, match=r"a / y: b.wav is empty"):
        stimuli.gather({"a": {"x": Y, "y": tmp_path / "b.wav"}}, sr=8000, same_length=False)
    with pytest.raises(FileNotFoundError, match=r"no sound file at .*absent\.wav"):
        stimuli.gather({"a": {"x": Y, "y": tmp_path / "absent.wav"}}, sr=8000, same_length=False)


@pytest.mark.parametrize(
    ("systems", "message"),
    [
        (("x", "y"), "needs a system called 'reference' in every item; received x, y"),
        (("reference", "low anchor"), "'low anchor' is the name of an anchor; give your system another"),
    ],
)
def test_mushra_wants_a_reference_and_its_own_anchors(systems, message):
    with pytest.raises(ListeningError, match=message):
        stimuli.add_anchors({"a": dict.fromkeys(systems, Y)}, sr=8000)
