"""The task of lab 02: a voice out of noise."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.audio.degrade import degrade
from course_lib.audio.mixing import join
from course_lib.data.clips import Clips
from course_lib.data.noisy_pairs import NoisyPairs
from course_lib.data.noisy_strings import talkers
from course_lib.data.voice_bank import VoiceBank
from course_lib.training.tasks.pairs import HELD_OUT_SEED, Pairs
from course_lib.training.tasks.restored import Restored
from course_lib.training.tasks.voices import other_voices, with_other_voices
from course_lib.training.training_data import TrainingClips, choose_previews, load_training_clips

HELD_OUT_EXAMPLES = 48
# What the rungs play: a few words of one voice, once in each noise.
HEARD = (("white noise", "gaussian"), ("six voices", "babble"), ("pink noise", "pink"))
WORDS, GAP_SECONDS, HEARD_SECONDS, HEARD_SNR_DB = 3, 0.08, 2.048, 3.0
TITLES = {"input": "Noisy", "ceiling": "Clean", "output": "Denoised"}


def denoising(config: dict[str, Any], *, voices: int, seed: int, drift: float = 1.0, **pairs: Any) -> Pairs:
    """Strings of words under noise that is fresh in every batch, by the training speakers in many voices.

    Parameters
    ----------
    config : dict
        Of the run.
    voices, drift
        As of :class:`course_lib.data.voice_bank.VoiceBank`.
    pairs
        Further arguments of :class:`course_lib.data.noisy_pairs.NoisyPairs`.
    """
    clips = load_training_clips(config)
    train = VoiceBank(with_other_voices(clips, config), voices=voices, drift=drift, seed=seed)
    # One held-out speaker has nobody to babble: those of the other set's test voices do.
    held_out = VoiceBank([clips.held_out, *other_voices(config, held_out=True)], voices=1)
    options = pairs | {"babble": min(pairs.get("babble", 0.5), float(len(train.names) > 1))}
    return Pairs(
        NoisyPairs(train, **options),
        NoisyPairs(held_out, **pairs),
        held_out_examples=HELD_OUT_EXAMPLES,
        n_samples=8192,
        exhibit=_exhibit(clips, other_voices(config, held_out=True)),
        facts=clips.facts,
    )


def _exhibit(clips: TrainingClips, others: list[Clips]) -> Restored:
    """Words of one held-out voice in three noises."""
    speaker = str(clips.previews.speaker[0])
    sr, n_samples = clips.previews.sr, round(HEARD_SECONDS * clips.previews.sr)
    own = choose_previews(clips.held_out.select(clips.held_out.speaker == speaker), count=WORDS)
    clean = join([own.y[i, : own.length[i]] for i in range(len(own))], gap_seconds=GAP_SECONDS, sr=sr)
    clean = np.pad(clean, (0, max(0, n_samples - len(clean))))[:n_samples]
    babblers = others[0] if others else clips.held_out
    noisy, rows = [], []
    for number, (title, kind) in enumerate(HEARD):
        rng = np.random.default_rng((HELD_OUT_SEED, number))
        more = {"voices": talkers(babblers, without=speaker, rng=rng)} if kind == "babble" else {}
        noisy.append(degrade(clean, kind=kind, severity=HEARD_SNR_DB, rng=rng, sr=sr, **more))
        rows.append({"name": kind, "word": title, "label": -1, "speaker": speaker})
    return Restored(
        np.stack(noisy).astype(np.float32),
        np.stack([clean] * len(HEARD)),
        lambda model, y, _: model.denoise(y),
        rows,
        TITLES,
        sr=sr,
    )
