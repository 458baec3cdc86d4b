"""What a trained model does with sound: the verbs of the course, one function each.

A lab, a page and the command line call these. Each takes a run and sounds at the model's rate, and loads the
model at each call; for many sounds, :func:`open_verb` loads it once.

========================= ==================================== ==============================================
verb                      what it gives                        which models
========================= ==================================== ==============================================
:func:`reconstruct`       the sound through the bottleneck     autoencoders
:func:`denoise`           the voice without the noise          denoising
:func:`separate`          the one asked for out of a mixture   conditional
:func:`enhance`           the undamaged sound                  a model with ``enhance(y)``
:func:`inpaint`           the sound without its gaps           a model with ``inpaint(y, missing)``
:func:`convert`           the notes by another instrument      conditional VAEs
:func:`sample`            sounds that never were               generators and autoencoders
:func:`interpolate`       steps from one sound to another      autoencoders
========================= ==================================== ==============================================

Sound that goes in keeps its length and its level; what is made from nothing, or from latents alone, has the
level of the training clips.
"""

from course_lib.training.apply.conditions import Conditions
from course_lib.training.apply.conversion import Converter, convert
from course_lib.training.apply.fields import Fields
from course_lib.training.apply.interpolation import Walk, interpolate
from course_lib.training.apply.reconstructor import MAX_SECONDS, Reconstructor
from course_lib.training.apply.restorer import Restorer, find_gaps
from course_lib.training.apply.sampling import Samples, sample
from course_lib.training.apply.sound_verb import SoundVerb
from course_lib.training.apply.sounds import denoise, enhance, inpaint, open_verb, reconstruct, separate
from course_lib.training.apply.verbs import VERBS, find_run, load_for, verbs_of

__all__ = [
    "MAX_SECONDS",
    "VERBS",
    "Conditions",
    "Converter",
    "Fields",
    "Reconstructor",
    "Restorer",
    "Samples",
    "SoundVerb",
    "Walk",
    "convert",
    "denoise",
    "enhance",
    "find_gaps",
    "find_run",
    "inpaint",
    "interpolate",
    "load_for",
    "open_verb",
    "reconstruct",
    "sample",
    "separate",
    "verbs_of",
]
