"""One listener's way through a test: blind until the last answer, kept after every one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import filelock
from pydantic import ValidationError

from course_lib.evaluation.listening.errors import ListeningError
from course_lib.evaluation.listening.kinds import get_kind
from course_lib.evaluation.listening.state_file import read_json, write_json
from course_lib.evaluation.listening.trial import Trial

SCHEMA = 1
LOCK_SECONDS = 10.0


class Session:
    """The trials of one listener. Only :meth:`current` and :meth:`wav` are for a client.

    Parameters
    ----------
    kind : str
        "abx", "preference" or "mushra".
    listener : str
        A random code.
    trials : list of Trial
        In the order of this listener.
    wav : callable
        (item, system) -> bytes of a WAV file.
    question : str, optional
        Asked in each trial, instead of the kind's own.
    path : Path, optional
        Where the answers are kept; in memory only when None.
    """

    def __init__(
        self,
        kind: str,
        listener: str,
        trials: list[Trial],
        *,
        wav: Callable[[str, str], bytes],
        question: str | None = None,
        path: Path | None = None,
    ):
        self._kind = get_kind(kind)
        self.kind = kind
        self.listener = listener
        self.question = question or self._kind.QUESTION
        self._trials = trials
        self._wav = wav
        self._path = path

    @classmethod
    def load(cls, path: Path, *, wav: Callable[[str, str], bytes], question: str | None = None) -> Session:
        """The session in a file, at the trial where it was left; ListeningError when it is damaged."""
        content = read_json(path)
        try:
            if content["schema"] != SCHEMA:
                raise ListeningError(f"{path} is of another version ({content['schema']}, here {SCHEMA})")
            trials = [Trial.model_validate(trial) for trial in content["trials"]]
            return cls(content["kind"], content["listener"], trials, wav=wav, question=question, path=path)
        except (KeyError, TypeError, ValidationError) as error:
            raise ListeningError(f"{path} is damaged ({error}); restore it from a copy") from error

    def save(self) -> None:
        """Write everything to the file, which appears whole or not at all."""
        if self._path is not None:
            trials = [trial.model_dump() for trial in self._trials]
            content = {"schema": SCHEMA, "kind": self.kind, "listener": self.listener, "trials": trials}
            write_json(self._path, content)

    def __len__(self) -> int:
        return len(self._trials)

    @property
    def answered(self) -> int:
        """How many trials have their answer."""
        return sum(trial.answer is not None for trial in self._trials)

    @property
    def finished(self) -> bool:
        """Whether every trial has its answer."""
        return self.answered == len(self)

    def current(self) -> dict[str, Any]:
        """What a client may know of the next trial, JSON-ready.

        Returns
        -------
        dict
            ``number`` (from 1), ``of``, ``kind``, ``question``, ``sounds`` (label -> random name for
            :meth:`wav`) and ``answers``: what may be chosen, or in MUSHRA which labels to score, 0 to 100.

        Raises
        ------
        ListeningError
            There is no next trial.
        """
        trial = self._next()
        return {
            "number": self.answered + 1,
            "of": len(self),
            "kind": self.kind,
            "question": self.question,
            "sounds": dict(trial.tokens),
            "answers": list(trial.answers),
        }

    def wav(self, token: str) -> bytes:
        """A sound of the current trial as the bytes of a WAV file; ListeningError for any other name."""
        trial = self._next()
        for label, name in trial.tokens.items():
            if name == token:
                return self._wav(trial.item, trial.systems[label])
        raise ListeningError(f"the current trial has no sound {token!r}; ask for it again by current()")

    def answer(self, number: int, answer, *, seconds: float | None = None) -> None:
        """Keep the answer to a trial and go on to the next.

        Parameters
        ----------
        number : int
            The trial's ``number``: a second click, or another window, does not answer the next one.
        answer : str or dict
            One of the trial's ``answers``; in MUSHRA a score from 0 to 100 for each of them.
        seconds : float, optional
            How long the listener took.

        Raises
        ------
        ListeningError
            Not the current trial, or not an answer to it. Nothing has changed then.
        """
        if self._path is None:
            self._accept(number, answer, seconds)
            return
        lock = filelock.FileLock(self._path.with_name(f".{self._path.stem}.lock"), timeout=LOCK_SECONDS)
        with lock:
            # Another window or process may have gone on meanwhile.
            self._trials = Session.load(self._path, wav=self._wav)._trials
            self._accept(number, answer, seconds)
            self.save()

    def rows(self) -> list[dict[str, Any]]:
        """What was what, and what was answered: one row a trial, in MUSHRA one a version.

        Raises
        ------
        ListeningError
            The test is not finished: it is blind until then.
        """
        if not self.finished:
            raise ListeningError(
                f"listener {self.listener} has answered {self.answered} of {len(self)} trials: the test is "
                "blind until the last one"
            )
        return [
            {"kind": self.kind, "listener": self.listener, "trial": number, **row, "seconds": trial.seconds}
            for number, trial in enumerate(self._trials, start=1)
            for row in self._kind.rows(trial)
        ]

    def _next(self) -> Trial:
        if self.finished:
            raise ListeningError(f"listener {self.listener} has finished all {len(self)} trials")
        return self._trials[self.answered]

    def _accept(self, number: int, answer, seconds: float | None) -> None:
        trial = self._next()
        if number != self.answered + 1:
            raise ListeningError(
                f"trial {number} is not the current one; go on with trial {self.answered + 1}"
            )
        if self.kind == "mushra":
            if not isinstance(answer, dict) or set(answer) != set(trial.answers):
                raise ListeningError(
                    f"expected a score for each of {', '.join(trial.answers)}; received {answer}"
                )
        elif answer not in trial.answers:
            raise ListeningError(f"expected one of {', '.join(trial.answers)}; received {answer!r}")
        try:
            kept = Trial.model_validate({**trial.model_dump(), "answer": answer, "seconds": seconds})
        except ValidationError as error:
            raise ListeningError(
                f"expected scores from 0 to 100 and seconds from 0; received {answer} and {seconds}"
            ) from error
        self._trials[number - 1] = kept
