"""Every degradation by name, for menus, sliders and recipes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_lib.audio.degrade import distortion, missing, noise, room
from course_lib.audio.degrade.degradation import Degradation


def _additive(
    function: Callable, title: str, hint: str, *, low: float = -10.0, default: float = 5.0
) -> Degradation:
    """An entry whose severity is a signal-to-noise ratio up to 40 dB."""
    return Degradation(
        function.__name__, title, function, "snr_db", "SNR", "dB", low, 40.0, default, "lower", hint
    )


def _share(
    function: Callable,
    title: str,
    measure: str,
    hint: str,
    *,
    high: float = 90.0,
    default: float = 25.0,
    domain: str = "samples",
) -> Degradation:
    """An entry whose severity is a share in percent."""
    name = function.__name__
    return Degradation(
        name, title, function, "percent", measure, "%", 0.0, high, default, "higher", hint, domain
    )


_ENTRIES = (
    _additive(noise.gaussian, "White noise", "A hiss at all frequencies; every classical method fits it."),
    _additive(noise.pink, "Pink noise", "Rain: equal power in every octave, so it sits on the vowels."),
    _additive(
        noise.brown,
        "Brown noise",
        "A rumble below the voice: much of it disturbs little, and small loudspeakers hide it.",
        low=-30.0,
        default=-5.0,
    ),
    _additive(
        noise.hum,
        "Mains hum",
        "50 or 60 Hz and its harmonics: a few thin lines that a notch or a gate removes.",
        low=-20.0,
        default=0.0,
    ),
    _additive(
        noise.babble,
        "Babble",
        "Other people talking: noise that looks like speech, so gates and Wiener filters fail.",
    ),
    _additive(
        noise.clicks,
        "Clicks",
        "A scratched record: short bursts, far apart; finding them is harder than filling them.",
        default=10.0,
    ),
    _share(
        distortion.salt_and_pepper,
        "Salt and pepper",
        "replaced samples",
        "Single samples jump to the peak: a crackle. A median filter sees them, a Wiener filter does not.",
        high=50.0,
        default=2.0,
    ),
    _share(
        distortion.clipping,
        "Clipping",
        "clipped samples",
        "The peaks are cut flat: rough, with new harmonics, yet words are still understood.",
    ),
    Degradation(
        name="band_limit",
        title="Band limit",
        function=distortion.band_limit,
        parameter="cutoff_hz",
        measure="upper edge",
        unit="Hz",
        low=300.0,
        high=3800.0,
        default=1500.0,
        worse="lower",
        hint="Nothing above the edge: dull; below 1 kHz consonants become guesses. No filter brings it back.",
    ),
    Degradation(
        name="reverberation",
        title="Reverberation",
        function=room.reverberation,
        parameter="rt60",
        measure="decay time (RT60)",
        unit="s",
        low=0.1,
        high=5.0,
        default=0.8,
        worse="higher",
        hint="A room answers: each sound is smeared over the next. The noise is speech itself.",
    ),
    Degradation(
        name="quantise",
        title="Quantisation",
        function=distortion.quantise,
        parameter="bits",
        measure="resolution",
        unit="bits",
        low=2.0,
        high=16.0,
        default=6.0,
        worse="lower",
        hint="Few loudness steps: a noise that follows the voice; each bit is worth 6 dB.",
    ),
    _share(
        missing.dropped_frames,
        "Dropped packets",
        "lost packets",
        "A bad call: 20 ms at a time are missing. Where is known, what was there is not.",
        default=20.0,
    ),
    _share(
        missing.mask_time,
        "Missing frames",
        "blank frames",
        "Stretches of the spectrogram are blank: short ones can be drawn on, long ones must be invented.",
        domain="features",
    ),
    _share(
        missing.mask_frequency,
        "Missing bands",
        "blank bands",
        "Stripes of the spectrogram are blank: their neighbours tell much, harmonics move together.",
        domain="features",
    ),
)

DEGRADATIONS: dict[str, Degradation] = {entry.name: entry for entry in _ENTRIES}


def degrade(
    y, *, kind: str, severity: float | None = None, rng: np.random.Generator, sr: int = 8000, **options
) -> np.ndarray:
    """Damage a sound, or features, in the named way.

    Parameters
    ----------
    y : np.ndarray, shape (samples,), or (..., frames, bands) for the kinds whose domain is "features"
    kind : str
        A key of :data:`DEGRADATIONS`.
    severity : float, optional
        In that entry's unit and range; its default when None.
    rng : np.random.Generator
        All that is random: the same state of the generator gives the same result.
    options
        Those that the entry lists, such as ``mains_hz=60`` for "hum" or ``voices=[...]`` for "babble".

    Returns
    -------
    np.ndarray, float32, the shape of ``y``; ``y`` itself is untouched
        For the mask of what is missing call :mod:`course_lib.audio.degrade.missing` itself.

    Raises
    ------
    ValueError
        Unknown kind or option, severity out of range; AudioError (a ValueError) for an unusable sound.
    """
    if kind not in DEGRADATIONS:
        raise ValueError(f"unknown degradation {kind!r}; expected one of {', '.join(DEGRADATIONS)}")
    entry = DEGRADATIONS[kind]
    severity = entry.default if severity is None else severity
    return entry.apply(y, severity, rng=rng, sr=sr, **options)
