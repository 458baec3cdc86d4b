"""Send sound of any length through a function that only knows clips, in constant memory.

The sound is cut into clips that overlap, and what comes back is cross-faded. For speech with pauses
:mod:`course_lib.training.apply` cuts at the words instead, as its models were trained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import soundfile

from course_lib.audio.containers import shortfall
from course_lib.audio.files import MP3_SLACK, AudioError, check_samples

# Clips given to the function at once.
BATCH = 16

ClipFunction = Callable[[np.ndarray], np.ndarray]


def apply_to_clips(
    y: np.ndarray,
    function: ClipFunction,
    *,
    n_samples: int = 8192,
    overlap: int = 1024,
    batch: int = BATCH,
) -> np.ndarray:
    """Send a sound of any length through ``function`` in overlapping clips.

    Parameters
    ----------
    y : np.ndarray, shape (samples,)
        In [-1, 1].
    function : callable
        Clips, shape (clips, n_samples), float32 -> clips of the same shape.
    n_samples : int
        Samples of one clip.
    overlap : int
        Samples that neighbours share, at most half a clip.
    batch : int
        Clips given to ``function`` at once.

    Returns
    -------
    np.ndarray, shape (samples,), float32
        Equal to ``y``, to within rounding, when ``function`` returns what it gets.

    Raises
    ------
    ValueError
        An overlap that does not fit, or a function that returns another shape.
    AudioError
        Not mono, empty, or NaN.
    """
    y = check_samples(y)
    return np.concatenate(list(stream([y], function, n_samples=n_samples, overlap=overlap, batch=batch)))


def stream(
    blocks: Iterable[np.ndarray],
    function: ClipFunction,
    *,
    n_samples: int = 8192,
    overlap: int = 1024,
    batch: int = BATCH,
) -> Iterator[np.ndarray]:
    """As :func:`apply_to_clips`, for a sound that arrives in blocks and leaves in blocks.

    Parameters
    ----------
    blocks : iterable of np.ndarray, shape (samples,)
        Any lengths. Only what ``batch`` clips cover, and one block, is kept in memory.

    Yields
    ------
    np.ndarray, shape (samples,), float32
        Together exactly as many samples as came in.
    """
    if not 0 <= overlap <= n_samples // 2:
        raise ValueError(f"overlap must lie between 0 and half a clip, {n_samples // 2}; received {overlap}")
    if batch < 1:
        raise ValueError(f"batch must be at least 1; received {batch}")
    return _stream(blocks, function, n_samples, overlap, batch)


def _stream(blocks, function: ClipFunction, n_samples: int, overlap: int, batch: int) -> Iterator[np.ndarray]:
    step = n_samples - overlap
    waiting = np.zeros(0, np.float32)
    tail = None
    wanted = (batch - 1) * step + n_samples
    for block in blocks:
        waiting = np.concatenate([waiting, np.asarray(block, np.float32)])
        # One sample more than the clips cover: the last clip of all is cut below, where its end is known.
        while len(waiting) > wanted:
            made, tail = _fade_together(_run(function, waiting[:wanted], n_samples, step), tail, overlap)
            yield made
            waiting = waiting[batch * step :]
    remaining = len(waiting)
    if remaining == 0:
        return
    for start in range(0, remaining, batch * step):
        piece = waiting[start : start + wanted]
        clips = max(1, -(-(len(piece) - overlap) // step))
        padded = np.pad(piece, (0, clips * step + overlap - len(piece)))
        made, tail = _fade_together(_run(function, padded, n_samples, step), tail, overlap)
        last = start + wanted >= remaining
        if last:
            made = np.concatenate([made, tail])[: remaining - start]
        yield made
        if last:
            return


def _run(function: ClipFunction, y: np.ndarray, n_samples: int, step: int) -> np.ndarray:
    clips = np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(y, n_samples)[::step])
    made = np.asarray(function(clips))
    if made.shape != clips.shape:
        raise ValueError(f"the function must return clips of shape {clips.shape}; received {made.shape}")
    return made.astype(np.float32, copy=False)


def _fade_together(clips: np.ndarray, tail: np.ndarray | None, overlap: int) -> tuple[np.ndarray, np.ndarray]:
    """Cross-fade each clip into the next, the first with ``tail``; what is finished, and the new tail."""
    finished = []
    for clip in clips:
        head = clip[:overlap] if tail is None else _cross_fade(tail, clip[:overlap])
        finished += [head, clip[overlap : len(clip) - overlap]]
        tail = clip[len(clip) - overlap :]
    assert tail is not None
    return np.concatenate(finished), tail


def _cross_fade(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Fade from ``old`` to ``new``, both shape (samples,), at a constant level.

    Equal sounds add up as amplitudes, sounds with unrelated phases (two runs of Griffin-Lim) as powers: the
    gain follows from how alike the two are, so that neither a copy swells nor a rebuilt vowel dips.
    """
    if not len(old):
        return new
    rise = (0.5 - 0.5 * np.cos(np.pi * (np.arange(len(old)) + 0.5) / len(old))).astype(np.float32)
    energy = float(np.sqrt(np.dot(old, old) * np.dot(new, new)))
    alike = min(1.0, max(0.0, float(np.dot(old, new)) / energy)) if energy > 0 else 1.0
    mixed = (1 - rise) * old + rise * new
    return mixed / np.sqrt(1 - 2 * (1 - alike) * rise * (1 - rise))


