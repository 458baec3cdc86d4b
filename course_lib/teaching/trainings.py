"""The trainings of one lab: started in their own process, watched and waited for from the notebook."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.teaching.diagnosis import told
from course_lib.teaching.errors import LabError
from course_lib.teaching.exercise import Budget
from course_lib.teaching.notebook import Html, Line
from course_lib.teaching.player import Grid, Player
from course_lib.teaching.verdict import notice

if TYPE_CHECKING:
    from course_lib.teaching.lab import Lab

POLL_SECONDS = 0.25
FAST_CLIPS = 256


def runs_root() -> Path:
    """``COURSE_RUNS``; else the project's ``runs``, so that labs and studio see the same runs."""
    from course_lib.paths import project_root, runs_dir

    if os.environ.get("COURSE_RUNS", "").strip():
        return runs_dir()
    return project_root() / "runs" if Path.cwd().is_relative_to(project_root()) else runs_dir()


class Trainings:
    """Starts, awaits and loads the runs of a :class:`Lab`; one trains at a time, the next ones queue."""

    def __init__(self, lab: Lab):
        from course_lib.training.store import RunStore

        self.lab = lab
        self.store = RunStore(runs_root())
        self._pool: Any = None

    def warm_up(self) -> None:
        """Let a training process import the backend already, while the learner reads."""
        if self._pool is None:
            from course_lib.training.pool import WorkerPool

            # Two at a time where a rehearsal mostly waits for imports; one where training is the work.
            slots = 2 if self.lab.profile == "fast" else 1
            self._pool = WorkerPool(slots=slots, warm=True, store=self.store)

    def start(
        self,
        budget: Budget,
        name: str,
        *,
        networks: tuple[Any, Any] | None,
        limit_clips: int | None,
        settings: Mapping[str, Any],
    ) -> Any:
        """Queue one training and return its run at once."""
        from course_lib.training.request import TrainingRequest

        epochs, seconds = budget.limits(self.lab.profile)
        if self.lab.profile == "fast" and limit_clips is None:
            limit_clips = FAST_CLIPS
        architecture = None if networks is None else self._architecture(*networks)
        request = TrainingRequest(
            preset="autoencoder",
            dataset=self.lab.dataset,
            name=self.store.new_name(f"lab{self.lab.content.number}-{name}"),
            seed=self.lab.seed,
            epochs=epochs,
            max_seconds=seconds,
            overrides=dict(settings),
            architecture=architecture,
            limit_clips=limit_clips,
        )
        self.warm_up()
        return self._pool.submit(request)

    def _architecture(self, encoder: Any, decoder: Any) -> dict[str, Any]:
        """The learner's two networks as JSON, or one sentence on why they do not fit together."""
        import keras

        from course_lib.models.autoencoder import Autoencoder

        try:
            Autoencoder(encoder, decoder)
        except (ValueError, AttributeError, TypeError) as error:
            raise LabError(
                f"these networks cannot be trained together: {error}; check 1.2 and 1.3"
            ) from error
        serialize = keras.saving.serialize_keras_object
        networks = {"encoder": serialize(encoder), "decoder": serialize(decoder)}
        # Through text and back: what is written to the run's folder is what is trained.
        return _plain_dtypes(json.loads(json.dumps(networks)))

    def wait(self, runs: Iterable[Any]) -> None:
        """Block until every run has ended, with one line that says where they are."""
        runs = list(runs)
        for number, run in enumerate(runs, start=1):
            count = f" ({number} of {len(runs)})" if len(runs) > 1 else ""
            if not self._wait_for(run, count):
                return

    def _wait_for(self, run: Any, count: str) -> bool:
        line = Line()
        try:
            while (status := run.status()).live:
                line.update(*progress_line(run.name + count, status))
                time.sleep(POLL_SECONDS)
        except KeyboardInterrupt:
            text = (
                f"{run.name} goes on in its own process. Run this cell again to wait, or use Pause and Stop "
                f'in its view (here: run.request("pause"), "resume", "stop").'
            )
            line.update(notice(escape(text), mark="▸", colour="#a16207"), text)
            return False
        line.update(*progress_line(run.name + count, run.status()))
        if run.status().state == "failed":
            raise LabError(f"the training {run.name} failed: {run.status().error or run.status().message}")
        return True

    def model(self, run: Any) -> Any:
        """The trained model of a run that has ended.

        Raises
        ------
        LabError
            It still trains, or has nothing to load.
        """
        status = run.status()
        if status.live:
            raise LabError(f"{run.name} is still {status.state}: run lab.wait(...) first, or press Stop")
        try:
            return run.load_model()
        except (ValueError, OSError) as error:
            raise LabError(f"{run.name} left no model ({error}); start its training again") from error

    def diagnose(self, run: Any) -> Html:
        """What is wrong with a run's numbers, and what to change; while it trains, from its files alone."""
        from course_lib.training.diagnosis.examine import diagnose

        try:
            return told(diagnose(run, quick=run.status().live))
        except (ValueError, OSError) as error:
            raise LabError(f"{run.name} cannot be read: {error}") from error

    def ladder(self, run: Any, *, clip: int = 0, steps: tuple[int, ...] = (0, 10, 100, 1000)) -> Grid:
        """The original, what a run sounded like at some steps, and at its end."""
        previews = run.previews()
        if not previews:
            raise LabError(f"{run.name} has no previews yet: start its training, then wait a few seconds")
        by_step = {preview.step: preview for preview in previews}
        chosen = [by_step[step] for step in steps if step in by_step]
        if previews[-1] not in chosen:
            chosen.append(previews[-1])
        last = previews[-1]
        clip = min(clip, len(last.clips) - 1)
        said = last.clips[clip]
        players = []
        if "input" in said:
            title = last.titles.get("input", "Original").lower()
            players.append(
                self._player(last, clip, "input", f"{title}: {said.get('word', said['label'])}", "")
            )
        for preview in chosen:
            error = preview.clips[clip]["error"]
            title = "before training" if preview.step == 0 else f"step {preview.step:,}"
            note = "" if error is None else f"error {error:.3f}"
            players.append(self._player(preview, clip, "output", title, note))
        return Grid(players, width=190)

    def _player(self, preview: Any, clip: int, part: str, title: str, note: str) -> Player:
        import soundfile

        y, sr = soundfile.read(preview.path(clip, part), dtype="float32")
        with np.load(preview.path(clip, "spectrogram")) as pictures:
            picture = pictures["input" if part == "input" else "output"].astype(np.float32)
        return Player(y, title, sr=sr, note=note, picture=picture)


