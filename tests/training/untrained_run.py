"""A finished run without a training: the preset's model as it was built, or nearly so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from course_lib.audio.magnitude_phase import MagnitudePhase
from course_lib.audio.representation import from_config
from course_lib.data import catalog, notes
from course_lib.data.dataset import DIGITS
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
    "enhancement": {"width": 8, "inner": 4, "critic_width": 4},
    "conditional": {"width": 8, "inner": 4},
    "conditional_notes": {"width": 8, "inner": 4},
    "vae_notes": {"width": 8, "latent_dim": 2},
    "vae": {"network": "conv1d", "width": 8},
    "conditional_vae": {"width": 8, "latent_dim": 4},
    "gan": {"width": 8, "critic_width": 8, "noise_dim": 8},
    "conditional_gan": {"width": 8, "critic_width": 8, "noise_dim": 8},
}

# What else a task would have written into ``config.json``.
FACTS = {
    "conditional_notes": {"classes": ["voice", "note"]},
    "conditional_vae": {"conditions": {"digit": list(DIGITS), "speaker": ["ann", "bob"]}},
    "vae_notes": {"conditions": {"instrument": list(notes.INSTRUMENTS), "pitch": list(notes.PITCHES)}},
}


def untrained_run(root: Path, preset_name: str, name: str, *, state: str = "done", model: bool = True) -> Run:
    """Make a run on the preset's own data set; without a model it can be found but not loaded."""
    preset = get_preset(preset_name)
    request = TrainingRequest(preset=preset_name, name=name, overrides=SMALL.get(preset_name, {}))
    run = prepare_run(request, RunStore(root))
    clips, config = catalog.load(preset.dataset), run.config()
    settings = preset.parse(config["hyperparameters"])
    if hasattr(preset, "n_fft"):
        representation = MagnitudePhase(n_fft=preset.n_fft, hop_length=preset.hop_length)
    else:
        sizes = {"sr": clips.sr, "n_samples": clips.y.shape[1]}
        plain = preset.representation or {"kind": "LogMelSpectrogram"}
        representation = from_config(plain | sizes).fit(clips.y[:64])
    classes = list(catalog.get(preset.dataset).labels)
    facts = {"representation": representation.config, "classes": classes} | FACTS.get(preset_name, {})
    write_json(run.path / "config.json", config | facts)
    if model:
        built = preset.build(settings, representation.shape, seed=1, **preset.asked(facts))
        rng = np.random.default_rng(0)
        # Many layers begin at zero, so that a network as it was built ignores what it is asked.
        for weight in built.trainable_weights:
            weight.assign_add((0.05 * rng.standard_normal(weight.shape)).astype(np.float32))
        save_model(run.path, built, step=1)
    write_status(run.path, replace(read_status(run.path), state=state, step=1, epoch=1, message=state))
    return run
