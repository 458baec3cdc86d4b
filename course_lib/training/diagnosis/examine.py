"""``diagnose(run)``: every check that a run allows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_lib.training.diagnosis.files import examine_files
from course_lib.training.diagnosis.report import Diagnosis, Examination
from course_lib.training.run_folder import Run


def diagnose(
    run: Run, *, quick: bool = False, judge: Any = None, on_check: Callable[[str], object] | None = None
) -> Diagnosis:
    """Look at a run and say what is wrong with its numbers, and what is right.

    Parameters
    ----------
    quick : bool
        Only what its files tell, in milliseconds and without Keras; else the model and the data are loaded
        too: more clips, dead units, leakage between the splits.
    judge : object, optional
        Has ``classes`` and ``probabilities``: sounds, shape (clips, samples) -> (clips, classes). It hears
        which classes a generative model makes; without one only the samples' variety is measured.
    on_check : callable, optional
        Told what is being looked at.

    Raises
    ------
    RunError
        The run's ``config.json`` cannot be read. Data or a model that cannot be had are no errors: the
        checks that need them say so in ``skipped``.
    """
    report = on_check or (lambda what: None)
    examination = Examination(run.name)
    config = run.config()
    report("its files")
    history = run.history()
    examine_files(examination, config, run.status().as_dict(), history, run.previews())
    if not quick:
        from course_lib.training.diagnosis.model import examine_model

        examine_model(examination, run, config, history, judge=judge, report=report)
    return examination.diagnosis()
