"""The task of separating a voice and music."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.audio.mixing import mix
from course_lib.data.clips import Clips
from course_lib.data.mixtures import Mixtures
from course_lib.data.music import Music
from course_lib.data.voice_and_music import KINDS, VoiceAndMusic
from course_lib.data.voice_bank import VoiceBank
from course_lib.training.tasks.pairs import HELD_OUT_SEED, Pairs
from course_lib.training.tasks.restored import Restored
from course_lib.training.tasks.voices import with_other_voices
from course_lib.training.training_data import TrainingClips, load_training_clips

HELD_OUT_EXAMPLES = 64
TITLES = {"input": "Voice and music", "ceiling": "Wanted", "output": "Separated"}
# The rungs play the same mixtures asked for one, the other, the one.
HEARD = (0, 1, 0)


def voice_out_of_music(config: dict[str, Any], *, voices: int, seed: int, **pairs: Any) -> Pairs:
    """Words of the run's data set over music of the data set ``notes``; new music in every batch.

    Parameters
    ----------
    config : dict
        Of the run.
    voices : int
        As of :class:`course_lib.data.voice_bank.VoiceBank`.
    pairs
        Further arguments of :class:`course_lib.data.voice_and_music.VoiceAndMusic`.
    """
    clips = load_training_clips(config)
    bank = VoiceBank(with_other_voices(clips, config), voices=voices, seed=seed)
    heard, unheard = musics(sr=clips.every.sr)
    return Pairs(
        VoiceAndMusic(bank, heard, **pairs),
        VoiceAndMusic(VoiceBank(clips.held_out, voices=1), unheard, **pairs),
        held_out_examples=HELD_OUT_EXAMPLES,
        n_samples=8192,
        exhibit=_exhibit(clips, unheard),
        facts=clips.facts | {"classes": list(KINDS)},
    )


def musics(*, sr: int) -> tuple[Music, Music]:
    """Of the notes that train and of those that are held out: pitches and loudnesses that never met."""
    from course_lib.data import notes

    train, test = notes.split(notes.load(sr=sr))
    return Music(train), Music(test)


def mixtures_with_music(words: Clips, music: Music, *, asked: int, seed: int) -> Mixtures:
    """Each of ``words`` over a piece of its own at 0 dB; the target is what ``asked`` asks for."""
    rng = np.random.default_rng(seed)
    made = []
    for y in words.y:
        both = [y, music.play(len(y), rng=rng)]
        made.append(mix(both[asked], both[1 - asked], snr_db=0.0, sr=words.sr))
    mixture, sources = (np.stack(parts) for parts in zip(*made, strict=True))
    order = [asked, 1 - asked]
    who = np.stack([words.speaker.astype(str), np.full(len(words), "music")], axis=1)
    name = np.stack([np.array(words.name), np.full(len(words), "music")], axis=1)
    return Mixtures(
        mixture=mixture,
        sources=sources,
        label=np.tile(np.array(order, np.int64), (len(words), 1)),
        speaker=who[:, order],
        name=name[:, order],
        snr_db=np.zeros(len(words)),
        offset=np.zeros((len(words), 2), np.int64),
        sr=words.sr,
        dataset=words.dataset,
        sha256=words.sha256,
    )


def _exhibit(clips: TrainingClips, music: Music) -> Restored:
    """The preview clips over music, and what asks for one part of each."""
    heard, rows, mixtures, wanted = clips.previews, [], [], []
    for i in range(len(heard)):
        asked = HEARD[i % len(HEARD)]
        made = mixtures_with_music(heard.select([i]), music, asked=asked, seed=HELD_OUT_SEED + i)
        mixtures.append(made.mixture[0])
        wanted.append(made.sources[0, 0])
        row = {"name": heard.name[i], "word": f"asked for {KINDS[asked]}", "label": asked}
        rows.append(row | {"speaker": str(heard.speaker[i])})
    return Restored(
        np.stack(mixtures),
        np.stack(wanted),
        lambda model, y, i: model.separate(y, rows[i]["label"]),
        rows,
        TITLES,
        sr=heard.sr,
    )
