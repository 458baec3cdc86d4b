"""The task of lab 03: out of two voices, the one that says what was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from course_lib.audio.mixing import mix
from course_lib.data.clips import Clips
from course_lib.data.mixture_pairs import MixturePairs
from course_lib.data.splits import takes_held_out
from course_lib.data.voice_bank import VoiceBank
from course_lib.training.tasks.pairs import Pairs
from course_lib.training.tasks.restored import Restored
from course_lib.training.tasks.voices import other_voices, with_other_voices
from course_lib.training.training_data import TrainingClips, load_training_clips

HELD_OUT_EXAMPLES = 64
KEPT_SPEED, KEPT_FORMANTS = 1.08, 1.04
TITLES = {"input": "Two voices", "ceiling": "Wanted", "output": "Separated"}


def separation(
    config: dict[str, Any],
    *,
    voices: int,
    seed: int,
    condition: str = "digit",
    drift: float = 1.0,
    **pairs: Any,
) -> Pairs:
    """Mixtures of two speakers and two digits, other ones in every batch.

    Parameters
    ----------
    config : dict
        Of the run.
    condition : {"digit", "speaker"}
        What asks for a voice. By speaker it must be one that was heard: takes are held out, and nobody.
    voices, drift
        As of :class:`course_lib.data.voice_bank.VoiceBank`; who is asked for by speaker does not drift.
    pairs
        Further arguments of :class:`course_lib.data.mixture_pairs.MixturePairs`.

    Raises
    ------
    ValueError
        Speakers held out who could then not be asked for; one speaker alone held out, and nobody to mix with.
    """
    if condition == "speaker":
        return _by_speaker(config, voices=voices, seed=seed, **pairs)
    clips = load_training_clips(config)
    train = VoiceBank(with_other_voices(clips, config), voices=voices, drift=drift, seed=seed)
    # A mixture takes two speakers, and one alone may be held out.
    others = other_voices(config, held_out=True)
    held_out = VoiceBank([clips.held_out, *others], voices=1)
    return Pairs(
        MixturePairs(train, classes=len(clips.classes), **pairs),
        MixturePairs(held_out, classes=len(clips.classes), **pairs),
        held_out_examples=HELD_OUT_EXAMPLES,
        n_samples=8192,
        exhibit=_exhibit(clips, others, clips.previews.label),
        facts=clips.facts,
    )


def _by_speaker(config: dict[str, Any], *, voices: int, seed: int, **pairs: Any) -> Pairs:
    if config["dataset"].get("holdout"):
        held_out = ", ".join(config["dataset"]["holdout"])
        raise ValueError(
            f"a speaker can be asked for only if the training hears them; received {held_out} held out: "
            "leave --holdout out, or ask by digit (condition=digit)"
        )
    clips = load_training_clips(config, divide=takes_held_out)
    names = sorted(set(clips.every.speaker.tolist()))
    clips = replace(clips, classes=tuple(names), facts=clips.facts | {"classes": names})
    sides = []
    # Wide changes of speed and formants would make somebody else of a speaker.
    for side, versions in ((clips.train, voices), (clips.held_out, 1)):
        bank = VoiceBank(side, voices=versions, speed=KEPT_SPEED, formants=KEPT_FORMANTS, seed=seed)
        sides.append(MixturePairs(bank, classes=len(names), asked=_numbers(side, names), **pairs))
    return Pairs(
        *sides,
        held_out_examples=HELD_OUT_EXAMPLES,
        n_samples=8192,
        exhibit=_exhibit(clips, [], _numbers(clips.previews, names)),
        facts=clips.facts,
    )


def _numbers(clips: Clips, names: list[str]) -> np.ndarray:
    """Number of each clip's speaker, shape (clips,)."""
    return np.searchsorted(np.array(names), clips.speaker.astype(str))


def _exhibit(clips: TrainingClips, others: list[Clips], asked: np.ndarray) -> Restored:
    """Each preview clip over a word of somebody else, and the class that asks for it."""
    heard = clips.previews
    rows, mixtures, wanted = [], [], []
    for i in range(len(heard)):
        other = _somebody_else([clips.held_out, *others], str(heard.speaker[i]), int(heard.label[i]))
        mixture, sources = mix(heard.y[i], other, snr_db=0.0, sr=heard.sr)
        name = clips.classes[int(asked[i])]
        rows.append(
            {
                "name": heard.name[i],
                "word": f"asked for {name}",
                "label": int(asked[i]),
                "speaker": str(heard.speaker[i]),
            }
        )
        mixtures.append(mixture)
        wanted.append(sources[0])
    return Restored(
        np.stack(mixtures),
        np.stack(wanted),
        lambda model, y, i: model.separate(y, rows[i]["label"]),
        rows,
        TITLES,
        sr=heard.sr,
    )


def _somebody_else(sets: list[Clips], speaker: str, label: int) -> np.ndarray:
    """The first clip of another speaker and another digit, shape (samples,)."""
    for clips in sets:
        fits = np.flatnonzero((clips.speaker != speaker) & (clips.label != label))
        if len(fits):
            return clips.y[int(fits[len(fits) // 2])]
    raise ValueError(f"nobody but {speaker} is held out: hold out two speakers to separate their voices")