def _plain_dtypes(config: Any) -> Any:
    """The same serialised network with each precision by its name, ``"float32"``, instead of an object."""
    if isinstance(config, list):
        return [_plain_dtypes(value) for value in config]
    if not isinstance(config, dict):
        return config
    if config.get("class_name") == "DTypePolicy":
        return config["config"]["name"]
    return {key: _plain_dtypes(value) for key, value in config.items()}


def progress_line(name: str, status: Any) -> tuple[str, str]:
    """(HTML, text) of where a training stands."""
    share = status.epoch / status.epochs if status.epochs else 0.0
    if status.live and status.eta_s is not None and status.elapsed_s + status.eta_s > 0:
        share = max(share, status.elapsed_s / (status.elapsed_s + status.eta_s))
    if status.state == "running":
        left = f", about {status.eta_s:.0f} s to go" if status.eta_s is not None else ""
        words = f"epoch {min(status.epoch + 1, status.epochs)} of {status.epochs}{left}"
    elif status.state == "paused":
        words = "paused: press Resume in its view, or interrupt this cell"
    elif status.state == "queued":
        words = status.message or "waiting for its turn"
    else:
        words = f"{status.state} after {status.elapsed_s:.0f} s, {status.epoch} epochs"
        share = 1.0 if status.state == "done" else share
    text = f"{name}: {words}"
    bar = (
        f'<progress max="1" value="{min(1.0, share):.3f}" aria-label="{escape(name)}" '
        'style="width:12em;vertical-align:middle"></progress>'
    )
    return f'<div role="status">{bar} <b>{escape(name)}</b>: {escape(words)}</div>', text
