"""Ways to damage a sound, each at an exact severity: ``degrade(y, kind="pink", severity=5.0, rng=rng)``.

Pure functions of NumPy arrays; all randomness comes from the generator passed in. The layers that corrupt
sound during a training are elsewhere (``course_lib.layers``); these make tests, labs and recordings.
"""

from course_lib.audio.degrade.degradation import Degradation
from course_lib.audio.degrade.registry import DEGRADATIONS, degrade

__all__ = ["DEGRADATIONS", "Degradation", "degrade"]
