"""Run folders made by hand: what a training writes, without a training."""

from __future__ import annotations

import io
import json
import os
import time
from pathlib import Path

import numpy as np
import pytest

from course_lib.audio.files import wav_bytes
from course_lib.training.store import RunStore

FRAMES, BANDS, SAMPLES = 128, 64, 8192


class HandMadeRun:
    """Writes the files of one run in the way a training does: whole, then renamed."""

    def __init__(self, root: Path, name: str = "hand-made", **config):
        self.path = root / name
        self.path.mkdir(parents=True)
        content = {
            "schema": 1,
            "name": name,
            "preset": "autoencoder",
            "hyperparameters": {"latent_dim": 64},
            "dataset": {"name": "digits", "sha256": "0" * 64, "train": 400, "test": 100, "holdout": []},
            "representation": {"kind": "LogMelSpectrogram"},
            "seed": 0,
            "epochs": 40,
            "max_seconds": None,
            "created": "2026-01-01T12:00:00+00:00",
        }
        self._write("config.json", json.dumps(content | config))
        self.rows = 0
        self.status("queued")

    def _write(self, name: str, text: str) -> None:
        partial = self.path / f".{name}.partial"
        partial.write_text(text)
        partial.replace(self.path / name)

    def status(self, state: str, **values) -> None:
        content = {
            "state": state,
            "step": 0,
            "epoch": 0,
            "epochs": 40,
            "elapsed_s": 0.0,
            "eta_s": None,
            "heartbeat": time.time(),
            "pid": os.getpid(),
            "error": None,
            "message": "",
        }
        self._write("status.json", json.dumps(content | values))

    def row(self, step: int, epoch: int, loss: float, val_loss: float | None = None) -> None:
        with (self.path / "history.csv").open("a") as file:
            if not self.rows:
                file.write("step,epoch,seconds,loss,val_loss,learning_rate\n")
            file.write(f"{step},{epoch},{0.1 * step},{loss},{'' if val_loss is None else val_loss},0.001\n")
        self.rows += 1

    def preview(self, step: int, *, clips: int = 2, blur: float = 0.5) -> None:
        folder = self.path / "previews" / f"{step:06d}"
        partial = self.path / "previews" / f".{step:06d}.partial"
        partial.mkdir(parents=True)
        rng = np.random.default_rng(step)
        t = np.arange(SAMPLES) / 8000
        entries = []
        for clip in range(clips):
            tone = 0.5 * np.sin(2 * np.pi * 220 * (clip + 1) * t) * np.exp(-2 * t)
            noisy = (1 - blur) * tone + blur * 0.2 * rng.standard_normal(SAMPLES)
            for part, y in (("input", tone), ("ceiling", tone), ("output", noisy)):
                (partial / f"{clip}_{part}.wav").write_bytes(wav_bytes(y.astype(np.float32)))
            picture = -80 + 50 * np.exp(-(((np.arange(BANDS) - 16 * (clip + 1)) / 6.0) ** 2))
            picture = np.tile(picture, (FRAMES, 1)).astype(np.float16)
            buffer = io.BytesIO()
            np.savez(buffer, input=picture, output=picture * np.float16(1 - 0.2 * blur))
            (partial / f"{clip}.npz").write_bytes(buffer.getvalue())
            entries.append(
                {
                    "name": f"digit {clip}",
                    "label": clip,
                    "speaker": "ada",
                    "input": f"{clip}_input.wav",
                    "ceiling": f"{clip}_ceiling.wav",
                    "output": f"{clip}_output.wav",
                    "spectrogram": f"{clip}.npz",
                    "error": blur,
                }
            )
        (partial / "index.json").write_text(
            json.dumps({"step": step, "epoch": 0, "seconds": 0.1 * step, "clips": entries})
        )
        partial.rename(folder)


@pytest.fixture
def store(tmp_path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def hand_made(store):
    """Make a run: ``hand_made("name", **config)``."""
    return lambda name="hand-made", **config: HandMadeRun(store.root, name, **config)
