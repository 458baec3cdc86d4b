"""Uploads enter by the same reader as files, and their level is judged in words."""

from __future__ import annotations

import re

import numpy as np
import pytest

from course_lib.audio.files import AudioError, float_wav_bytes, wav_bytes
from course_lib.audio.uploads import level_report, read_upload

SR = 8000


def speech_like(level_db: float, seconds: float = 1.0) -> np.ndarray:
    """A tone at ``level_db`` (RMS) in the middle third, silence around it."""
    t = np.arange(int(seconds * SR)) / SR
    on = (t > seconds / 3) & (t < 2 * seconds / 3)
    return (10 ** (level_db / 20) * np.sqrt(2) * np.sin(2 * np.pi * 200 * t) * on).astype(np.float32)


def test_an_upload_is_read_like_a_file():
    y = speech_like(-20)
    back = read_upload(wav_bytes(y), "me.wav")
    assert np.abs(back - y).max() < 1e-4
    assert len(read_upload(wav_bytes(y, sr=16_000), "me.wav")) == pytest.approx(4000, abs=1)


def test_thirty_seconds_are_the_limit():
    assert len(read_upload(wav_bytes(np.zeros(30 * SR, np.float32)), "a.wav")) == 30 * SR
    with pytest.raises(AudioError, match=r"a\.wav lasts 31\.0 s; expected at most 30 s: cut it first"):
        read_upload(wav_bytes(np.zeros(31 * SR, np.float32)), "a.wav")


def test_a_large_upload_is_refused_before_it_is_read():
    with pytest.raises(AudioError, match=r"a\.wav has 20\.0 MB; expected at most 20 MB: cut it to 30 s"):
        read_upload(bytes(20_000_001), "a.wav")


@pytest.mark.parametrize(
    ("filename", "shown"),
    [
        ("../../etc/passwd", "passwd is empty"),
        ("C:\\Users\\me\\a.wav", "^a.wav is empty"),
        ("", "the recording is empty"),
    ],
)
def test_a_name_is_only_for_messages(filename, shown):
    with pytest.raises(AudioError, match=shown):
        read_upload(b"", filename)


def test_a_browser_s_own_format_is_named():
    with pytest.raises(AudioError, match=r"clip\.webm is not a sound file .*looks like a WebM"):
        read_upload(b"\x1aE\xdf\xa3" + bytes(500), "clip.webm")
    with pytest.raises(AudioError, match="must come as bytes; received str"):
        read_upload("text", "a.wav")


@pytest.mark.parametrize(
    ("level_db", "verdict", "words"),
    [
        (-22, "fine", r"the level is fine \(-22 dB\)"),
        (-39, "fine", "fine"),
        (-45, "quiet", r"quiet \(-45 dB\): come closer"),
        (-60, "almost silent", "almost silent: is the right microphone chosen"),
        (-200, "almost silent", "almost silent"),
    ],
)
def test_levels_in_words(level_db, verdict, words):
    report = level_report(speech_like(level_db))
    assert report.verdict == verdict
    assert report.level_db == pytest.approx(level_db, abs=0.4)
    assert report.peak_db == pytest.approx(level_db + 3.01, abs=0.05)
    assert report.clipped == 0
    assert re.search(words, report.message)


def test_clipping_is_two_neighbours_at_full_scale():
    clipped = np.clip(speech_like(0), -1, 1)
    share = float((np.abs(clipped) >= 1).mean())
    report = level_report(clipped)
    assert report.verdict == "clipping"
    assert report.clipped == pytest.approx(share, abs=0.01)
    assert report.message.startswith("you are clipping: ")
    single = np.zeros(SR, np.float32)
    single[::50] = 1.0
    assert level_report(single).clipped == 0


def test_clipping_is_noticed_after_16_bits():
    y = read_upload(wav_bytes(3 * speech_like(-6)), "loud.wav")
    assert level_report(y).verdict == "clipping"


def test_silence_has_no_level():
    report = level_report(np.zeros(100, np.float32))
    assert (report.verdict, report.peak_db, report.level_db) == ("almost silent", -np.inf, -np.inf)
    assert level_report(read_upload(float_wav_bytes(np.zeros(100, np.float32)), "a.wav")).clipped == 0
