"""What the browser gets is 16-bit PCM, as it was written."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
import soundfile

from course_lib.audio.files import AudioError, wav_bytes
from dashboards.components.audio_player import AudioPlayer, data_uri


def test_the_sound_arrives_byte_for_byte():
    y = np.array([0.0, 0.5, 1.0, -1.0, 2.0], np.float32)
    player = AudioPlayer.of(y, label="Original")
    head, _, body = player.sound.partition(",")
    assert head == "data:audio/wav;base64"
    pcm, sr = soundfile.read(io.BytesIO(base64.b64decode(body)), dtype="int16")
    assert sr == 8000
    assert pcm.tolist() == [0, 16384, 32767, -32768, 32767]


def test_what_is_not_a_sound_is_refused():
    with pytest.raises(ValueError, match="expected the bytes of a WAV file"):
        data_uri(b"<html></html>")
    with pytest.raises(ValueError, match="at most 2000000 bytes"):
        data_uri(wav_bytes(np.zeros(1_100_000, np.float32)))
    with pytest.raises(AudioError, match="NaN"):
        AudioPlayer.of(np.array([0.0, np.nan], np.float32))