def stream_file(
    source: Path | str,
    target: Path | str,
    function: ClipFunction,
    *,
    sr: int = 8000,
    n_samples: int = 8192,
    overlap: int = 1024,
    batch: int = BATCH,
) -> Path:
    """Send a sound file of any length through ``function`` into a 16-bit WAV or FLAC file; constant memory.

    Parameters
    ----------
    source : path
        Any rate and number of channels: resampled to ``sr`` and averaged.
    target : path
        Ends in .wav or .flac; appears whole or not at all.

    Raises
    ------
    AudioError
        A source that is not sound, is empty, truncated or holds NaN; a target of another kind.
    FileNotFoundError
        No such source.
    """
    source, target = Path(source), Path(target)
    if target.suffix.lower() not in (".wav", ".flac"):
        raise AudioError(f"cannot write {target.name}: expected a name that ends in .wav or .flac")
    if not source.exists():
        raise FileNotFoundError(f"no sound file at {source}")
    with source.open("rb") as file:
        missing = shortfall(file, source.stat().st_size)
    if missing:
        raise AudioError(f"{source.name} is truncated: {missing}; copy it again")
    partial = target.with_name(f".{target.name}.partial")
    try:
        reader = soundfile.SoundFile(source)
    except soundfile.LibsndfileError as error:
        raise AudioError(
            f"{source.name} is not a sound file that libsndfile reads ({error.error_string.strip()}); "
            "convert it to WAV or FLAC"
        ) from error
    try:
        kind = target.suffix[1:].upper()
        with reader, soundfile.SoundFile(partial, "w", sr, 1, "PCM_16", format=kind) as writer:
            blocks = _read_blocks(reader, source, sr, batch * n_samples)
            for made in stream(blocks, function, n_samples=n_samples, overlap=overlap, batch=batch):
                writer.write(np.clip(made, -1.0, 32767 / 32768))
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _read_blocks(reader: soundfile.SoundFile, source: Path, sr: int, block: int) -> Iterator[np.ndarray]:
    """Mono blocks at ``sr`` of an open file."""
    import soxr

    if reader.frames == 0:
        raise AudioError(f"{source.name} holds no samples; record or export it again")
    resampler = soxr.ResampleStream(reader.samplerate, sr, 1, dtype="float32", quality="HQ")
    last = False
    while not last:
        try:
            y = reader.read(block, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise AudioError(f"{source.name} is truncated or damaged; copy or download it again") from error
        if not np.isfinite(y).all():
            raise AudioError(f"{source.name} holds NaN or infinite samples; export it again")
        last = len(y) < block
        mono = y.mean(axis=1)
        yield mono if reader.samplerate == sr else resampler.resample_chunk(mono, last=last)
    done = reader.tell()
    if done < reader.frames - (MP3_SLACK if reader.format in ("MP3", "MPEG") else 0):
        raise AudioError(
            f"{source.name} is truncated: {done} of its {reader.frames} frames are there; copy it again"
        )
