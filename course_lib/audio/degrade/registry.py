"""Every degradation by name, for menus, sliders and recipes."""

from __future__ import annotations

import numpy as np

from course_lib.audio.degrade import distortion, missing, noise, room
from course_lib.audio.degrade.degradation import Degradation
from course_lib.audio.level import check_number


def _at_snr(function):
    return lambda y, severity, *, rng, sr, **options: function(y, snr_db=severity, rng=rng, sr=sr, **options)


def _noise(name: str, title: str, hint: str, *, low=-10.0, default=5.0, options=(), needs=()) -> Degradation:
    return Degradation(
        name=name,
        title=title,
        measure="SNR",
        unit="dB",
        low=low,
        high=40.0,
        default=default,
        worse="lower",
        hint=hint,
        apply=_at_snr(getattr(noise, name)),
        options=("level", *options),
        needs=needs,
    )


_ENTRIES = (
    _noise(
        "gaussian",
        "White noise",
        "A hiss, equally strong at all frequencies; every classical method fits it.",
    ),
    _noise("pink", "Pink noise", "Rain: equal power in every octave, so it sits on the vowels."),
    _noise(
        "brown",
        "Brown noise",
        "A rumble below the voice: many dB of it disturb little, and small loudspeakers hide it.",
        low=-30.0,
        default=-5.0,
    ),
    _noise(
        "hum",
        "Mains hum",
        "50 or 60 Hz and its harmonics: a few thin lines that a notch or a gate removes.",
        low=-20.0,
        default=0.0,
        options=("mains_hz", "harmonics"),
    ),
    _noise(
        "babble",
        "Babble",
        "Other people talking: noise that looks like speech, where gates and Wiener filters fail.",
        options=("voices",),
        needs=("voices",),
    ),
    _noise(
        "clicks",
        "Clicks",
        "A scratched record: short bursts, far apart; finding them is harder than filling them.",
        default=10.0,
        options=("per_second",),
    ),
    Degradation(
        name="salt_and_pepper",
        title="Salt and pepper",
        measure="replaced samples",
        unit="%",
        low=0.0,
        high=50.0,
        default=2.0,
        worse="higher",
        hint="Single samples jump to the peak: a median filter removes few of them well, a Wiener filter none.",
        apply=lambda y, severity, *, rng, sr: distortion.salt_and_pepper(y, percent=severity, rng=rng),
    ),
    Degradation(
        name="clipping",
        title="Clipping",
        measure="clipped samples",
        unit="%",
        low=0.0,
        high=90.0,
        default=25.0,
        worse="higher",
        hint="The peaks are cut flat: new harmonics, a rough sound, and words still understood at 50 %.",
        apply=lambda y, severity, *, rng, sr: distortion.clipping(y, percent=severity),
    ),
    Degradation(
        name="band_limit",
        title="Band limit",
        measure="upper edge",
        unit="Hz",
        low=300.0,
        high=3800.0,
        default=1500.0,
        worse="lower",
        hint="Nothing above the edge: dull; below 1 kHz consonants become guesses. No filter brings it back.",
        apply=lambda y, severity, *, rng, sr, **options: distortion.band_limit(
            y, cutoff_hz=severity, sr=sr, **options
        ),
        options=("low_hz",),
    ),
    Degradation(
        name="reverberation",
        title="Reverberation",
        measure="RT60",
        unit="s",
        low=0.1,
        high=5.0,
        default=0.8,
        worse="higher",
        hint="A room answers: each sound is smeared over the next. Denoisers do not help, it is speech itself.",
        apply=lambda y, severity, *, rng, sr, **options: room.reverberation(
            y, rt60=severity, rng=rng, sr=sr, **options
        ),
        options=("direct_to_reverberant_db",),
    ),
    Degradation(
        name="quantise",
        title="Quantisation",
        measure="resolution",
        unit="bits",
        low=2.0,
        high=16.0,
        default=4.0,
        worse="lower",
        hint="Few loudness steps: a noise that follows the voice; each bit is worth 6 dB.",
        apply=lambda y, severity, *, rng, sr: distortion.quantise(y, bits=severity),
    ),
    Degradation(
        name="dropped_frames",
        title="Dropped packets",
        measure="lost packets",
        unit="%",
        low=0.0,
        high=90.0,
        default=20.0,
        worse="higher",
        hint="A bad call: 20 ms at a time are missing. Where is known, what was there is not.",
        apply=lambda y, severity, *, rng, sr, **options: missing.dropped_frames(
            y, percent=severity, rng=rng, sr=sr, **options
        )[0],
        options=("packet_seconds",),
    ),
    Degradation(
        name="mask_time",
        title="Missing frames",
        measure="missing frames",
        unit="%",
        low=0.0,
        high=90.0,
        default=25.0,
        worse="higher",
        hint="Stretches of the spectrogram are blank: short ones can be drawn on, long ones must be invented.",
        apply=lambda y, severity, *, rng, sr, **options: missing.mask_time(
            y, percent=severity, rng=rng, **options
        )[0],
        domain="features",
        options=("width", "fill"),
    ),
    Degradation(
        name="mask_frequency",
        title="Missing bands",
        measure="missing bands",
        unit="%",
        low=0.0,
        high=90.0,
        default=25.0,
        worse="higher",
        hint="Stripes of the spectrogram are blank: the neighbours tell much, since harmonics move together.",
        apply=lambda y, severity, *, rng, sr, **options: missing.mask_frequency(
            y, percent=severity, rng=rng, **options
        )[0],
        domain="features",
        options=("width", "fill"),
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
        All that is random: the same generator state gives the same result.
    options
        Those that the entry lists, such as ``mains_hz=60`` for "hum" or ``voices=[...]`` for "babble".

    Returns
    -------
    np.ndarray, float32, the shape of ``y``; ``y`` itself is untouched
        Which samples are missing is returned by the functions of
        :mod:`course_lib.audio.degrade.missing` themselves.

    Raises
    ------
    ValueError
        Unknown kind or option, severity out of range; AudioError (a ValueError) for an unusable sound.
    """
    if kind not in DEGRADATIONS:
        raise ValueError(f"unknown degradation {kind!r}; expected one of {', '.join(DEGRADATIONS)}")
    entry = DEGRADATIONS[kind]
    unknown = sorted(set(options) - set(entry.options))
    if unknown:
        known = ", ".join(entry.options) or "none"
        raise ValueError(f"{kind} has no option {', '.join(unknown)}; it knows {known}")
    absent = [name for name in entry.needs if options.get(name) is None]
    if absent:
        raise ValueError(f"{kind} needs {', '.join(f'{name}=...' for name in absent)}")
    severity = entry.default if severity is None else severity
    name = f"severity of {kind} ({entry.measure})"
    severity = check_number(severity, name=name, low=entry.low, high=entry.high, unit=entry.unit)
    return entry.apply(y, severity, rng=rng, sr=sr, **options)
