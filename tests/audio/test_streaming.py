"""Any length through a clip function: nothing lost, nothing added, no swell and no dip where clips meet."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.audio.files import AudioError, read
from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.audio.streaming import apply_to_clips, stream, stream_file


def _same(clips):
    return clips


def _noise(n_samples: int, seed: int = 0) -> np.ndarray:
    return (0.1 * np.random.default_rng(seed).standard_normal(n_samples)).astype(np.float32)


@settings(max_examples=60, deadline=None)
@given(
    length=st.integers(1, 3000),
    overlap=st.integers(0, 128),
    batch=st.integers(1, 5),
    cuts=st.lists(st.integers(0, 3000), max_size=6),
)
def test_a_function_that_does_nothing_changes_nothing(length, overlap, batch, cuts):
    y = _noise(length)
    options = {"n_samples": 256, "overlap": overlap, "batch": batch}
    np.testing.assert_allclose(apply_to_clips(y, _same, **options), y, atol=1e-6)
    blocks = np.split(y, sorted(min(cut, length) for cut in cuts))
    streamed = np.concatenate(list(stream(blocks, _same, **options)))
    np.testing.assert_allclose(streamed, y, atol=1e-6)


def test_the_result_does_not_depend_on_blocks_or_batches():
    y = _noise(50_000)
    window = np.hanning(8192).astype(np.float32)
    expected = apply_to_clips(y, lambda clips: clips * window)
    for batch, size in ((1, 1000), (3, 7168), (16, 20_000)):
        blocks = (y[start : start + size] for start in range(0, len(y), size))
        made = np.concatenate(list(stream(blocks, lambda clips: clips * window, batch=batch)))
        np.testing.assert_array_equal(made, expected)


def test_memory_stays_constant():
    """A stream gives back as it takes: nothing waits but what one batch of clips covers."""
    waiting = 0
    most = 0

    def blocks():
        nonlocal waiting
        for _ in range(300):
            waiting += 8000
            yield _noise(8000)

    for made in stream(blocks(), _same, batch=4):
        most = max(most, waiting)
        waiting -= len(made)
    assert waiting == 0
    assert most <= 4 * 8192 + 8192 + 8000


def test_all_clips_have_the_length_that_the_function_knows():
    shapes = []

    def watch(clips):
        shapes.append(clips.shape)
        return clips

    apply_to_clips(_noise(100_000), watch, n_samples=4096, overlap=512, batch=8)
    assert {shape[1] for shape in shapes} == {4096}
    assert max(shape[0] for shape in shapes) == 8


def test_level_stays_where_clips_with_unrelated_phases_meet():
    """Two runs of Griffin-Lim share no phase: added as amplitudes they would dip by 1.2 dB over the fade."""
    representation = LogMelSpectrogram()
    made = apply_to_clips(
        _noise(8 * 7168), lambda clips: representation.decode(representation.encode(clips), n_iter=4)
    )
    power = made.astype(np.float64) ** 2
    fades = np.concatenate([power[n * 7168 : n * 7168 + 1024] for n in range(1, 8)])
    middles = np.concatenate([power[n * 7168 + 2048 : (n + 1) * 7168 - 1024] for n in range(7)])
    assert abs(10 * np.log10(fades.mean() / middles.mean())) < 0.5


def test_speech_stays_what_it_was(digit_clips):
    """Two strings of digits through the default representation, clip by clip: as intelligible as at once."""
    from course_lib.evaluation import strings
    from course_lib.evaluation.intelligibility import stoi

    _, test = digit_clips
    order = strings.arrange(test.label)[:2]
    representation = LogMelSpectrogram()
    for y in strings.concatenate(test.y, test.length, order=order):
        made = apply_to_clips(y, lambda clips: representation.decode(representation.encode(clips)))
        assert stoi(y, made, sr=8000) > 0.95


@pytest.mark.parametrize(("suffix", "source_sr"), [(".wav", 8000), (".flac", 44100)])
def test_a_file_becomes_a_file(tmp_path, suffix, source_sr):
    t = np.arange(3 * source_sr) / source_sr
    y = np.stack([0.5 * np.sin(2 * np.pi * 440 * t), 0.3 * np.sin(2 * np.pi * 440 * t)], axis=1)
    source = tmp_path / "in.wav"
    soundfile.write(source, y, source_sr)
    target = stream_file(source, tmp_path / f"out{suffix}", _same, batch=2)
    made, expected = read(target), read(source)
    assert made.shape == expected.shape == (24_000,)
    # 16 bits, and the resampler's edges.
    np.testing.assert_allclose(made, expected, atol=2e-4)
    assert list(tmp_path.glob(".*")) == []


def test_a_bad_file_leaves_nothing_behind(tmp_path):
    whole = tmp_path / "whole.wav"
    soundfile.write(whole, _noise(80_000), 8000)
    cut = tmp_path / "cut.wav"
    cut.write_bytes(whole.read_bytes()[:100_000])
    flac = tmp_path / "cut.flac"
    soundfile.write(flac, _noise(80_000), 8000)
    flac.write_bytes(flac.read_bytes()[:60_000])
    (tmp_path / "junk.wav").write_bytes(b"no sound" * 100)
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), 8000)
    soundfile.write(tmp_path / "nan.wav", np.full(9000, np.nan), 8000, subtype="FLOAT")
    target = tmp_path / "out.wav"
    for name, message in (
        ("cut.wav", "truncated: its header promises 80000 frames"),
        ("cut.flac", "truncated"),
        ("junk.wav", "not a sound file"),
        ("empty.wav", "holds no samples"),
        ("nan.wav", "NaN or infinite"),
    ):
        with pytest.raises(AudioError, match=message):
            stream_file(tmp_path / name, target, _same)
    with pytest.raises(FileNotFoundError, match="no sound file"):
        stream_file(tmp_path / "missing.wav", target, _same)
    with pytest.raises(AudioError, match=r"ends in \.wav or \.flac"):
        stream_file(whole, tmp_path / "out.mp3", _same)
    assert not target.exists()
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"overlap": 5000}, "overlap must lie between 0 and half a clip, 4096; received 5000"),
        ({"overlap": -1}, "overlap must lie between 0"),
        ({"batch": 0}, "batch must be at least 1; received 0"),
    ],
)
def test_says_what_it_expected(options, message):
    with pytest.raises(ValueError, match=message):
        apply_to_clips(_noise(100), _same, **options)


def test_a_function_must_return_what_it_got():
    with pytest.raises(ValueError, match=r"must return clips of shape \(1, 8192\); received \(1, 8000\)"):
        apply_to_clips(_noise(100), lambda clips: clips[:, :8000])
