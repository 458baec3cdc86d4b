"""Are generated clips good, varied and new? Arrays of a judge's probabilities and features in, numbers out.

Every score compares distributions, never a clip with its reference, and each misses something: the inception
score takes one perfect clip a class for the best of models, a Fréchet distance sees only means and
covariances, precision and recall only supports, and none but the last group notices a training set learnt by
heart. Read them together, at equal numbers of clips, beside what real clips score.
"""

from course_lib.evaluation.generation.activation import am_score
from course_lib.evaluation.generation.bins import ndb
from course_lib.evaluation.generation.frechet import frechet_against_floor, frechet_distance
from course_lib.evaluation.generation.inception import (
    inception_score,
    inception_score_in_halves,
    modified_inception_score,
)
from course_lib.evaluation.generation.manifold import density_coverage, precision_recall
from course_lib.evaluation.generation.novelty import copies, memorisation
from course_lib.evaluation.generation.scoreboard import evaluate
from course_lib.evaluation.generation.variety import missing_classes

__all__ = [
    "am_score",
    "copies",
    "density_coverage",
    "evaluate",
    "frechet_against_floor",
    "frechet_distance",
    "inception_score",
    "inception_score_in_halves",
    "memorisation",
    "missing_classes",
    "modified_inception_score",
    "ndb",
    "precision_recall",
]
