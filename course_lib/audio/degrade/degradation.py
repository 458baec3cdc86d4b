"""What a page or a lab needs to know of one way to damage a sound."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from course_lib.audio.level import check_number


@dataclass(frozen=True)
class Degradation:
    """One entry of the registry.

    Attributes
    ----------
    name, title : str
        Key, and words for a menu.
    function : callable
        Does it: ``function(y, <parameter>=..., ...)``; its other keywords are options.
    parameter : str
        The keyword of ``function`` that is the severity.
    measure, unit : str
        What the severity is ("SNR", "lost packets") and its unit ("dB", "%", "bits", "Hz", "s").
    low, high, default : float
        Range of the severity and where a slider starts.
    worse : str
        ``"lower"`` or ``"higher"``: which way is more damage.
    hint : str
        What it sounds like and what cures it.
    domain : str
        ``"samples"``: takes (samples,); ``"features"``: takes (..., frames, bands).
    options, needs : tuple of str
        Keywords beside the severity, ``rng`` and ``sr``; those of them without a default.
    """

    name: str
    title: str
    function: Callable
    parameter: str
    measure: str
    unit: str
    low: float
    high: float
    default: float
    worse: str
    hint: str
    domain: str = "samples"
    options: tuple[str, ...] = field(init=False)
    needs: tuple[str, ...] = field(init=False)

    def __post_init__(self):
        if not self.low <= self.default <= self.high:
            raise ValueError(f"default must lie in [{self.low}, {self.high}]; received {self.default}")
        if self.worse not in ("lower", "higher"):
            raise ValueError(f"worse must be 'lower' or 'higher'; received {self.worse!r}")
        own = {
            name: keyword.default
            for name, keyword in self._keywords().items()
            if name not in (self.parameter, "rng", "sr")
        }
        object.__setattr__(self, "options", tuple(own))
        needs = tuple(name for name, default in own.items() if default is inspect.Parameter.empty)
        object.__setattr__(self, "needs", needs)

    def _keywords(self) -> dict[str, inspect.Parameter]:
        parameters = inspect.signature(self.function).parameters
        return {name: p for name, p in parameters.items() if p.kind is inspect.Parameter.KEYWORD_ONLY}

    def check(self, severity: float) -> float:
        """The severity as a float, or ValueError with the range and the unit."""
        name = f"severity of {self.name} ({self.measure})"
        return check_number(severity, name=name, low=self.low, high=self.high, unit=self.unit)

    def apply(self, y, severity: float, *, rng: np.random.Generator, sr: int = 8000, **options) -> np.ndarray:
        """Damage ``y``; ValueError for a severity out of range, an unknown option or one that is needed."""
        severity = self.check(severity)
        unknown = sorted(set(options) - set(self.options))
        if unknown:
            known = ", ".join(self.options) or "none"
            raise ValueError(f"{self.name} has no option {', '.join(unknown)}; it knows {known}")
        absent = [name for name in self.needs if options.get(name) is None]
        if absent:
            raise ValueError(f"{self.name} needs {', '.join(f'{name}=...' for name in absent)}")
        given = {self.parameter: severity, "rng": rng, "sr": sr, **options}
        keywords = self._keywords()
        result = self.function(y, **{name: value for name, value in given.items() if name in keywords})
        return result[0] if isinstance(result, tuple) else result
