"""The folder of runs. No Keras here: dashboards and the command line import it."""

from __future__ import annotations

import re
import secrets
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from course_lib.paths import runs_dir
from course_lib.training.durable import explain, write_json
from course_lib.training.errors import RunError
from course_lib.training.preview import Preview
from course_lib.training.run_folder import Run
from course_lib.training.status import RunStatus, identity, write_status

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

__all__ = ["Preview", "Run", "RunError", "RunStatus", "RunStore", "RunSummary", "check_name"]


@dataclass(frozen=True)
class RunSummary:
    """A row of the list of runs; ``loss`` and ``val_loss`` are the newest ones, None before the first."""

    name: str
    preset: str
    dataset: str
    state: str
    epoch: int
    epochs: int
    step: int
    elapsed_s: float
    loss: float | None
    val_loss: float | None
    created: str
    message: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def check_name(name: str) -> str:
    """Return a usable run name or say what one is."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise RunError(
            f"run name {name!r} is not usable; expected 1 to 64 letters, digits, dots, dashes, underscores, "
            "the first a letter or digit, such as autoencoder-digits-001"
        )
    return name


class RunStore:
    """All runs of one folder.

    Parameters
    ----------
    root : Path, optional
        ``COURSE_RUNS``, else ``runs`` in the working directory. Made at the first run.
    """

    def __init__(self, root: Path | None = None):
        self.root = Path(root).absolute() if root is not None else runs_dir()

    def names(self) -> list[str]:
        """Names of all runs, sorted."""
        if not self.root.is_dir():
            return []
        return sorted(
            entry.name
            for entry in self.root.iterdir()
            if NAME.fullmatch(entry.name) and (entry / "config.json").is_file()
        )

    def list(self) -> list[RunSummary]:
        """All runs, the newest first; a folder that cannot be read is left out."""
        summaries = []
        for name in self.names():
            try:
                summaries.append(summary(Run(self.root / name)))
            except RunError:
                continue
        return sorted(summaries, key=lambda row: (row.created, row.name), reverse=True)

    def open(self, name: str) -> Run:
        """The run of that name.

        Raises
        ------
        RunError
            There is none; the message lists those that exist.
        """
        check_name(name)
        if not (self.root / name / "config.json").is_file():
            names = self.names()
            known = (
                f"there are: {', '.join(names[:20])}"
                if names
                else "there are none yet: course train autoencoder"
            )
            raise RunError(f"no run named {name} in {self.root}; {known}")
        return Run(self.root / name)

    def new_name(self, stem: str) -> str:
        """The next free name ``stem-001``, ``stem-002`` and so on."""
        number = 1
        while (self.root / f"{stem}-{number:03d}").exists():
            number += 1
        return check_name(f"{stem}-{number:03d}")

    def create(self, name: str, config: dict[str, Any]) -> Run:
        """Make the folder of a new run, state ``queued``; it appears whole or not at all.

        Raises
        ------
        RunError
            The name is not usable or taken, or the folder cannot be written.
        """
        check_name(name)
        target = self.root / name
        temporary = self.root / f".new-{name}-{secrets.token_hex(4)}"
        taken = f"a run named {name} exists in {self.root}; choose another --run name, or --resume it"
        try:
            if target.exists():
                raise RunError(taken)
            temporary.mkdir(parents=True)
            write_json(temporary / "config.json", config | {"name": name})
            status = RunStatus(epochs=config.get("epochs") or 0, message="waiting to start", **identity())
            write_status(temporary, status)
            try:
                temporary.rename(target)
            except OSError as error:
                # Another process took the name between the look and the rename.
                raise (RunError(taken) if target.exists() else error) from error
        except OSError as error:
            raise RunError(explain(error, target)) from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return Run(target)


def summary(run: Run) -> RunSummary:
    """The row of one run."""
    config, status, history = run.config(), run.status(), run.history()
    held_out = [value for value in history["val_loss"] if value == value]
    return RunSummary(
        name=run.name,
        preset=str(config.get("preset")),
        dataset=str((config.get("dataset") or {}).get("name")),
        state=status.state,
        epoch=status.epoch,
        epochs=status.epochs,
        step=status.step,
        elapsed_s=status.elapsed_s,
        loss=history["loss"][-1] if history["loss"] else None,
        val_loss=held_out[-1] if held_out else None,
        created=str(config.get("created", "")),
        message=status.error or status.message,
    )
