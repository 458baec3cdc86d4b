"""Read and write sound files, with errors a learner can act on."""

from __future__ import annotations

import io
import os
import struct
import tempfile
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
import soxr

from course_lib.audio.containers import other_kind, shortfall

DEFAULT_MAX_SECONDS = 600.0
MAX_CHANNELS = 8
# No converter is faster; a header that says more is damaged.
MAX_RATE = 768_000
BLOCK_FRAMES = 65_536
# Encoders of MP3 disagree by up to a frame on how many samples of their padding count.
MP3_SLACK = 1_152
SUBTYPES = ("pcm16", "float")


class AudioError(ValueError):
    """A sound file or array that the course cannot use; the message names what and what to do."""


def read(path, *, sr: int = 8000, max_seconds: float = DEFAULT_MAX_SECONDS) -> np.ndarray:
    """Read a sound file as mono at one sampling rate.

    Parameters
    ----------
    path : str, Path or binary file object
        Anything libsndfile reads: WAV (8 to 64 bits, float, A-law, mu-law, ADPCM), FLAC, OGG, Opus, MP3, AIFF
        and more, at any rate, with up to 8 channels. What the file holds counts, not its suffix.
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
        Not audio, empty, truncated, more than 8 channels, no possible sampling rate, too long, or NaN or
        infinite samples.
    FileNotFoundError
        No such file.
    """
    if not isinstance(path, (str, os.PathLike)):
        return _read_file(path, _name_of(path), sr, max_seconds)
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"no sound file at {path}")
    if path.is_dir():
        raise AudioError(f"{path.name} is a folder; expected a sound file")
    if not path.is_file():
        raise AudioError(f"{path.name} is a device or pipe; expected a sound file")
    with path.open("rb") as file:
        return _read_file(file, path.name, sr, max_seconds)


def _name_of(file) -> str:
    """What to call an open file in a message: its name when it has one."""
    name = getattr(file, "name", None)
    return Path(name).name if isinstance(name, str) and name else "the sound"


