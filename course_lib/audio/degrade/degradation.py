"""What a page or a lab needs to know of one way to damage a sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Degradation:
    """One entry of the registry.

    Attributes
    ----------
    name, title : str
        Key, and words for a menu.
    measure, unit : str
        What the severity is ("SNR", "share of samples") and its unit ("dB", "%", "bits", "Hz", "s").
    low, high, default : float
        Range of the severity and where a slider starts.
    worse : str
        ``"lower"`` or ``"higher"``: which way is more damage.
    hint : str
        One sentence: what it sounds like, what cures it.
    apply : callable
        ``apply(y, severity, rng=..., sr=..., **options) -> degraded``.
    domain : str
        ``"samples"``: takes (samples,); ``"features"``: takes (..., frames, bands).
    options : tuple of str
        Names of the keyword options that ``apply`` knows.
    needs : tuple of str
        Those of them that must be given.
    """

    name: str
    title: str
    measure: str
    unit: str
    low: float
    high: float
    default: float
    worse: str
    hint: str
    apply: Callable
    domain: str = "samples"
    options: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    def __post_init__(self):
        if not self.low <= self.default <= self.high:
            raise ValueError(f"default must lie in [{self.low}, {self.high}]; received {self.default}")
        if self.worse not in ("lower", "higher"):
            raise ValueError(f"worse must be 'lower' or 'higher'; received {self.worse!r}")
