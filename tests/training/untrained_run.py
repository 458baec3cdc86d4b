"""A finished run without a training: the preset's model as it was built, or nearly so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.audio.magnitude_phase import MagnitudePhase
from course_lib.data import catalog
from course_lib.training.durable import write_json
from course_lib.training.model_files import save_model
from course_lib.training.presets import get_preset
from course_lib.training.request import TrainingRequest
from course_lib.training.start import prepare_run
from course_lib.training.status import read_status, write_status
from course_lib.training.store import Run, RunStore

SMALL = {
    "autoencoder": {"network": "conv1d", "width": 4, "latent_dim": 4},
    "denoising": {"width": 8, "inner": 4},
    "denoising_lstm": {"width": 4, "latent_dim": 4},
    "inpainting": {"width": 8, "inner": 4},
    "conditional": {"width": 8, "inner": 4},
    "gan": {"width": 8, "critic_width": 8, "noise_dim": 8},
    "conditional_gan": {"width": 8, "critic_width": 8, "noise_dim": 8},
}


def untrained_run(root: Path, preset_name: str, name: str, *, state: str = "done", model: bool = True) -> Run:
    """Make a run on the bundled digits; without a model it can be found but not loaded."""
    preset = get_preset(preset_name)
    request = TrainingRequest(preset=preset_name, name=name, overrides=SMALL.get(preset_name, {}))
    run = prepare_run(request, RunStore(root))
    clips, config = catalog.load("digits"), run.config()
    settings = preset.parse(config["hyperparameters"])
    if hasattr(preset, "n_fft"):
        representation = MagnitudePhase(n_fft=preset.n_fft, hop_length=preset.hop_length)
    else:
        representation = LogMelSpectrogram().fit(clips.y[:64])
    classes = list(catalog.get("digits").labels)
    facts = {"representation": representation.config, "classes": classes}
    write_json(run.path / "config.json", config | facts)
    if model:
        wanted = {"classes": len(classes)} if preset.conditional else {}
        built = preset.build(settings, representation.shape, seed=1, **wanted)
        rng = np.random.default_rng(0)
        # Many layers begin at zero, so that a network as it was built ignores what it is asked.
        for weight in built.trainable_weights:
            weight.assign_add((0.05 * rng.standard_normal(weight.shape)).astype(np.float32))
        save_model(run.path, built, step=1)
    write_status(run.path, replace(read_status(run.path), state=state, step=1, epoch=1, message=state))
    return run
