"""One row of the scoreboard: every score of one set of clips against real ones, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course_lib.evaluation.generation import arrays
from course_lib.evaluation.generation.activation import am_score
from course_lib.evaluation.generation.bins import assign, different_share
from course_lib.evaluation.generation.frechet import frechet_distance
from course_lib.evaluation.generation.inception import inception_score_in_halves, modified_inception_score
from course_lib.evaluation.generation.manifold import density_coverage, share_within
from course_lib.evaluation.intervals import bootstrap

LOWER_IS_BETTER = frozenset({"am", "frechet", "ndb"})
# A clip drawn twice would be its own neighbour, and count twice in its bin's test.
BY_NEIGHBOURS = frozenset({"ndb", "precision", "recall", "density", "coverage"})
LIMITS = {
    "is": (1, np.inf),
    "mis": (1, np.inf),
    "mis_within": (1, np.inf),
    "am": (0, np.inf),
    "frechet": (0, np.inf),
    "ndb": (0, 1),
    "precision": (0, 1),
    "recall": (0, 1),
    "density": (0, np.inf),
    "coverage": (0, 1),
}


@dataclass(frozen=True, eq=False)
class Side:
    """What a judge says of one set of clips.

    Attributes
    ----------
    probabilities : np.ndarray, shape (clips, classes)
    features : np.ndarray, shape (clips, features)
    name : str
        For messages.
    """

    probabilities: np.ndarray
    features: np.ndarray
    name: str = ""

    def __post_init__(self):
        p = arrays.probabilities(self.probabilities, name=f"{self.name} probabilities".strip())
        f = arrays.features(self.features, name=f"{self.name} features".strip())
        if len(p) != len(f):
            raise ValueError(
                f"{self.name} probabilities and features must be of the same clips; received {len(p)} and "
                f"{len(f)}"
            )
        object.__setattr__(self, "probabilities", p)
        object.__setattr__(self, "features", f)

    def __len__(self) -> int:
        return len(self.features)

    def select(self, index: np.ndarray) -> Side:
        """The clips of ``index``."""
        return Side(self.probabilities[index], self.features[index], self.name)

    def mean(self) -> Side:
        """The mean of the features and of the probabilities for every clip: no variety at all."""
        means = (values.mean(axis=0, keepdims=True) for values in (self.probabilities, self.features))
        return Side(*(np.repeat(mean, len(self), axis=0) for mean in means), "mean")

    def shuffled(self, rng: np.random.Generator) -> Side:
        """Each feature dealt out anew over the clips, so that nothing in a clip fits; probabilities' mean."""
        return Side(self.mean().probabilities, rng.permuted(self.features, axis=0), "shuffled")


def with_intervals(
    halves: list[tuple[Side, Side]], *, bins: int, resamples: int, seed: int
) -> dict[str, Any]:
    """Each score, averaged over (real, scored) pairs, with ``_low``, ``_high`` and ``_se``.

    The interval is that of the first pair, moved to the average; without ``resamples`` it is None.
    """
    first, *others = [_scores(real, scored, bins=bins, seed=seed) for real, scored in halves]
    row: dict[str, Any] = {}
    for metric, (function, samples) in first.items():
        again = [function(*samples) for function, samples in (other[metric] for other in others)]
        values = [float(function(*samples)), *again]
        row[metric] = float(np.mean(values))
        ends: dict[str, float | None] = dict.fromkeys(("low", "high", "se"))
        if resamples:
            settings = {"halves": metric in BY_NEIGHBOURS, "bounds": LIMITS[metric], "seed": seed}
            interval = bootstrap(function, *samples, n=resamples, **settings)
            moved = np.array([interval["low"], interval["high"]]) + row[metric] - values[0]
            low, high = np.clip(moved, *LIMITS[metric])
            ends = {"low": float(low), "high": float(high), "se": interval["se"]}
        row |= {f"{metric}_{end}": value for end, value in ends.items()}
    return row


def _scores(
    real: Side, scored: Side, *, bins: int, seed: int
) -> dict[str, tuple[Any, tuple[np.ndarray, ...]]]:
    """Metric -> (function, the arrays that are resampled for it). Bins are made once and stay."""
    p, q = real.probabilities, scored.probabilities
    features = real.features, scored.features

    def within(q):
        return modified_inception_score(q, labels=q.argmax(axis=1), pairs=None)

    return {
        "is": (lambda q: inception_score_in_halves(q, seed=seed), (q,)),
        "mis": (lambda q: modified_inception_score(q, pairs=None), (q,)),
        "mis_within": (within, (q,)),
        "am": (am_score, (p, q)),
        "frechet": (frechet_distance, features),
        "ndb": (
            lambda a, b: different_share(a, b, bins=bins),
            tuple(assign(*features, bins=bins, seed=seed)),
        ),
        "precision": (lambda a, b: share_within(b, a), features),
        "recall": (share_within, features),
        "density": (lambda a, b: density_coverage(a, b)[0], features),
        "coverage": (lambda a, b: density_coverage(a, b)[1], features),
    }
