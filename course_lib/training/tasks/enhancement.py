"""The task of repairing sound: strings of words that were damaged as sound."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.audio.degrade import degrade
from course_lib.audio.mixing import join
from course_lib.data.damaged_pairs import DAMAGES, DamagedPairs
from course_lib.data.voice_bank import VoiceBank
from course_lib.training.tasks.pairs import HELD_OUT_SEED, Pairs
from course_lib.training.tasks.restored import Restored
from course_lib.training.tasks.voices import with_other_voices
from course_lib.training.training_data import TrainingClips, choose_previews, load_training_clips

HELD_OUT_EXAMPLES = 64
# What the rungs play: a few words of one voice, damaged less, as in the tables, and more.
SHARES = (("a little", 0.25), ("more", 0.5), ("much", 0.9))
WORDS, GAP_SECONDS, HEARD_SECONDS = 3, 0.08, 2.048
TITLES = {"input": "Damaged", "ceiling": "Clean", "output": "Enhanced"}


class Opponents:
    """Pairs as the two players of a game read them: [whole, damaged], and whole once more as the target."""

    def __init__(self, pairs: DamagedPairs):
        self.pairs = pairs
        self.n_fft = pairs.n_fft
        self.hop_length = pairs.hop_length
        self.shape = pairs.shape

    def __len__(self) -> int:
        return len(self.pairs)

    def batch(self, rows: np.ndarray, rng: np.random.Generator) -> tuple[list[np.ndarray], np.ndarray]:
        """As :meth:`course_lib.data.damaged_pairs.DamagedPairs.batch`."""
        damaged, whole = self.pairs.batch(rows, rng)
        return [whole, damaged], whole


def enhancement(config: dict[str, Any], *, voices: int, seed: int, adversarial: bool, **pairs: Any) -> Pairs:
    """Strings of words with fresh damage in every batch, by the training speakers in many voices.

    Parameters
    ----------
    config : dict
        Of the run.
    voices : int
        As of :class:`course_lib.data.voice_bank.VoiceBank`.
    adversarial : bool
        Whether two players read the pairs.
    pairs
        Further arguments of :class:`course_lib.data.damaged_pairs.DamagedPairs`.
    """
    clips = load_training_clips(config)
    train = VoiceBank(with_other_voices(clips, config), voices=voices, seed=seed)
    sides = [DamagedPairs(bank, **pairs) for bank in (train, VoiceBank(clips.held_out, voices=1))]
    return Pairs(
        *(map(Opponents, sides) if adversarial else sides),
        held_out_examples=HELD_OUT_EXAMPLES,
        n_samples=8192,
        exhibit=_exhibit(clips, pairs["kind"]),
        facts=clips.facts,
    )


def _exhibit(clips: TrainingClips, kind: str) -> Restored:
    """Words of one held-out voice, damaged more and more."""
    speaker = str(clips.previews.speaker[0])
    sr, n_samples = clips.previews.sr, round(HEARD_SECONDS * clips.previews.sr)
    own = choose_previews(clips.held_out.select(clips.held_out.speaker == speaker), count=WORDS)
    whole = join([own.y[i, : own.length[i]] for i in range(len(own))], gap_seconds=GAP_SECONDS, sr=sr)
    whole = np.pad(whole, (0, max(0, n_samples - len(whole))))[:n_samples]
    damage = DAMAGES[kind]
    # Of noise and of a band's edge less is worse.
    low, high = damage.bounds if kind == "clipping" else damage.bounds[::-1]
    damaged, rows = [], []
    for number, (title, share) in enumerate(SHARES):
        rng = np.random.default_rng((HELD_OUT_SEED, number))
        severity = low + share * (high - low)
        damaged.append(degrade(whole, kind=damage.kinds[0], severity=severity, rng=rng, sr=sr))
        rows.append({"name": f"{kind}, {title}", "word": title, "label": -1, "speaker": speaker})
    return Restored(
        np.stack(damaged).astype(np.float32),
        np.stack([whole] * len(rows)),
        lambda model, y, _: model.enhance(y),
        rows,
        TITLES,
        sr=sr,
    )
