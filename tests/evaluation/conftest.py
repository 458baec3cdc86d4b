"""Clips that the evaluation tests share."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture(scope="session")
def digit_clips():
    """(train, test) of the bundled digits, few: ten-digit strings of two held-out takes a digit."""
    from course_lib.data import catalog, splits
    from course_lib.evaluation import strings

    train, test = splits.split(catalog.load("digits"))
    few = np.concatenate(strings.arrange(test.label, seed=1)[:3])
    return train.select(np.arange(0, len(train), max(1, len(train) // 200))), test.select(few)


@pytest.fixture(scope="session")
def speech(digit_clips) -> np.ndarray:
    """One ten-digit string, shape (samples,), 8 kHz."""
    from course_lib.evaluation import strings

    _, test = digit_clips
    return strings.concatenate(test.y, test.length)[0]
