"""What a latent knows, how much of it is used, and whether walks through it are smooth."""

from course_lib.evaluation.intervals import wilson_interval
from course_lib.evaluation.latent.disentanglement import mutual_information_gap
from course_lib.evaluation.latent.posterior import active_units, iwae_bound, kl_per_dimension
from course_lib.evaluation.latent.probe import linear_probe
from course_lib.evaluation.latent.scoreboard import evaluate
from course_lib.evaluation.latent.speakers import probe_by_speaker, speaker_probe
from course_lib.evaluation.latent.walk import smoothness

__all__ = [
    "active_units",
    "evaluate",
    "iwae_bound",
    "kl_per_dimension",
    "linear_probe",
    "mutual_information_gap",
    "probe_by_speaker",
    "smoothness",
    "speaker_probe",
    "wilson_interval",
]
