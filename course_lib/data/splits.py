"""Which clips train and which test."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_lib.data.clips import Clips


def speaker_held_out(clips: Clips, speakers: Sequence[str]) -> tuple[Clips, Clips]:
    """Train on everybody but ``speakers``, test on them: the only split that asks about new voices.

    Raises
    ------
    ValueError
        An unknown speaker, none, or all of them.
    """
    if isinstance(speakers, str):
        speakers = [speakers]
    known = sorted(set(clips.speaker.tolist()))
    unknown = sorted(set(speakers) - set(known))
    if unknown or not speakers:
        what = f"unknown speaker {', '.join(unknown)}" if unknown else "no speaker to hold out"
        raise ValueError(f"{what}; {clips.dataset} has {', '.join(known)}")
    test = np.isin(clips.speaker, list(speakers))
    if test.all():
        raise ValueError(f"holding out all {len(known)} speakers leaves none to train on; hold out fewer")
    return clips.select(~test), clips.select(test)


def bundled(clips: Clips) -> tuple[Clips, Clips]:
    """The bundled digits by the voices that their manifest names: no voice is on both sides."""
    from course_lib.data.spoken_digits import test_voices

    return speaker_held_out(clips, test_voices())


def official_fsdd(clips: Clips) -> tuple[Clips, Clips]:
    """FSDD's own split: takes 0 to 4 test. Every speaker is on both sides, so it flatters a model."""
    test = clips.take <= 4
    if test.all() or not test.any():
        raise ValueError(
            f"expected takes 0 to 4 and later ones; received takes {sorted(set(clips.take.tolist()))}"
        )
    return clips.select(~test), clips.select(test)


def split(clips: Clips, holdout: Sequence[str] | None = None) -> tuple[Clips, Clips]:
    """(train, test): by ``holdout`` speakers when given, else by the data set's own split."""
    if holdout:
        return speaker_held_out(clips, holdout)
    from course_lib.data import notes

    own = {"digits": bundled, "fsdd": official_fsdd, "notes": notes.split}
    if clips.dataset not in own:
        raise ValueError(f"{clips.dataset!r} has no split of its own; name speakers to hold out")
    return own[clips.dataset](clips)
