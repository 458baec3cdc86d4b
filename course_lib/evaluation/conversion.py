"""The scoreboard of conversion: is it the instrument and the pitch that were asked for?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from course_lib.evaluation.pitch import cents, pitch_hz, strongest_partial_hz
from course_lib.evaluation.scoring import summary
from course_lib.evaluation.share import add_shares
from course_lib.evaluation.timbre import timbre

# Half a semitone either way: nearer to the note that was asked for than to any other.
RIGHT_CENTS = 50.0
# Instruments without a common period of their partials.
INHARMONIC = ("bell",)


def evaluate(
    systems: Mapping[str, Callable[[], np.ndarray]],
    *,
    instrument: np.ndarray,
    pitch: np.ndarray,
    real: np.ndarray,
    real_instrument: np.ndarray,
    names: Sequence[str],
    sr: int,
    floor: str = "given",
    ceiling: str = "real",
    on_row: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Score converted notes beside those that were given and real ones of what was asked for.

    Parameters
    ----------
    systems : mapping of str to callable
        Rows of the table: () -> notes, shape (notes, samples), each in answer to the same wishes.
    instrument, pitch : np.ndarray, shape (notes,), integers
        What was asked for: a number in ``names``, a MIDI note number.
    real, real_instrument : np.ndarray, shapes (clips, samples) and (clips,)
        Notes by which a classifier learns to tell the instruments: a logistic regression on their
        :func:`timbre`.
    names : sequence of str
        Of the instruments.
    floor, ceiling : str
        Rows between which shares are counted.
    on_row : callable, optional
        Told the name of each row before it is computed.

    Returns
    -------
    dict
        ``rows``: for each system ``pitch_right``, the share of notes within 50 cents of the pitch asked for,
        by :func:`pitch_hz`, for bells by :func:`strongest_partial_hz`; ``instrument_right``, the share that
        the classifier takes for the instrument asked for; ``both_right``; each with its standard error
        ``_se`` and its ``_share`` of the way from floor to ceiling; ``pitch_cents``, the median distance from
        the pitch asked for; ``by_instrument``, the first two by instrument. ``protocol``; ``settings``.

    Raises
    ------
    ValueError
        No notes; a system that gives another shape, or NaN.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    instrument, pitch = np.asarray(instrument, np.int64), np.asarray(pitch, np.int64)
    if not len(instrument) or instrument.shape != pitch.shape:
        raise ValueError(
            f"expected an instrument and a pitch a note; received {instrument.shape}, {pitch.shape}"
        )
    ear = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    ear.fit(timbre(real, sr=sr), real_instrument)
    asked_hz = 440.0 * 2 ** ((pitch - 69) / 12)
    rows: dict[str, dict[str, Any]] = {}
    for name, make in systems.items():
        if on_row is not None:
            on_row(name)
        y = _checked(name, make(), len(instrument))
        away = np.abs(cents(_heard(y, [names[number] for number in instrument], sr), asked_hz))
        columns = {
            "pitch_right": (away <= RIGHT_CENTS).astype(np.float64),
            "instrument_right": (ear.predict(timbre(y, sr=sr)) == instrument).astype(np.float64),
        }
        columns["both_right"] = columns["pitch_right"] * columns["instrument_right"]
        own = {names[n]: instrument == n for n in sorted(set(instrument.tolist()))}
        rows[name] = summary(columns) | {
            "pitch_cents": float(np.nanmedian(away)) if np.isfinite(away).any() else None,
            "by_instrument": {
                who: {metric: float(columns[metric][chosen].mean()) for metric in list(columns)[:2]}
                for who, chosen in own.items()
            },
        }
    if {floor, ceiling} <= set(rows):
        rows = add_shares(rows, dict.fromkeys(columns, (floor, ceiling)))
    settings = {"notes": len(instrument), "floor": floor, "ceiling": ceiling, "right_cents": RIGHT_CENTS}
    return {"rows": rows, "protocol": _protocol(settings), "settings": settings}


def _heard(y: np.ndarray, instruments: Sequence[str], sr: int) -> np.ndarray:
    hear = [strongest_partial_hz if who in INHARMONIC else pitch_hz for who in instruments]
    return np.array([one(note, sr=sr) for one, note in zip(hear, y, strict=True)])


def _checked(name: str, y, notes: int) -> np.ndarray:
    y = np.asarray(y, np.float32)
    if y.ndim != 2 or len(y) != notes:
        raise ValueError(f"{name} returned shape {y.shape} for {notes} notes")
    if not np.isfinite(y).all():
        raise ValueError(f"{name} returned NaN or infinite samples: the training has diverged")
    return y


def _protocol(settings: dict[str, Any]) -> str:
    return (
        f"{settings['notes']} held-out notes asked for as another instrument, at another pitch, or both. "
        f"Right pitch: within {settings['right_cents']:g} cents by pYIN, for bells by the strongest partial "
        "after the attack. Right instrument: a logistic regression on MFCCs and loudness over time, trained "
        "on real notes. Means over notes ± standard error; share: of the way from the note given to a real "
        "one."
    )
