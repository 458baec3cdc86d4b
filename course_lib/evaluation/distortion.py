"""Signal-to-distortion ratios that forgive a short filter: BSS Eval, version 3, for mono sources.

E. Vincent, R. Gribonval, C. Févotte, "Performance measurement in blind audio source separation", IEEE TASLP
14(4), 2006. An estimate is split into what a filter of 512 taps can make of its own reference (the wanted
part), what filters can make of all the others (interference), and the rest (artifacts). A gain, a short
delay or a room therefore cost nothing, unlike in :func:`course_lib.evaluation.signal.si_sdr`, and a filter
that removes half of the spectrum costs little: read SDR beside SI-SDR.
"""

from __future__ import annotations

from itertools import permutations

import numpy as np
import scipy.fft
import scipy.linalg

from course_lib.evaluation import validate
from course_lib.evaluation.signal import ratio_db

FILTER_LENGTH = 512
# All orders are tried: 5 sources have 120.
MAX_SOURCES = 6


def sdr(reference, estimate, *, filter_length: int = FILTER_LENGTH) -> float:
    """Signal-to-distortion ratio in dB of one source. Higher is better.

    BSS Eval version 3 (Vincent et al., 2006): everything that a filter of the reference can explain is
    signal.

    Parameters
    ----------
    reference, estimate : np.ndarray, shape (samples,)
        The clean sound and the one to judge.
    filter_length : int
        Taps of the filter that is forgiven; 512 in all published scores.

    Returns
    -------
    float
        ``-inf`` for a silent estimate; a filtered copy has 200 dB and more, up to ``inf``.
    """
    reference, estimate = validate.signals(reference, estimate)
    projections = _Projections(reference[None], filter_length)
    return _ratio(*projections.split(estimate, [0]))


def bss_eval(
    references, estimates, *, filter_length: int = FILTER_LENGTH, any_order: bool = False
) -> dict[str, np.ndarray]:
    """SDR, SIR and SAR in dB of several separated sources. Higher is better.

    Parameters
    ----------
    references, estimates : np.ndarray, shape (sources, samples)
        The true sources, up to 6, and one estimate for each.
    filter_length : int
        Taps of the filters that are forgiven.
    any_order : bool
        Try every order of the estimates and keep the one of the highest mean SIR.

    Returns
    -------
    dict
        ``sdr`` (everything wrong), ``sir`` (only other sources) and ``sar`` (only what no source explains),
        each shape (sources,), float64, in the order of the references; ``order``, shape (sources,), int64:
        which estimate belongs to each reference. ``sir`` of a single source is ``inf``.

    Raises
    ------
    ValueError
        As :func:`validate.sources`; more than 6 sources.
    """
    references, estimates = validate.sources(references, estimates)
    n = len(references)
    if n > MAX_SOURCES:
        raise ValueError(f"expected at most {MAX_SOURCES} sources; received {n}: score fewer at a time")
    projections = _Projections(references, filter_length)
    pairs = [(made, true) for made in range(n) for true in range(n) if any_order or made == true]
    scores = np.full((3, n, n), -np.inf)
    for made, true in pairs:
        scores[:, made, true] = projections.scores(estimates[made], true)
    order = np.arange(n)
    if any_order:
        # Infinities, of silent estimates or single sources, must not hide what the other sources say.
        sir = np.clip(scores[1], -1e3, 1e3)
        order = np.array(max(permutations(range(n)), key=lambda p: sir[list(p), np.arange(n)].mean()))
    sdr_db, sir_db, sar_db = scores[:, order, np.arange(n)]
    return {"sdr": sdr_db, "sir": sir_db, "sar": sar_db, "order": order}


class _Projections:
    """Least-squares projections of a signal onto filtered references, by way of correlations.

    Parameters
    ----------
    references : np.ndarray, shape (sources, samples)
    filter_length : int
    """

    def __init__(self, references: np.ndarray, filter_length: int):
        if not (isinstance(filter_length, (int, np.integer)) and filter_length >= 1):
            raise ValueError(f"filter_length must be a whole number from 1; received {filter_length!r}")
        self.taps = int(filter_length)
        # Filters know no level: at unit energy, loud and quiet sources are solved equally well.
        self.references = references / np.linalg.norm(references, axis=1, keepdims=True)
        self.samples = references.shape[1] + self.taps - 1
        self.size = scipy.fft.next_fast_len(self.samples + self.taps, real=True)
        self.spectra = scipy.fft.rfft(self.references, self.size, axis=1)
        self._solvers: dict[tuple[int, ...], np.ndarray] = {}

    def scores(self, estimate: np.ndarray, true: int) -> tuple[float, float, float]:
        """SDR, SIR and SAR in dB of an estimate of the source number ``true``."""
        own, rest = self.split(estimate, [true])
        if len(self.references) == 1:
            everyone, artifacts = own, rest
        else:
            everyone, artifacts = self.split(estimate, list(range(len(self.references))))
        return _ratio(own, rest), _ratio(own, everyone - own), _ratio(everyone, artifacts)

    def split(self, estimate: np.ndarray, members: list[int]) -> tuple[np.ndarray, np.ndarray]:
        """What filters of ``members`` explain of ``estimate``, and the rest; each (samples + taps - 1,)."""
        spectrum = scipy.fft.rfft(estimate, self.size)
        lags = scipy.fft.irfft(self.spectra[members].conj() * spectrum, self.size, axis=1)[:, : self.taps]
        filters = self._solve(tuple(members), lags.ravel()).reshape(len(members), self.taps)
        made = (scipy.fft.rfft(filters, self.size, axis=1) * self.spectra[members]).sum(axis=0)
        explained = scipy.fft.irfft(made, self.size)[: self.samples]
        return explained, np.pad(estimate, (0, self.taps - 1)) - explained

    def _solve(self, members: tuple[int, ...], wanted: np.ndarray) -> np.ndarray:
        gram = self._gram(members)
        try:
            if members not in self._solvers:
                self._solvers[members] = scipy.linalg.cholesky(gram, lower=True)
            return scipy.linalg.cho_solve((self._solvers[members], True), wanted)
        except np.linalg.LinAlgError:
            # A band-limited sound has filters that change nothing: take the smallest of the equal answers.
            return scipy.linalg.lstsq(gram, wanted)[0]

    def _gram(self, members: tuple[int, ...]) -> np.ndarray:
        """Inner products of all delayed references, shape (members * taps, members * taps)."""
        blocks = []
        for a in members:
            lags = scipy.fft.irfft(self.spectra[a].conj() * self.spectra[list(members)], self.size, axis=1)
            # Negative lags stand at the end, where the transform wraps round.
            later, earlier = lags[:, : self.taps], lags[:, -np.arange(self.taps)]
            blocks.append([scipy.linalg.toeplitz(*pair) for pair in zip(later, earlier, strict=True)])
        return np.block(blocks)


def _ratio(wanted: np.ndarray, rest: np.ndarray) -> float:
    return ratio_db(float(np.sum(wanted**2)), float(np.sum(rest**2)))
