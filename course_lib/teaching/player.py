"""Sound in a notebook: level-matched players that work offline and change nothing but the level.

A notebook's own player rescales every clip to its peak, so a comparison through it is false. These embed
16-bit WAV bytes, all brought to one speech level, and say so.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping
from html import escape

import numpy as np

from course_lib.audio.files import check_samples, wav_bytes
from course_lib.data.clips import active_rms

LEVEL_DB = -22.0
CARD = (
    "display:inline-flex;flex-direction:column;gap:.3em;vertical-align:top;width:{width}px;"
    "padding:.5em .6em;margin:.25em;border:1px solid var(--jp-border-color2,#d0d7de);border-radius:8px;"
    "background:var(--jp-layout-color1,#fff);color:var(--jp-content-font-color1,#1f2328)"
)


def match_level(y: np.ndarray, *, sr: int = 8000, level_db: float = LEVEL_DB) -> np.ndarray:
    """Scale ``y``, shape (samples,), to one speech level (dB re full scale); silence stays silence.

    The peak is kept below full scale: a sound too spiky for the level becomes quieter rather than clipped.
    """
    y = check_samples(y)
    rms, peak = active_rms(y, sr=sr), float(np.abs(y).max())
    if rms < 1e-6 or peak == 0:
        return y
    return (y * min(10 ** (level_db / 20) / rms, 0.98 / peak)).astype(np.float32)


class Player:
    """One sound with a title and, if given, its ``picture``: a spectrogram, shape (frames, bands), in dB."""

    def __init__(
        self,
        y: np.ndarray,
        title: str,
        *,
        sr: int = 8000,
        note: str = "",
        picture: np.ndarray | None = None,
        matched: bool = True,
    ):
        self.y = match_level(y, sr=sr) if matched else check_samples(y)
        self.title, self.note, self.sr, self.picture = title, note, sr, picture

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return len(self.y) / self.sr

    def __repr__(self) -> str:
        return f"♪ {self.title} ({self.seconds:.1f} s){' · ' + self.note if self.note else ''}"

    def html(self, *, width: int = 230) -> str:
        """The player as one card of HTML."""
        source = base64.b64encode(wav_bytes(self.y, sr=self.sr)).decode()
        title, note = escape(self.title), escape(self.note)
        picture = ""
        if self.picture is not None:
            data = base64.b64encode(spectrogram_png(self.picture)).decode()
            style = "width:100%;height:84px;border-radius:4px;margin:0"
            picture = (
                f'<img alt="Spectrogram of {title}: time to the right, frequency upwards" '
                f'src="data:image/png;base64,{data}" style="{style}">'
            )
        return (
            f'<div style="{CARD.format(width=width)}"><span style="font-weight:600">{title}</span>{picture}'
            f'<audio controls preload="auto" aria-label="{title}" style="width:100%;height:34px" '
            f'src="data:audio/wav;base64,{source}"></audio>'
            + (f'<small style="opacity:.8">{note}</small>' if note else "")
            + "</div>"
        )

    def _repr_html_(self) -> str:
        return self.html(width=320)


class Grid:
    """Players side by side, in rows with an optional heading each."""

    def __init__(self, rows: Mapping[str, Iterable[Player]] | Iterable[Player], *, width: int = 200):
        self.rows = {k: list(v) for k, v in rows.items()} if isinstance(rows, Mapping) else {"": list(rows)}
        self.width = width

    def __repr__(self) -> str:
        lines = []
        for name, players in self.rows.items():
            lines += [name] if name else []
            lines += [f"  {player!r}" for player in players]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        parts = []
        for name, players in self.rows.items():
            if name:
                parts.append(f'<div style="font-weight:600;margin:.6em .3em 0">{escape(name)}</div>')
            parts.append("".join(player.html(width=self.width) for player in players))
        return f'<div class="course-players">{"".join(parts)}<div><small>{MATCHED}</small></div></div>'


MATCHED = "All players are matched to one speech level, so that louder cannot pass for better."


def compare(sounds: Mapping[str, np.ndarray], *, sr: int = 8000, width: int = 230) -> Grid:
    """An A/B row: {title: samples}."""
    return Grid([Player(y, title, sr=sr) for title, y in sounds.items()], width=width)


def spectrogram_png(
    picture: np.ndarray, *, low_db: float = -80.0, high_db: float = 0.0, zoom: int = 2
) -> bytes:
    """A thumbnail for a player's card: (frames, bands) in dB -> PNG bytes, low bands at the bottom.

    Only a reminder of what plays; figures with axes come from :mod:`course_lib.plotting`.
    """
    from matplotlib import colormaps
    from PIL import Image

    level = (np.clip(np.asarray(picture, np.float32), low_db, high_db) - low_db) / (high_db - low_db)
    pixels = (colormaps["magma"](level.T[::-1])[..., :3] * 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(np.kron(pixels, np.ones((zoom, zoom, 1), np.uint8))).save(buffer, format="PNG")
    return buffer.getvalue()
