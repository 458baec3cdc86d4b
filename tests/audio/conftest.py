"""Sounds that the audio tests share."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture(scope="session")
def speech_like() -> np.ndarray:
    """Six clips, shape (6, 8192): gliding harmonics with pauses and a little noise, seeded."""
    rng = np.random.default_rng(5)
    t = np.arange(8192) / 8000
    clips = []
    for clip in range(6):
        pitch = (110 + 30 * clip) * (1 + 0.2 * np.sin(2 * np.pi * 1.5 * t))
        phase = 2 * np.pi * np.cumsum(pitch) / 8000
        voice = sum(np.sin(k * phase) / k for k in range(1, 12))
        envelope = np.clip(np.sin(2 * np.pi * 2.2 * t + clip), 0, None)
        clips.append(0.15 * voice * envelope + 0.002 * rng.normal(size=8192))
    return np.array(clips, np.float32)


@pytest.fixture(scope="session")
def digit_clips():
    """(train, test) of the bundled digits: the voices of the test are in no training clip."""
    from course_lib.data import catalog, splits

    return splits.split(catalog.load("digits"))
