"""Read and write sound files, with errors a learner can act on."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import soundfile
import soxr

DEFAULT_MAX_SECONDS = 600.0
MAX_CHANNELS = 8


class AudioError(ValueError):
    """A sound file or array that the course cannot use; the message names what and what to do."""


def read(path, *, sr: int = 8000, max_seconds: float = DEFAULT_MAX_SECONDS) -> np.ndarray:
    """Read a sound file as mono at one sampling rate.

    Parameters
    ----------
    path : str, Path or binary file object
        Anything libsndfile reads: WAV, FLAC, OGG, MP3, AIFF and more.
    sr : int
        Sampling rate of the result in Hz; other rates are resampled (soxr, high quality).
    max_seconds : float
        Longest sound accepted, in seconds.

    Returns
    -------
    y : np.ndarray, shape (samples,), float32
        Full scale is [-1, 1]; channels are averaged. Values beyond full scale in a float file are kept.

    Raises
    ------
    AudioError
        Not audio, empty, truncated, more than 8 channels, too long, or NaN or infinite samples.
    FileNotFoundError
        No such file.
    """
    name = Path(path).name if isinstance(path, (str, Path)) else getattr(path, "name", "the sound")
    if isinstance(path, (str, Path)):
        path = Path(path)
        if not path.exists():
            raise FileNotFoundError(f"no sound file at {path}")
        if path.is_dir():
            raise AudioError(f"{name} is a folder; expected a sound file")
        if path.stat().st_size == 0:
            raise AudioError(f"{name} is empty (0 bytes); record or export it again")
    try:
        with soundfile.SoundFile(path) as source:
            y = _read_open(source, path, name, max_seconds)
            source_sr = source.samplerate
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"{name} is not a sound file that libsndfile reads ({error.error_string.strip()}); "
            "convert it to WAV or FLAC"
        ) from error
    if not np.isfinite(y).all():
        raise AudioError(f"{name} holds NaN or infinite samples; export it again")
    y = y.mean(axis=1)
    if source_sr != sr:
        y = soxr.resample(y, source_sr, sr, quality="HQ")
    return np.ascontiguousarray(y, dtype=np.float32)


def _read_open(source: soundfile.SoundFile, path, name: str, max_seconds: float) -> np.ndarray:
    """Samples of an open file, shape (frames, channels), after checking that it promises what it holds."""
    if source.channels > MAX_CHANNELS:
        raise AudioError(f"{name} has {source.channels} channels; expected at most {MAX_CHANNELS}")
    if source.samplerate <= 0:
        raise AudioError(f"{name} states a sampling rate of {source.samplerate} Hz; expected a positive one")
    if source.frames == 0:
        raise AudioError(f"{name} holds no samples; record or export it again")
    seconds = source.frames / source.samplerate
    if seconds > max_seconds:
        raise AudioError(f"{name} lasts {seconds:.1f} s; expected at most {max_seconds:.0f} s: cut it first")
    y = source.read(dtype="float32", always_2d=True)
    promised = max(source.frames, _wav_promised_frames(source, path))
    if len(y) < promised:
        raise AudioError(
            f"{name} is truncated: its header promises {promised} frames, {len(y)} are there; copy it again"
        )
    return y


def _wav_promised_frames(source: soundfile.SoundFile, path) -> int:
    """Frames that a plain RIFF header promises: libsndfile shortens a cut file without a word."""
    # Other codings pack frames into blocks of their own, which the header's sizes do not count.
    if source.format not in ("WAV", "WAVEX") or not source.subtype.startswith("PCM"):
        return 0
    if isinstance(path, Path):
        with path.open("rb") as file:
            return _riff_frames(file)
    if not path.seekable():
        return 0
    position = path.tell()
    try:
        path.seek(0)
        return _riff_frames(path)
    finally:
        path.seek(position)


def _riff_frames(file) -> int:
    """Frames by the sizes in a RIFF header, from the start of a binary file; 0 where it does not say."""
    if file.read(12)[:4] != b"RIFF":
        return 0
    block = 0
    while len(chunk := file.read(8)) == 8:
        size = int.from_bytes(chunk[4:], "little")
        if chunk[:4] == b"fmt ":
            block = int.from_bytes(file.read(size)[12:14], "little")
        elif chunk[:4] == b"data":
            # 0 and these maxima are written by streaming encoders that did not know the length yet.
            return size // block if block and size not in (0, 0xFFFFFFFF, 0x7FFFFFFF) else 0
        else:
            file.seek(size + size % 2, io.SEEK_CUR)
    return 0


def check_samples(y, *, name: str = "y") -> np.ndarray:
    """Return ``y`` as float32, shape (samples,), or say why it is not a playable mono sound."""
    y = np.asarray(y)
    if y.ndim != 1:
        raise AudioError(f"{name} must be mono with shape (samples,); received shape {y.shape}")
    if y.size == 0:
        raise AudioError(f"{name} is empty; expected at least one sample")
    if not np.issubdtype(y.dtype, np.floating):
        raise AudioError(f"{name} must be floating point in [-1, 1]; received {y.dtype}")
    if not np.isfinite(y).all():
        raise AudioError(f"{name} holds {int((~np.isfinite(y)).sum())} NaN or infinite samples")
    return y.astype(np.float32, copy=False)


def wav_bytes(y, *, sr: int = 8000) -> bytes:
    """Encode ``y``, shape (samples,), as the bytes of a PCM16 WAV file; values beyond [-1, 1] are clipped.

    Players get these bytes rather than an array: a browser pane that converts floats itself wraps a
    sample of 1.0 round to -32768, and a notebook's player rescales each clip, which falsifies comparisons.
    """
    y = check_samples(y)
    buffer = io.BytesIO()
    pcm = np.round(np.clip(y, -1.0, 32767 / 32768) * 32768).astype(np.int16)
    soundfile.write(buffer, pcm, sr, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def write(path, y, *, sr: int = 8000) -> Path:
    """Write ``y``, shape (samples,), as 16-bit WAV or FLAC (by the suffix); appears whole or not at all."""
    path = Path(path)
    formats = {".wav": "WAV", ".flac": "FLAC"}
    if path.suffix.lower() not in formats:
        raise AudioError(f"cannot write {path.name}: expected a name that ends in .wav or .flac")
    pcm = np.round(np.clip(check_samples(y), -1.0, 32767 / 32768) * 32768).astype(np.int16)
    partial = path.with_name(f".{path.name}.partial")
    try:
        soundfile.write(partial, pcm, sr, format=formats[path.suffix.lower()], subtype="PCM_16")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path
