"""The named trainings of the course. Nothing here imports Keras: forms and the command line read it."""

from __future__ import annotations

from course_lib.training.autoencoder_preset import AutoencoderPreset
from course_lib.training.conditional_notes_preset import ConditionalNotesPreset
from course_lib.training.conditional_preset import ConditionalPreset
from course_lib.training.conditional_vae_preset import ConditionalVAEPreset
from course_lib.training.contractive_preset import ContractivePreset
from course_lib.training.denoising_lstm_preset import DenoisingLSTMPreset
from course_lib.training.enhancement_preset import EnhancementPreset
from course_lib.training.gan_preset import ConditionalGANPreset, DenseGANPreset, GANPreset
from course_lib.training.inpainting_preset import InpaintingPreset
from course_lib.training.masking_presets import DenoisingPreset
from course_lib.training.preset import Preset
from course_lib.training.vae_notes_preset import VAENotesPreset
from course_lib.training.vae_presets import Conv2DVAEPreset, DenseVAEPreset, MFCCVAEPreset, VAEPreset

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        AutoencoderPreset(),
        DenoisingPreset(),
        InpaintingPreset(),
        EnhancementPreset(),
        ConditionalPreset(),
        ConditionalNotesPreset(),
        ContractivePreset(),
        VAEPreset(),
        VAENotesPreset(),
        ConditionalVAEPreset(),
        GANPreset(),
        ConditionalGANPreset(),
        # The articles' systems, corrected.
        DenoisingLSTMPreset(),
        MFCCVAEPreset(),
        DenseGANPreset(),
        Conv2DVAEPreset(),
        DenseVAEPreset(),
    )
}


def get_preset(name: str) -> Preset:
    """The preset of that name, or an error that lists them."""
    if name not in PRESETS:
        raise ValueError(f"unknown preset {name!r}; expected one of {', '.join(PRESETS)}")
    return PRESETS[name]
