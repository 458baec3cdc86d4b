"""A player for one sound, and the sound's way into a browser."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import ClassVar

import param
from panel.custom import JSComponent

from course_lib.audio.files import wav_bytes
from dashboards.components.theme import TOKENS

HERE = Path(__file__).parent
PLAYER_ESM = (HERE / "audio_player.js").read_text(encoding="utf-8")
PLAYER_CSS = TOKENS + (HERE / "audio_player.css").read_text(encoding="utf-8")
MAX_BYTES = 2_000_000


def data_uri(wav: bytes) -> str:
    """Bytes of a WAV file as a ``data:`` address: the browser holds the sound before anyone clicks.

    Raises
    ------
    ValueError
        Not a WAV file, or above 2 MB (a minute of 16-bit sound at 16 kHz): that belongs behind a link.
    """
    if wav[:4] != b"RIFF" or wav[8:12] != b"WAVE":
        raise ValueError(f"expected the bytes of a WAV file; received {wav[:12]!r}")
    if len(wav) > MAX_BYTES:
        raise ValueError(f"expected at most {MAX_BYTES} bytes of sound; received {len(wav)}")
    return "data:audio/wav;base64," + base64.b64encode(wav).decode("ascii")


class AudioPlayer(JSComponent):
    """A play button with a waveform and an HTML ``<audio>`` element underneath.

    Only one sound of a page plays at a time. The button says what it plays to a screen reader and works
    by keyboard; the sound is 16-bit PCM from :func:`course_lib.audio.files.wav_bytes`: nothing rescales it.
    """

    sound = param.String(
        default="", doc="The sound as a data: address (see data_uri); empty: nothing to play."
    )
    label = param.String(default="Sound", doc="What it is, in one or two words.")
    note = param.String(default="", doc="A few more words, for instance where it comes from.")
    tone = param.Selector(default="input", objects=["input", "ceiling", "output"], doc="Which colour it has.")

    _esm = (
        PLAYER_ESM
        + """
export function render({model}) {
  const player = lsPlayer({label: model.label, tone: model.tone, note: model.note})
  const update = () => player.set(model.sound, model.note)
  model.on(["sound", "note"], update)
  model.on("remove", () => player.stop())
  update()
  return player.element
}
"""
    )
    _stylesheets: ClassVar[list[str]] = [PLAYER_CSS]

    @classmethod
    def of(cls, y, *, sr: int = 8000, **params) -> AudioPlayer:
        """A player of ``y``, shape (samples,), float in [-1, 1]; raises AudioError on NaN or stereo."""
        return cls(sound=data_uri(wav_bytes(y, sr=sr)), **params)
