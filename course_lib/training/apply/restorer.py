"""Long sounds through a model that hears a whole sound at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.audio.files import AudioError, check_samples
from course_lib.audio.streaming import apply_to_clips

if TYPE_CHECKING:
    import keras

MAX_SECONDS = 3600.0
# A window is heard at once: models of this kind want up to 20 MB a second.
WINDOW_SECONDS = 16.0
# Both windows hear at least a second around the middle of the fade, which is as far as the networks listen.
OVERLAP_SECONDS = 2.0
# A lost packet or a few in a row; a longer silence is a pause.
SHORTEST_GAP_SECONDS, LONGEST_GAP_SECONDS = 0.005, 0.25
# -100 dB re full scale: below the last bit of 16.
NOTHING = 1e-5

OnProgress = Callable[[int, int], Any]


class Restorer:
    """A model that restores sound, ready for many sounds of up to an hour.

    Parameters
    ----------
    model : keras.Model
        Its method ``verb`` takes a sound, shape (samples,), and gives one of the same shape.
    verb : str
        ``denoise``, ``separate``, ``enhance`` or ``inpaint``.
    sr : int
        Sampling rate in Hz that the model was trained at.
    """

    max_seconds = MAX_SECONDS

    def __init__(self, model: keras.Model | Any, verb: str, *, sr: int):
        self.model = model
        self.verb = verb
        self.sr = sr

    def __call__(
        self,
        y: np.ndarray,
        *,
        missing: np.ndarray | None = None,
        on_progress: OnProgress | None = None,
        **condition: Any,
    ) -> np.ndarray:
        """What the model makes of ``y``, shape (samples,), -> the same shape, float32, at the same level.

        Up to 16 s go through at once, as by the model's own method. A longer sound goes in windows of 16 s
        that overlap by 2 s and are cross-faded, so memory does not grow with it.

        Parameters
        ----------
        missing : np.ndarray, shape (samples,), bool, optional
            For ``inpaint``: where sound is to be made. :func:`find_gaps` says where when None.
        on_progress : callable, optional
            Called with the windows done and their number.
        condition
            Handed on to the model: ``condition=7``.

        Raises
        ------
        AudioError
            Not mono, empty, not finite, or longer than an hour.
        """
        y = check_samples(y)
        if len(y) > MAX_SECONDS * self.sr:
            raise AudioError(
                f"the sound lasts {len(y) / self.sr:.0f} s; expected at most {MAX_SECONDS:.0f} s: cut it"
            )
        if self.verb == "inpaint":
            missing = find_gaps(y, sr=self.sr) if missing is None else np.asarray(missing, bool)
            if missing.shape != y.shape:
                raise ValueError(f"missing must have the shape of y, {y.shape}; received {missing.shape}")
        window, overlap = round(WINDOW_SECONDS * self.sr), round(OVERLAP_SECONDS * self.sr)
        step = window - overlap
        count = max(1, -(-(len(y) - overlap) // step))
        done = 0

        def one(clips: np.ndarray) -> np.ndarray:
            """The next window; of the last one only what is sound, for the padding would change its level."""
            nonlocal done
            part = slice(done * step, min(done * step + window, len(y)))
            made = self._restored(clips[0, : part.stop - part.start], part, missing, condition)
            done += 1
            if on_progress is not None:
                on_progress(done, count)
            return np.pad(made, (0, clips.shape[1] - len(made)))[None]

        if len(y) <= window:
            return one(y[None])[0]
        return apply_to_clips(y, one, n_samples=window, overlap=overlap, batch=1)

    def _restored(self, y, part: slice, missing, condition: dict[str, Any]) -> np.ndarray:
        method = getattr(self.model, self.verb)
        made = method(y, **condition) if missing is None else method(y, missing[part], **condition)
        made = np.asarray(made, np.float32)
        if made.shape != y.shape:
            raise ValueError(f"{self.verb} of the model must give {y.shape}; it gave {made.shape}")
        return made


def find_gaps(y: np.ndarray, *, sr: int) -> np.ndarray:
    """Where packets of ``y``, shape (samples,), were lost: exact silence of 5 to 250 ms, shape (samples,).

    Longer silences are taken for pauses; so is silence at either end.
    """
    silent = np.abs(check_samples(y)) < NOTHING
    edges = np.flatnonzero(np.diff(np.concatenate([[False], silent, [False]]).astype(np.int8)))
    missing = np.zeros(len(silent), bool)
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        inside = begin > 0 and end < len(silent)
        if inside and SHORTEST_GAP_SECONDS <= (end - begin) / sr <= LONGEST_GAP_SECONDS:
            missing[begin:end] = True
    return missing
