"""Fresh variations of training clips: another speed, level and place each time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr

from course_lib.data.clips import ONSET_SECONDS

# A sound that its clip's end cuts off dies away over 8 ms.
FADE_SECONDS = 0.008
# Speeds are rounded to this, so that the resampler works with small ratios.
STEPS = 1000


@dataclass(frozen=True)
class AugmentSignal:
    """Vary clips at random; equal generators give equal variations.

    Attributes
    ----------
    speed : float
        Up to this much faster or slower, 0 to 0.5: 0.1 is ten per cent. Pitch and length change together,
        as on a tape; the onset stays where it is.
    gain_db : float
        Up to this many dB louder or quieter, at least 0; never so loud that a peak leaves [-1, 1].
    offset_seconds : float
        Moved by up to this much either way, 0 to 0.25.
    sr : int
        Sampling rate in Hz.

    Raises
    ------
    ValueError
        A value out of its range.
    """

    speed: float = 0.08
    gain_db: float = 3.0
    offset_seconds: float = 0.008
    sr: int = 8000

    def __post_init__(self):
        for name, most in (("speed", 0.5), ("gain_db", 60.0), ("offset_seconds", 0.25)):
            value = getattr(self, name)
            if not 0 <= value <= most:
                raise ValueError(f"{name} must lie between 0 and {most}; received {value}")

    def __call__(self, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Clips, shape (clips, n_samples) -> their variations, the same shape, float32."""
        count = len(y)
        # All three are drawn whatever is asked for: a new gain does not change the speeds.
        faster, louder, later = rng.uniform(-1, 1, size=(3, count))
        speed = np.round(STEPS * (1 + self.speed * faster)).astype(int)
        shift = np.round(self.offset_seconds * self.sr * later).astype(int)
        varied = np.zeros(np.shape(y), np.float32)
        for row, clip in enumerate(np.asarray(y, np.float32)):
            varied[row] = self._placed(self._at_speed(clip, speed[row]), speed[row], shift[row], len(clip))
        gain = (10 ** (self.gain_db * louder / 20)).astype(np.float32)
        peak = np.abs(varied).max(axis=1)
        # Sounds that resampling pushed over full scale come down too, whatever their gain.
        gain = np.minimum(gain, 1 / np.maximum(peak, 1e-9))
        return varied * gain[:, None].astype(np.float32)

    def _at_speed(self, clip: np.ndarray, speed: int) -> np.ndarray:
        if speed == STEPS:
            return clip
        return soxr.resample(clip, speed, STEPS, quality="MQ")

    def _placed(self, sound: np.ndarray, speed: int, shift: int, n_samples: int) -> np.ndarray:
        """The sound in a clip of ``n_samples``, its onset where it was, plus ``shift``."""
        onset = ONSET_SECONDS * self.sr
        begin = shift + round(onset - onset * STEPS / speed)
        placed = np.zeros(n_samples, np.float32)
        part = sound[max(0, -begin) : n_samples - begin]
        placed[max(0, begin) : max(0, begin) + len(part)] = part
        fade = round(FADE_SECONDS * self.sr)
        ramp = (0.5 + 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)).astype(np.float32)
        if begin < 0:
            placed[:fade] *= ramp[::-1]
        if begin + len(sound) > n_samples:
            placed[-fade:] *= ramp
        return placed
