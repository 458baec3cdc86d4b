"""The few sounds that every rung of the checkpoint ladder plays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

# The parts that a rung may have, in the order in which they are shown.
PARTS = ("input", "ceiling", "output")


@dataclass(frozen=True, eq=False)
class Made:
    """What a model made of an exhibit.

    Attributes
    ----------
    sounds : np.ndarray, shape (clips, samples), float32
    pictures : np.ndarray, shape (clips, frames, bands), float16
        Their spectrograms in dB.
    errors : list of float or None
        How far each is from what was wanted, in the unit of the task's features; None where nothing
        particular is wanted, as of a sample from a prior.
    """

    sounds: np.ndarray
    pictures: np.ndarray
    errors: list[float] | None


@dataclass(frozen=True, eq=False)
class Fixed:
    """A part of the exhibit that no model changes: what goes in, or the best that could come out.

    Attributes
    ----------
    sounds : np.ndarray, shape (clips, samples), float32
    pictures : np.ndarray, shape (clips, frames, bands), float16, or None
        In dB; only a part that is drawn beside the output needs them.
    """

    sounds: np.ndarray
    pictures: np.ndarray | None = None


class Exhibit:
    """Subclasses set the attributes and say by :meth:`make` how a model is heard.

    Attributes
    ----------
    sr : int
    clips : list of dict
        One for each sound: ``name``, ``word`` (what a page calls it), ``label`` (int; -1 for none) and
        ``speaker``.
    fixed : dict of str to Fixed
        ``input`` and ``ceiling``, either or both; empty where a model makes sound from nothing.
    titles : dict of str to str
        What each part is called on the screen, ``output`` included.
    """

    sr: int
    clips: list[dict[str, Any]]
    fixed: dict[str, Fixed]
    titles: dict[str, str]

    def make(self, model: keras.Model | Any) -> Made:
        """Send the exhibit through ``model``, always with the same random numbers."""
        raise NotImplementedError


def presentable(features: np.ndarray) -> np.ndarray:
    """Features of a model that may have gone astray, made finite: the loss will tell of it."""
    return np.nan_to_num(np.asarray(features, np.float32), nan=0.0, posinf=20.0, neginf=-20.0)