class _Nameless(io.RawIOBase):
    """A binary file without its name: soundfile trusts a suffix such as .raw more than the content."""

    def __init__(self, file: BinaryIO):
        self._file = file

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def readinto(self, buffer) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        # A damaged header may ask for a place before the start: an error here could not reach the caller.
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._file.tell()}.get(whence)
        if start is not None and start + offset < 0:
            offset = -start
        elif whence == io.SEEK_END:
            end = self._file.seek(0, io.SEEK_END)
            offset = max(offset, -end)
        return self._file.seek(min(offset, 2**62), whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


def _read_file(file, name: str, sr: int, max_seconds: float) -> np.ndarray:
    """As :func:`read`, from an open binary file."""
    if not (hasattr(file, "seekable") and file.seekable()):
        file = io.BytesIO(file.read())
    size = file.seek(0, io.SEEK_END)
    if size == 0:
        raise AudioError(f"{name} is empty (0 bytes); record or export it again")
    missing = shortfall(file, size)
    if missing:
        raise AudioError(f"{name} is truncated: {missing}; copy or download it again")
    file.seek(0)
    kind = other_kind(file.read(16))
    file.seek(0)
    try:
        source = soundfile.SoundFile(_Nameless(file))
    except (soundfile.SoundFileError, ValueError, TypeError) as error:
        what = getattr(error, "error_string", str(error)).strip()
        it = f"it looks like {kind}" if kind else what
        raise AudioError(
            f"{name} is not a sound file that libsndfile reads ({it}); convert it to WAV or FLAC"
        ) from error
    # After each block soundfile seeks to where it already is, which fails in streams of unknown length.
    source.seekable = lambda: False
    with source:
        _check_header(source, name, max_seconds)
        y = _decode(source, name, sr, max_seconds)
    if not np.isfinite(y).all():
        raise AudioError(f"{name} holds NaN or infinite samples; export it again")
    return np.ascontiguousarray(y, dtype=np.float32)


def _check_header(source: soundfile.SoundFile, name: str, max_seconds: float) -> None:
    if source.channels > MAX_CHANNELS:
        raise AudioError(f"{name} has {source.channels} channels; expected at most {MAX_CHANNELS}")
    if not 0 < source.samplerate <= MAX_RATE:
        raise AudioError(
            f"{name} states a sampling rate of {source.samplerate} Hz; expected 1 to {MAX_RATE} Hz"
        )
    if source.frames == 0:
        raise AudioError(f"{name} holds no samples; record or export it again")
    seconds = source.frames / source.samplerate
    # A stream of unknown length states the largest number there is: its end shows when it is read.
    if seconds > max_seconds and source.frames < 2**62:
        raise _too_long(name, f"{seconds:.1f}", max_seconds)


def _too_long(name: str, seconds: str, max_seconds: float) -> AudioError:
    return AudioError(f"{name} lasts {seconds} s; expected at most {max_seconds:.0f} s: cut it first")


def _decode(source: soundfile.SoundFile, name: str, sr: int, max_seconds: float) -> np.ndarray:
    """Mono samples at ``sr``, block by block: a long recording in eight channels is never held whole."""
    same = source.samplerate == sr
    resampler = None if same else soxr.ResampleStream(source.samplerate, sr, 1, dtype="float32", quality="HQ")
    parts, done, failure = [], 0, ""
    while True:
        try:
            block = source.read(BLOCK_FRAMES, dtype="float32", always_2d=True)
        except (soundfile.SoundFileError, ValueError) as error:
            failure = getattr(error, "error_string", str(error)).strip() or "decoder error"
            break
        if not len(block):
            break
        done += len(block)
        if done > max_seconds * source.samplerate + BLOCK_FRAMES:
            raise _too_long(name, f"more than {max_seconds:.0f}", max_seconds)
        mono = block[:, 0] if block.shape[1] == 1 else block.mean(axis=1)
        if not np.isfinite(mono).all():
            raise AudioError(f"{name} holds NaN or infinite samples; export it again")
        parts.append(mono if resampler is None else resampler.resample_chunk(mono))
    unknown = source.frames >= 2**62
    slack = MP3_SLACK if source.format == "MP3" else 0
    if failure or (not unknown and done < source.frames - slack):
        promised = "" if unknown else f": not all of its {source.frames} frames can be decoded"
        raise AudioError(f"{name} is truncated or damaged{promised}; copy or download it again")
    if not done:
        raise AudioError(f"{name} holds no samples; record or export it again")
    if done > max_seconds * source.samplerate:
        raise _too_long(name, f"{done / source.samplerate:.1f}", max_seconds)
    if resampler is not None:
        parts.append(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
    y = np.concatenate(parts)
    if not len(y):
        raise AudioError(f"{name} is shorter than one sample at {sr} Hz; record it again")
    return y


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
    return _encode_pcm16(check_samples(y), sr, "WAV")


def float_wav_bytes(y, *, sr: int = 8000) -> bytes:
    """Encode ``y``, shape (samples,), as the bytes of a 32-bit float WAV file: every sample is kept exactly.

    The header is written here because libsndfile puts the time of day into a float file's header: the same
    sound would give other bytes, and another hash, at each export.
    """
    payload = check_samples(y).astype("<f4").tobytes()
    form = struct.pack("<4sIHHIIHHH", b"fmt ", 18, 3, 1, sr, 4 * sr, 4, 32, 0)
    fact = struct.pack("<4sII", b"fact", 4, len(payload) // 4)
    data = struct.pack("<4sI", b"data", len(payload))
    size = 4 + len(form) + len(fact) + len(data) + len(payload)
    return b"".join([struct.pack("<4sI4s", b"RIFF", size, b"WAVE"), form, fact, data, payload])


def _encode_pcm16(y: np.ndarray, sr: int, form: str) -> bytes:
    buffer = io.BytesIO()
    pcm = np.round(np.clip(y, -1.0, 32767 / 32768) * 32768).astype(np.int16)
    soundfile.write(buffer, pcm, sr, format=form, subtype="PCM_16")
    return buffer.getvalue()


def write(path, y, *, sr: int = 8000, subtype: str = "pcm16") -> Path:
    """Write ``y``, shape (samples,), as WAV or FLAC (by the suffix); the file appears whole or not at all.

    Parameters
    ----------
    subtype : {"pcm16", "float"}
        16 bits, values beyond [-1, 1] clipped; or, for WAV only, 32-bit float, every sample kept exactly.

    Raises
    ------
    AudioError
        Another suffix, a subtype that the format does not have, samples that are no sound.
    OSError
        The folder is missing or the disk is full; what was there before is still there.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in (".wav", ".flac"):
        raise AudioError(f"cannot write {path.name}: expected a name that ends in .wav or .flac")
    if subtype not in SUBTYPES or (subtype == "float" and suffix == ".flac"):
        raise AudioError(
            f"cannot write {path.name} as {subtype!r}: expected 'pcm16', or for .wav also 'float'"
        )
    y = check_samples(y)
    data = float_wav_bytes(y, sr=sr) if subtype == "float" else _encode_pcm16(y, sr, suffix[1:].upper())
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".partial")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # A temporary file is private; a sound that a learner exports is not.
        Path(partial).chmod(0o644)
        Path(partial).replace(path)
    finally:
        Path(partial).unlink(missing_ok=True)
    return path
