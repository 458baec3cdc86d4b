"""Which clips train and which test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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


def takes_held_out(clips: Clips) -> tuple[Clips, Clips]:
    """Everybody on both sides: the first tenth of each speaker's takes, one at least, tests.

    For models that are asked for a speaker, whom they must have heard. Of FSDD it is the official split.

    Raises
    ------
    ValueError
        A speaker of one take.
    """
    test = np.zeros(len(clips), bool)
    for speaker in sorted(set(clips.speaker.tolist())):
        own = clips.speaker == speaker
        takes = np.unique(clips.take[own])
        if len(takes) < 2:
            raise ValueError(
                f"{speaker} has one take in {clips.dataset}; one to learn and one to test it takes"
            )
        test |= own & np.isin(clips.take, takes[: max(1, len(takes) // 10)])
    return clips.select(~test), clips.select(test)


def leave_one_speaker_out(clips: Clips) -> Iterator[tuple[str, Clips, Clips]]:
    """(speaker, train, test) for each speaker in turn, by name: the test is all that this one says.

    Raises
    ------
    ValueError
        Only one speaker: nobody is left to train on.
    """
    for speaker in sorted(set(clips.speaker.tolist())):
        yield speaker, *speaker_held_out(clips, [speaker])


def published(clips: Clips) -> dict[str, np.ndarray]:
    """Indices of the clips of each part, by the publishers' own lists: ``train``, ``validation``, ``test``.

    Indices, not clips: of a set that is mapped into memory, a part is read only where it is needed.

    Raises
    ------
    ValueError
        A data set without such a list.
    """
    from course_lib.data import catalog
    from course_lib.data.index import SPLITS
    from course_lib.data.published_dataset import PublishedDataset

    dataset = catalog.get(clips.dataset)
    if not isinstance(dataset, PublishedDataset):
        raise ValueError(f"{clips.dataset!r} has no published parts; use split")
    part = {recording.file: recording.split for recording in dataset.recordings}
    parts = np.array([part[name] for name in clips.name])
    return {name: np.flatnonzero(parts == name) for name in SPLITS}


def split(clips: Clips, holdout: Sequence[str] | None = None) -> tuple[Clips, Clips]:
    """(train, test): by ``holdout`` speakers when given, else by the data set's own split.

    Where the publishers keep clips for validation, those are in neither: a result on the test part then is
    comparable with theirs (:func:`published` gives all three).
    """
    if holdout:
        return speaker_held_out(clips, holdout)
    from course_lib.data import catalog, notes
    from course_lib.data.published_dataset import PublishedDataset

    own = {"digits": bundled, "fsdd": official_fsdd, "notes": notes.split}
    if clips.dataset in own:
        return own[clips.dataset](clips)
    try:
        listed = isinstance(catalog.get(clips.dataset), PublishedDataset)
    except ValueError:
        listed = False
    if not listed:
        raise ValueError(f"{clips.dataset!r} has no split of its own; name speakers to hold out")
    parts = published(clips)
    if not (len(parts["train"]) and len(parts["test"])):
        raise ValueError(
            f"{clips.dataset} has {len(parts['train'])} clips to train and {len(parts['test'])} to test; it "
            "takes recordings on both sides"
        )
    return clips.select(parts["train"]), clips.select(parts["test"])
