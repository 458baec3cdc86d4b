"""A file that was cut is reported as cut, in every format that says how long it is."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.audio import files
from course_lib.audio.containers import mpeg_frame_bytes, other_kind, shortfall
from course_lib.audio.files import AudioError, float_wav_bytes, read, write

SR = 8000
TONE = (0.5 * np.sin(2 * np.pi * 440 * np.arange(SR) / SR)).astype(np.float32)
FORMATS = [
    ("WAV", "PCM_U8"),
    ("WAV", "PCM_16"),
    ("WAV", "PCM_24"),
    ("WAV", "PCM_32"),
    ("WAV", "FLOAT"),
    ("WAV", "DOUBLE"),
    ("WAV", "ALAW"),
    ("WAV", "ULAW"),
    ("WAV", "IMA_ADPCM"),
    ("WAV", "MS_ADPCM"),
    ("WAV", "G721_32"),
    ("WAVEX", "PCM_24"),
    ("RF64", "PCM_16"),
    ("W64", "PCM_16"),
    ("AIFF", "PCM_16"),
    ("AIFF", "FLOAT"),
    ("AU", "PCM_16"),
    ("CAF", "PCM_16"),
    ("CAF", "ALAC_16"),
    ("FLAC", "PCM_16"),
    ("FLAC", "PCM_24"),
    ("OGG", "VORBIS"),
    ("OGG", "OPUS"),
    ("MP3", "MPEG_LAYER_III"),
]


def encode(y, form: str, subtype: str, sr: int = SR) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, y, sr, format=form, subtype=subtype)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def encoded() -> dict[tuple[str, str], bytes]:
    return {(form, subtype): encode(TONE, form, subtype) for form, subtype in FORMATS}


@pytest.mark.parametrize("kind", FORMATS, ids="-".join)
def test_every_format_is_read_whole(encoded, kind):
    y = read(io.BytesIO(encoded[kind]))
    # ADPCM fills its last block; the others give back what went in.
    assert 0 <= len(y) - SR < 128
    assert np.corrcoef(y[:SR], TONE)[0, 1] > 0.97
    assert shortfall(io.BytesIO(encoded[kind]), len(encoded[kind])) == ""


@pytest.mark.parametrize("lost", [1, 40, 0.33, 0.5, 0.7])
@pytest.mark.parametrize("kind", FORMATS, ids="-".join)
def test_every_cut_is_reported(encoded, kind, lost):
    data = encoded[kind]
    cut = data[: len(data) - (lost if isinstance(lost, int) else int(lost * len(data)))]
    with pytest.raises(AudioError, match=r"truncated|not a sound file"):
        read(io.BytesIO(cut))


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (("WAV", "FLOAT"), "promises 8000 frames, 3990 are there"),
        (("WAV", "IMA_ADPCM"), "promises 4096 bytes of sound, 2018 are there"),
        (("RF64", "PCM_16"), "promises 8000 frames, 3974 are there"),
        (("AIFF", "PCM_16"), "promises 16000 bytes of sound, 7973 are there"),
        (("OGG", "VORBIS"), "ends inside a page of sound"),
        (("MP3", "MPEG_LAYER_III"), "ends inside frame"),
        (("FLAC", "PCM_16"), "not all of its 8000 frames can be decoded"),
    ],
)
def test_the_message_says_how_much_is_there(encoded, kind, message):
    data = encoded[kind]
    with pytest.raises(AudioError, match=message):
        read(io.BytesIO(data[: len(data) // 2]))


def test_an_ogg_cut_between_pages_misses_its_last_page():
    data = encode(np.random.default_rng(0).normal(size=SR * 4) / 10, "OGG", "VORBIS")
    last = data.rindex(b"OggS")
    assert last > 0
    with pytest.raises(AudioError, match="truncated: its last page is missing"):
        read(io.BytesIO(data[:last]))


def test_an_mp3_without_half_of_its_frames_misses_samples():
    data = encode(TONE, "MP3", "MPEG_LAYER_III")
    position = 0
    while position < len(data) // 2:
        position += mpeg_frame_bytes(data[position : position + 4])
    with pytest.raises(AudioError, match="not all of its 8000 frames can be decoded"):
        read(io.BytesIO(data[:position]))


def test_tags_around_an_mp3_are_no_damage(encoded):
    data = encoded["MP3", "MPEG_LAYER_III"]
    tagged = b"ID3\x03\0\0\0\0\x02\x05" + bytes(2 * 128 + 5) + data + b"TAG" + bytes(125)
    assert len(read(io.BytesIO(tagged))) == pytest.approx(SR, abs=1152)
    with pytest.raises(AudioError, match="ends inside frame"):
        read(io.BytesIO(tagged[: len(tagged) - 128 - 30]))


@pytest.mark.parametrize(
    ("header", "length"),
    [
        # The textbook frame: MPEG-1 layer III, 128 kbit/s, 44.1 kHz: 144 * 128000 / 44100.
        (b"\xff\xfb\x90\x00", 417),
        (b"\xff\xfb\x92\x00", 418),
        (b"\xff\xf3\x40\x00", 72 * 32000 // 22050),
        (b"\xff\xfd\x90\x00", 144 * 160000 // 44100),
        (b"\xff\xff\x90\x00", 12 * 288000 // 44100 * 4),
        (b"\xff\xfb\x00\x00", 0),
        (b"\xff\xfb\xf0\x00", 0),
        (b"\xff\xeb\x90\x00", 0),
        (b"RIFF", 0),
        (b"\xff", 0),
    ],
)
def test_lengths_of_mpeg_frames(header, length):
    assert mpeg_frame_bytes(header) == length


def test_a_flac_of_unknown_length_is_read_to_its_end(encoded):
    data = bytearray(encoded["FLAC", "PCM_16"])
    # STREAMINFO: 36 bits of "samples in all" end at byte 26; 0 says unknown, as a live encoder writes.
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    assert len(read(io.BytesIO(bytes(data)))) == SR
    with pytest.raises(AudioError, match=r"lasts .*; expected at most 0 s"):
        read(io.BytesIO(bytes(data)), max_seconds=0.4)


def test_eight_channels_are_read_and_nine_refused():
    eight = np.stack([TONE * k for k in range(8)], axis=1) / 8
    np.testing.assert_allclose(read(io.BytesIO(encode(eight, "WAV", "FLOAT"))), TONE * 3.5 / 8, atol=1e-6)
    nine = encode(np.zeros((100, 9), np.float32), "WAV", "FLOAT")
    with pytest.raises(AudioError, match="has 9 channels; expected at most 8"):
        read(io.BytesIO(nine))


def test_a_rate_beyond_all_converters_is_refused():
    data = bytearray(encode(TONE, "WAV", "PCM_16"))
    data[24:28] = struct.pack("<I", 2_000_000_000)
    with pytest.raises(AudioError, match="sampling rate of 2000000000 Hz; expected 1 to 768000 Hz"):
        read(io.BytesIO(bytes(data)))


def test_the_content_counts_not_the_suffix(tmp_path):
    for suffix in (".raw", ".mp3", ".txt", ""):
        path = tmp_path / f"tone{suffix}"
        path.write_bytes(encode(TONE, "WAV", "PCM_16"))
        assert len(read(path)) == SR
    (tmp_path / "noise.raw").write_bytes(b"no header at all " * 50)
    with pytest.raises(AudioError, match=r"noise\.raw is not a sound file"):
        read(tmp_path / "noise.raw")


def test_a_stream_that_cannot_seek_is_read():
    class Pipe(io.BytesIO):
        def seekable(self):
            return False

    assert len(read(Pipe(encode(TONE, "WAV", "PCM_16")))) == SR


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x1aE\xdf\xa3" + bytes(60), "a WebM or Matroska recording"),
        (b"\0\0\0\x20ftypM4A " + bytes(60), "an MP4, M4A or QuickTime file"),
        (b"PK\x03\x04" + bytes(60), "a ZIP archive"),
        (b"\x93NUMPY" + bytes(60), "a NumPy array"),
        (b"<!doctype html><p>404", "a web page"),
        (b"MThd" + bytes(60), "a MIDI file: notes without sound"),
    ],
)
def test_what_people_take_for_sound_is_named(head, kind):
    assert other_kind(head) == kind
    with pytest.raises(AudioError, match=f"looks like {kind}"):
        read(io.BytesIO(head))


def test_float_wav_keeps_every_sample_and_is_the_same_each_time(tmp_path):
    y = np.array([0.0, 1e-9, -1.5, 3.0, 0.25], np.float32)
    path = write(tmp_path / "float.wav", y, sr=22_050, subtype="float")
    np.testing.assert_array_equal(read(path, sr=22_050), y)
    info = soundfile.info(path)
    assert (info.subtype, info.samplerate, info.frames) == ("FLOAT", 22_050, 5)
    assert path.read_bytes() == float_wav_bytes(y, sr=22_050)


@pytest.mark.parametrize(("name", "subtype"), [("a.flac", "float"), ("a.wav", "pcm24")])
def test_other_subtypes_are_refused(tmp_path, name, subtype):
    with pytest.raises(AudioError, match=f"as '{subtype}': expected 'pcm16', or for .wav also 'float'"):
        write(tmp_path / name, TONE, subtype=subtype)


def test_blocks_join_without_a_seam(monkeypatch):
    """A long file is resampled block by block: the same samples as in one piece."""
    rng = np.random.default_rng(1)
    y = np.cumsum(rng.normal(size=44_100 * 2))
    y = (0.3 * y / np.abs(y).max()).astype(np.float32)
    data = encode(y, "WAV", "FLOAT", 44_100)
    whole = read(io.BytesIO(data))
    monkeypatch.setattr(files, "BLOCK_FRAMES", 1000)
    np.testing.assert_allclose(read(io.BytesIO(data)), whole, atol=1e-6)


@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_flipped_and_cut_bytes_are_read_or_explained(data):
    """Whatever happens to a file: samples or AudioError, never another exception, never NaN."""
    blob = bytearray(BLOBS[data.draw(st.sampled_from(sorted(BLOBS)))])
    for _ in range(data.draw(st.integers(0, 6))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    start = data.draw(st.one_of(st.just(0), st.integers(0, 40)))
    end = data.draw(st.one_of(st.just(len(blob)), st.integers(0, len(blob))))
    try:
        y = read(io.BytesIO(bytes(blob[start:end])), max_seconds=5)
    except AudioError:
        return
    assert y.ndim == 1
    assert y.size
    assert np.isfinite(y).all()


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=600),
    st.sampled_from(["", "RIFF", "fLaC", "OggS", "FORM", "caff", "ID3", ".snd", "riff"]),
)
def test_junk_is_explained(junk, mark):
    try:
        assert np.isfinite(read(io.BytesIO(mark.encode() + junk), max_seconds=5)).all()
    except AudioError:
        return


SHORT = TONE[:1200]
BLOBS = {
    f"{form}-{subtype}": encode(SHORT, form, subtype)
    for form, subtype in FORMATS
    if (form, subtype) not in {("WAV", "PCM_32"), ("FLAC", "PCM_24"), ("WAVEX", "PCM_24")}
}
