"""Uploaded and microphone recordings: read like any file, and their level judged in words."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np

from course_lib.audio.files import AudioError, check_samples, read
from course_lib.audio.level import active_rms

MAX_SECONDS = 30.0
MAX_BYTES = 20_000_000  # 30 s of stereo at 48 kHz in 32 bits are 11.5 million
# Two neighbouring samples this close to full scale: one alone may be a peak that just fits.
CLIPPED_PEAK = 0.999
# Speech levels in dB re full scale: the course levels clips to -22; a bad microphone still gives -45.
SILENT_DB, QUIET_DB = -55.0, -40.0
SILENT_PEAK = 1e-3


@dataclass(frozen=True)
class LevelReport:
    """What :func:`level_report` found.

    Attributes
    ----------
    verdict : str
        ``"fine"``, ``"clipping"``, ``"quiet"`` or ``"almost silent"``.
    message : str
        One sentence to the person who recorded it.
    peak_db, level_db : float
        Largest sample and level of the active frames, in dB re full scale; -inf for silence.
    clipped : float
        Share of the samples that are cut off at full scale, 0 to 1.
    """

    verdict: str
    message: str
    peak_db: float
    level_db: float
    clipped: float


def read_upload(
    data: bytes,
    filename: str,
    *,
    sr: int = 8000,
    max_seconds: float = MAX_SECONDS,
    max_bytes: int = MAX_BYTES,
) -> np.ndarray:
    """Read an uploaded or recorded sound as mono, with the same checks as a file.

    Parameters
    ----------
    data : bytes
        The whole file: anything that :func:`course_lib.audio.files.read` reads. Nothing is written to disk.
    filename : str
        Only for messages: an upload's name is never used as a path.
    sr : int
        Sampling rate of the result in Hz.
    max_seconds, max_bytes : float, int
        Longest and largest upload accepted.

    Returns
    -------
    np.ndarray, shape (samples,), float32

    Raises
    ------
    AudioError
        As :func:`course_lib.audio.files.read`, and larger than ``max_bytes``.
    """
    name = PurePath(str(filename).replace("\\", "/")).name or "the recording"
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise AudioError(f"{name} must come as bytes; received {type(data).__name__}")
    if len(data) > max_bytes:
        raise AudioError(
            f"{name} has {len(data) / 1e6:.1f} MB; expected at most {max_bytes / 1e6:.0f} MB: "
            f"cut it to {max_seconds:.0f} s or save it as FLAC"
        )
    file = io.BytesIO(data)
    file.name = name
    return read(file, sr=sr, max_seconds=max_seconds)


def level_report(y, *, sr: int = 8000) -> LevelReport:
    """Judge the recording level of ``y``, shape (samples,): what to change before recording again.

    Clipping is two neighbouring samples at full scale: it cannot be undone. Below -55 dB on its active
    frames a recording is almost silent, below -40 dB quiet: raising it raises the room's noise with it.
    """
    y = check_samples(y)
    magnitude = np.abs(y)
    full = magnitude >= CLIPPED_PEAK
    neighbours = full[1:] & full[:-1]
    cut_off = np.zeros(len(y), bool)
    cut_off[1:] |= neighbours
    cut_off[:-1] |= neighbours
    clipped = float(cut_off.mean())
    peak, level = float(magnitude.max()), active_rms(y, sr=sr)
    peak_db = 20 * np.log10(peak) if peak > 0 else -np.inf
    level_db = 20 * np.log10(level) if level > 0 else -np.inf
    if clipped > 0:
        verdict = "clipping"
        message = (
            f"you are clipping: {int(cut_off.sum()):,} samples are cut off at full scale; "
            "lower the input level or step back"
        )
    elif peak < SILENT_PEAK or level_db < SILENT_DB:
        verdict = "almost silent"
        message = "almost silent: is the right microphone chosen, and is it not muted?"
    elif level_db < QUIET_DB:
        verdict = "quiet"
        message = f"quiet ({level_db:.0f} dB): come closer or raise the input level"
    else:
        verdict = "fine"
        message = f"the level is fine ({level_db:.0f} dB)"
    return LevelReport(verdict, message, float(peak_db), float(level_db), clipped)
