"""A listening test: a folder with its sounds, its key and its listeners."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from course_lib.audio.files import write as write_sound
from course_lib.evaluation.listening import results, stimuli
from course_lib.evaluation.listening.errors import ListeningError
from course_lib.evaluation.listening.kinds import get_kind
from course_lib.evaluation.listening.loudness import TARGET_LUFS
from course_lib.evaluation.listening.session import Session
from course_lib.evaluation.listening.state_file import read_json, write_json

SCHEMA = 1
# Nothing that is read wrongly from a slip of paper: no 0 and o, no 1, i and l.
CODE_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
CODE_LENGTH = 8


class ListeningTest:
    """A test on disk, for any number of listeners, each in an own random order.

    ``test.json`` holds what everybody may know, ``key.json`` which sound is which, ``sounds/`` the sounds
    under random names, ``listeners/`` a file for each listener. The folder belongs on the server: a client
    gets only what :meth:`Session.current` and :meth:`Session.wav` return.

    Parameters
    ----------
    folder : Path
        A folder that :meth:`create` has made.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self.about = read_json(self.folder / "test.json")
        self._key = read_json(self.folder / "key.json")
        if not {"schema", "kind", "sr"} <= set(self.about) or not {"sounds", "options"} <= set(self._key):
            raise ListeningError(f"{self.folder} is not a listening test, or is damaged; restore it")
        if self.about["schema"] != SCHEMA:
            raise ListeningError(
                f"{self.folder} is of another version ({self.about['schema']}, here {SCHEMA})"
            )
        self.kind = self.about["kind"]

    @classmethod
    def create(
        cls,
        folder,
        *,
        kind: str,
        items: Mapping[str, Mapping[str, Any]],
        sr: int = 8000,
        title: str = "",
        question: str | None = None,
        repeats: int = 1,
        pairs: Sequence[Sequence[str]] | None = None,
        ties: bool = True,
        anchors: Mapping[str, float] | None = None,
        loudness: float | None = TARGET_LUFS,
    ) -> ListeningTest:
        """Make the folder of a new test.

        Parameters
        ----------
        folder : Path
            Where there is nothing yet.
        kind : {"abx", "preference", "mushra"}
        items : mapping
            ``{item: {system: sound}}``; a sound is an array at ``sr`` or the path of a sound file. MUSHRA
            wants a system "reference" and hides it itself.
        sr : int
            Rate in Hz at which everything is played.
        title, question : str
            For the listener; they must not name what is hidden.
        repeats : int
            How often each listener gets each item and pair. ABX lives of it: 16 trials and more.
        pairs : sequence of pairs, optional
            Systems compared in ABX and preference; every pair when None.
        ties : bool
            Whether "no preference" is an answer.
        anchors : mapping, optional
            Names and cut-offs in Hz of MUSHRA's anchors; see :func:`anchors.default_cutoffs`.
        loudness : float or None
            In LUFS, for all sounds (see :func:`loudness.match_loudness`); None leaves the levels as they are.

        Raises
        ------
        ListeningError
            Names, sounds or choices that cannot be used, or a folder that exists.
        """
        folder = Path(folder)
        module = get_kind(kind)
        if folder.exists():
            raise ListeningError(f"{folder} exists; give a new test another folder, or remove it first")
        sounds = stimuli.gather(items, sr=sr, same_length=module.SAME_LENGTH)
        if kind == "mushra":
            sounds = stimuli.add_anchors(sounds, sr=sr, cutoffs=anchors)
        options = {"repeats": repeats}
        options |= {} if kind == "mushra" else {"pairs": None if pairs is None else [list(p) for p in pairs]}
        options |= {"ties": ties} if kind == "preference" else {}
        # Made once for nothing: what is impossible shows now, not when the first listener sits there.
        systems = {item: list(versions) for item, versions in sounds.items()}
        trials = module.trials(systems, rng=np.random.default_rng(), **options)
        reached, notes = None, []
        if loudness is not None:
            sounds, reached, notes = stimuli.level(sounds, sr=sr, target=loudness)
        about = {
            "schema": SCHEMA,
            "kind": kind,
            "title": title,
            "question": question,
            "sr": sr,
            "trials": len(trials),
            "loudness_lufs": None if reached is None else round(reached, 2),
        }
        _publish(folder, about, sounds, options, notes)
        return cls(folder)

    @property
    def notes(self) -> list[str]:
        """What was odd about the sounds; it names systems, so it is not for listeners."""
        return list(self._key.get("notes", []))

    def start(self, *, rng: np.random.Generator | None = None) -> Session:
        """A new listener, with an own code and order.

        Parameters
        ----------
        rng : np.random.Generator, optional
            For tests; unpredictable when None.
        """
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        systems = {item: list(versions) for item, versions in self._key["sounds"].items()}
        trials = get_kind(self.kind).trials(
            systems, rng=rng or np.random.default_rng(), **self._key["options"]
        )
        session = Session(self.kind, code, trials, path=self._path(code), **self._session_arguments())
        session.save()
        return session

    def resume(self, code: str) -> Session:
        """The session of a listener, at the trial where it was left."""
        path = self._path(code)
        if not path.is_file():
            raise ListeningError(f"no listener {code!r} in this test; check the code, or start anew")
        return Session.load(path, **self._session_arguments())

    def listeners(self) -> dict[str, tuple[int, int]]:
        """Answered and all trials of each listener, by code."""
        codes = sorted(path.stem for path in (self.folder / "listeners").glob("*.json"))
        sessions = {code: self.resume(code) for code in codes}
        return {code: (session.answered, len(session)) for code, session in sessions.items()}

    def rows(self) -> list[dict[str, Any]]:
        """Results of all listeners who have finished; the others are still blind."""
        done = [code for code, (answered, trials) in self.listeners().items() if answered == trials]
        return [row for code in done for row in self.resume(code).rows()]

    def write_csv(self, path) -> Path:
        """Results as a CSV file: see :func:`results.write_csv`."""
        return results.write_csv(path, self.rows())

    def analyse(self, **options) -> dict[str, Any]:
        """What the results say: see :func:`results.analyse`."""
        return results.analyse(self.rows(), **options)

    def _session_arguments(self) -> dict[str, Any]:
        return {"wav": self._wav, "question": self.about.get("question")}

    def _path(self, code: str) -> Path:
        if not re.fullmatch(f"[{CODE_LETTERS}]{{{CODE_LENGTH}}}", str(code)):
            raise ListeningError(
                f"a listener's code has {CODE_LENGTH} letters and digits, such as k7m2p9qd; received {code!r}"
            )
        return self.folder / "listeners" / f"{code}.json"

    def _wav(self, item: str, system: str) -> bytes:
        return (self.folder / "sounds" / self._key["sounds"][item][system]).read_bytes()


def _publish(folder: Path, about, sounds: stimuli.Sounds, options, notes: list[str]) -> None:
    """Write everything to a folder beside, then rename it: a test is there whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial_folder = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.partial")
    try:
        (partial_folder / "sounds").mkdir(parents=True)
        (partial_folder / "listeners").mkdir()
        key: dict[str, dict[str, str]] = {item: {} for item in sounds}
        jobs = []
        for item, versions in sounds.items():
            for system, y in versions.items():
                key[item][system] = f"{secrets.token_hex(8)}.wav"
                jobs.append(
                    partial(write_sound, partial_folder / "sounds" / key[item][system], y, sr=about["sr"])
                )
        # In random order, too: the times of the files say nothing.
        for n in np.random.default_rng().permutation(len(jobs)):
            jobs[n]()
        write_json(partial_folder / "test.json", about)
        write_json(partial_folder / "key.json", {"sounds": key, "options": options, "notes": notes})
        partial_folder.rename(folder)
    finally:
        shutil.rmtree(partial_folder, ignore_errors=True)
