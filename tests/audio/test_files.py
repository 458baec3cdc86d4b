"""Reading and writing: round trips, resampling, and files that are broken in every way we met."""

from __future__ import annotations

import io
import os
import struct
import wave

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.audio import files
from course_lib.audio.files import AudioError, check_samples, read, wav_bytes, write

QUANTUM = 1 / 32768


def _tone(seconds=0.5, sr=8000, hertz=440.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * sr)) / sr)).astype(np.float32)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".WAV"])
def test_write_then_read_is_the_same_to_half_a_step(tmp_path, suffix):
    y = _tone()
    path = write(tmp_path / f"tone{suffix}", y)
    back = read(path)
    assert back.dtype == np.float32
    assert np.abs(back - y).max() <= 0.5 * QUANTUM + 1e-9
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@settings(max_examples=40, deadline=None)
@given(values=st.lists(st.floats(-3, 3, width=32), min_size=1, max_size=200))
def test_wav_bytes_are_the_clipped_samples(values):
    y = np.array(values, np.float32)
    back, sr = soundfile.read(io.BytesIO(wav_bytes(y)), dtype="float32")
    assert sr == 8000
    assert np.abs(back - np.clip(y, -1, 32767 / 32768)).max() <= 0.5 * QUANTUM + 1e-7


@pytest.mark.parametrize("value", [1.0, 1.0001, 2.0, 100.0])
def test_full_scale_does_not_wrap(value):
    with wave.open(io.BytesIO(wav_bytes(np.array([value, -value, 0.0], np.float32)))) as reader:
        assert reader.getsampwidth() == 2
        assert struct.unpack("<3h", reader.readframes(3)) == (32767, -32768, 0)


def test_wav_bytes_are_the_same_each_time_and_keep_levels():
    quiet = _tone() / 100
    assert wav_bytes(quiet) == wav_bytes(quiet)
    back, _ = soundfile.read(io.BytesIO(wav_bytes(quiet)))
    assert np.abs(back).max() == pytest.approx(0.005, abs=QUANTUM)


@pytest.mark.parametrize("sr", [8000, 16000, 22050, 44100, 48000])
def test_other_rates_are_resampled_to_the_same_tone(tmp_path, sr):
    soundfile.write(tmp_path / "tone.wav", _tone(1.0, sr), sr, subtype="FLOAT")
    back = read(tmp_path / "tone.wav")
    assert abs(len(back) - 8000) <= 1
    middle = slice(1000, 7000)
    expected = _tone(1.0)
    assert np.abs(back[: len(expected)][middle] - expected[: len(back)][middle]).max() < 2e-3


def test_channels_are_averaged(tmp_path):
    stereo = np.stack([_tone(), -_tone() / 2], axis=1)
    soundfile.write(tmp_path / "stereo.wav", stereo, 8000, subtype="FLOAT")
    np.testing.assert_allclose(read(tmp_path / "stereo.wav"), _tone() / 4, atol=1e-6)


@pytest.mark.parametrize(
    ("format", "subtype"),
    [("WAV", "PCM_24"), ("WAV", "PCM_U8"), ("WAV", "ULAW"), ("OGG", "VORBIS"), ("AIFF", "PCM_16")],
)
def test_reads_what_libsndfile_reads(tmp_path, format, subtype):
    soundfile.write(tmp_path / "tone", _tone(), 8000, format=format, subtype=subtype)
    assert np.corrcoef(read(tmp_path / "tone"), _tone())[0, 1] > 0.99


def test_reads_an_open_file():
    assert len(read(io.BytesIO(wav_bytes(_tone())))) == 4000


def _pcm(payload: bytes, *, channels=1, sr=8000, bits=16, tag=1, size=None, block=None) -> bytes:
    """A WAV file whose header says whatever it is told to."""
    block = channels * bits // 8 if block is None else block
    format_chunk = struct.pack("<4sIHHIIHH", b"fmt ", 16, tag, channels, sr, sr * block, block, bits)
    data = struct.pack("<4sI", b"data", len(payload) if size is None else size) + payload
    return struct.pack("<4sI4s", b"RIFF", 4 + len(format_chunk) + len(data), b"WAVE") + format_chunk + data


SILENCE = bytes(16000)
WHOLE = wav_bytes(_tone())
NOT_A_NUMBER = struct.pack("<4f", 0.0, float("nan"), 0.0, 0.0)
INFINITE = struct.pack("<4f", 0.0, float("inf"), 0.0, 0.0)
FLAC = io.BytesIO()
soundfile.write(FLAC, np.random.default_rng(0).uniform(-1, 1, 4000), 8000, format="FLAC")

