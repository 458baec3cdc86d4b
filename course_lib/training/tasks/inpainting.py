"""The task of filling gaps: strings of words without some packets."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.audio.degrade.missing import dropped_frames
from course_lib.audio.mixing import join
from course_lib.data.gap_pairs import GapPairs
from course_lib.data.voice_bank import VoiceBank
from course_lib.training.tasks.pairs import HELD_OUT_SEED, Pairs
from course_lib.training.tasks.restored import Restored
from course_lib.training.tasks.voices import with_other_voices
from course_lib.training.training_data import TrainingClips, choose_previews, load_training_clips

HELD_OUT_EXAMPLES = 64
# What the rungs play: the same words, each time without a fifth of the sound.
HEARD_SECONDS, HEARD_PERCENT = (0.02, 0.04, 0.08), 20.0
WORDS, GAP_SECONDS, STRING_SECONDS = 3, 0.08, 2.048
TITLES = {"input": "With gaps", "ceiling": "Whole", "output": "Filled"}


def inpainting(config: dict[str, Any], *, voices: int, seed: int, **pairs: Any) -> Pairs:
    """Strings of words with other gaps in every batch, by the training speakers in many voices.

    Parameters
    ----------
    config : dict
        Of the run.
    voices : int
        As of :class:`course_lib.data.voice_bank.VoiceBank`.
    pairs
        Further arguments of :class:`course_lib.data.gap_pairs.GapPairs`.
    """
    clips = load_training_clips(config)
    train = VoiceBank(with_other_voices(clips, config), voices=voices, seed=seed)
    return Pairs(
        GapPairs(train, **pairs),
        GapPairs(VoiceBank(clips.held_out, voices=1), **pairs),
        held_out_examples=HELD_OUT_EXAMPLES,
        n_samples=8192,
        exhibit=_exhibit(clips),
        facts=clips.facts,
    )


def _exhibit(clips: TrainingClips) -> Restored:
    """Words of one held-out voice with short, longer and long gaps."""
    speaker = str(clips.previews.speaker[0])
    sr, n_samples = clips.previews.sr, round(STRING_SECONDS * clips.previews.sr)
    own = choose_previews(clips.held_out.select(clips.held_out.speaker == speaker), count=WORDS)
    whole = join([own.y[i, : own.length[i]] for i in range(len(own))], gap_seconds=GAP_SECONDS, sr=sr)
    whole = np.pad(whole, (0, max(0, n_samples - len(whole))))[:n_samples]
    damaged, gaps, rows = [], [], []
    for number, seconds in enumerate(HEARD_SECONDS):
        rng = np.random.default_rng((HELD_OUT_SEED, number))
        y, missing = dropped_frames(whole, percent=HEARD_PERCENT, rng=rng, sr=sr, packet_seconds=seconds)
        title = f"gaps of {1000 * seconds:.0f} ms"
        damaged.append(y)
        gaps.append(missing)
        rows.append({"name": title, "word": title, "label": -1, "speaker": speaker})
    return Restored(
        np.stack(damaged),
        np.stack([whole] * len(rows)),
        lambda model, y, i: model.inpaint(y, gaps[i]),
        rows,
        TITLES,
        sr=sr,
    )