BROKEN = {
    "empty": (b"", "is empty"),
    "text": (b"this is not audio at all\n" * 20, "not a sound file"),
    "junk": (np.random.default_rng(0).bytes(4096), "not a sound file"),
    "zeros": (bytes(4096), "not a sound file"),
    "riff_only": (b"RIFF", "not a sound file"),
    "header_only": (WHOLE[:20], "not a sound file"),
    "no_data_chunk": (WHOLE[:36], "not a sound file|holds no samples"),
    "no_samples": (_pcm(b""), "holds no samples"),
    "cut_in_the_data": (WHOLE[: len(WHOLE) // 2], "truncated: its header promises 4000 frames, 19"),
    "promises_too_much": (_pcm(SILENCE, size=10**9), "truncated: its header promises 500000000 frames"),
    "rate_of_zero": (_pcm(SILENCE, sr=0), "not a sound file|sampling rate of 0"),
    "no_channels": (_pcm(SILENCE, channels=0, block=2), "not a sound file"),
    "many_channels": (_pcm(SILENCE, channels=40), "40 channels; expected at most 8"),
    "unknown_codec": (_pcm(SILENCE, tag=0x7777), "not a sound file"),
    "odd_bits": (_pcm(SILENCE, bits=200), "not a sound file"),
    "nan": (_pcm(NOT_A_NUMBER, bits=32, tag=3), "NaN or infinite"),
    "infinite": (_pcm(INFINITE, bits=32, tag=3), "NaN or infinite"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(100), "not a sound file"),
    "html": (b"<!DOCTYPE html><html><body>404</body></html>", "not a sound file"),
    "cut_flac": (FLAC.getvalue()[: len(FLAC.getvalue()) // 2], "not a sound file|truncated"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_files_are_named_and_explained(tmp_path, kind):
    data, message = BROKEN[kind]
    path = tmp_path / f"{kind}.wav"
    path.write_bytes(data)
    with pytest.raises(AudioError, match=message) as caught:
        read(path)
    assert path.name in str(caught.value)


def test_a_cut_upload_is_noticed_too():
    with pytest.raises(AudioError, match="the sound is truncated: its header promises 4000 frames"):
        read(io.BytesIO(WHOLE[:3000]))


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, 43), byte=st.integers(0, 255))
def test_any_flipped_header_byte_is_read_or_explained(at, byte):
    """A wrong header may still be a legal one; what must never happen is another exception or NaN."""
    data = bytearray(WHOLE)
    data[at] = byte
    try:
        y = read(io.BytesIO(bytes(data)))
    except AudioError:
        return
    assert y.ndim == 1
    assert np.isfinite(y).all()


@pytest.mark.skipif(os.name == "nt", reason="needs a folder opened as a file")
def test_folders_and_missing_files(tmp_path):
    with pytest.raises(AudioError, match="is a folder; expected a sound file"):
        read(tmp_path)
    with pytest.raises(FileNotFoundError, match="no sound file at"):
        read(tmp_path / "missing.wav")


def test_too_long_is_refused_before_it_is_read(tmp_path):
    path = write(tmp_path / "long.wav", np.zeros(3 * 8000, np.float32))
    assert len(read(path, max_seconds=3)) == 24000
    with pytest.raises(AudioError, match=r"lasts 3\.0 s; expected at most 2 s"):
        read(path, max_seconds=2)


def test_a_streamed_wav_without_a_length_is_read(tmp_path):
    path = tmp_path / "stream.wav"
    path.write_bytes(_pcm(SILENCE, size=0xFFFFFFFF))
    assert len(read(path)) == 8000


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.zeros((2, 5)), r"mono with shape \(samples,\); received shape \(2, 5\)"),
        (np.zeros(0), "y is empty"),
        (np.zeros(5, np.int16), "floating point in .*; received int16"),
        (np.array([0.0, np.nan, np.inf]), "holds 2 NaN or infinite samples"),
        (np.zeros(5, complex), "received complex128"),
        ([[0.1], [0.2, 0.3]], "inhomogeneous|mono"),
    ],
)
def test_arrays_that_are_no_sound(y, message):
    with pytest.raises(ValueError, match=message):
        check_samples(y)


def test_write_refuses_other_formats_and_leaves_nothing_behind(tmp_path, monkeypatch):
    with pytest.raises(AudioError, match=r"ends in \.wav or \.flac"):
        write(tmp_path / "tone.mp3", _tone())
    good = write(tmp_path / "tone.wav", _tone())
    before = good.read_bytes()
    with pytest.raises(AudioError, match="1 NaN"):
        write(good, np.array([np.nan], np.float32))

    def full_disk(handle, mode):
        os.close(handle)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fdopen", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write(good, _tone() / 2)
    assert good.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["tone.wav"]
