"""The published data sets, each by a tiny stand-in in its own layout: import, load, splits."""

from __future__ import annotations

import tarfile

import numpy as np
import pytest
from stand_ins import RELEASES, SPEAKERS, zipped

from course_lib.data import catalog, splits
from course_lib.data.catalog import CATALOG, load
from course_lib.data.clips import ONSET_SECONDS, active_rms
from course_lib.data.esc50 import CLASSES
from course_lib.data.note_clips import NoteClips
from course_lib.data.verify import verify

NAMES = sorted(RELEASES)


@pytest.mark.parametrize("name", NAMES)
def test_a_release_is_imported_and_loaded(keep, name, cache):
    seen = []
    done = keep(name, on_progress=lambda *now: seen.append(now))
    count = RELEASES[name][1]
    assert (done.files, done.already, done.left_out) == (count, False, {})
    assert seen[-1] == (count, count)
    dataset = CATALOG[name]
    assert dataset.installed
    assert dataset.clips == count == verify(dataset) == verify(dataset, thorough=False)
    clips = load(name)
    assert clips.y.shape == (count, 8192)
    assert clips.y.dtype == np.float32
    assert np.isfinite(clips.y).all()
    assert np.abs(clips.y).max() <= 1
    assert clips.dataset == name
    assert set(clips.speaker) == set(dataset.speaker_names)
    for file, label in zip(clips.name, clips.label, strict=True):
        assert dataset.labels[label] == next(r.label for r in dataset.recordings if r.file == file)
    again = load(name)
    np.testing.assert_array_equal(again.y, clips.y)
    assert again.sha256 == clips.sha256


@pytest.mark.parametrize("name", ["audiomnist", "speech_commands", "sc09"])
def test_words_are_levelled_and_aligned(keep, name):
    keep(name)
    clips = load(name)
    levels = [20 * np.log10(active_rms(y)) for y in clips.y]
    np.testing.assert_allclose(levels, -22, atol=0.5)
    onset = (np.abs(clips.y) > 0.02).argmax(axis=1)
    assert np.abs(onset - ONSET_SECONDS * 8000).max() < 200


def test_audiomnist_by_the_authors_first_fold(keep):
    keep("audiomnist")
    clips = load("audiomnist")
    assert sorted(set(clips.label)) == list(range(10))
    for file, label, speaker, take in zip(clips.name, clips.label, clips.speaker, clips.take, strict=True):
        assert file == f"{speaker}/{label}_{speaker}_{take}.wav"
    parts = splits.published(clips)
    assert {name: set(clips.speaker[rows]) for name, rows in parts.items()} == {
        "train": {"01"},
        "validation": {"04"},
        "test": {"05"},
    }
    assert (catalog.audiomnist.folder() / "audioMNIST_meta.txt").is_file()


def test_the_audiomnist_fold_is_whole():
    from course_lib.data.audiomnist import TEST_SPEAKERS, VALIDATION_SPEAKERS

    assert len(TEST_SPEAKERS) == len(VALIDATION_SPEAKERS) == 12
    assert not TEST_SPEAKERS & VALIDATION_SPEAKERS
    assert set(range(1, 61)) >= TEST_SPEAKERS | VALIDATION_SPEAKERS


def test_speech_commands_by_their_lists(keep):
    keep("speech_commands")
    clips = load("speech_commands")
    parts = splits.published(clips)
    assert set(clips.speaker[parts["validation"]]) == {SPEAKERS[2]}
    assert set(clips.speaker[parts["test"]]) == {SPEAKERS[3]}
    train, test = splits.split(clips)
    assert (len(train), len(test)) == (20, 10)
    assert not set(train.speaker) & set(test.speaker)
    assert not set(test.name) & {clips.name[row] for row in parts["validation"]}
    assert all("_background_noise_" not in name for name in clips.name)


def test_sc09_is_the_digits_of_the_same_archive(keep):
    keep("sc09")
    clips = load("sc09")
    assert set(clips.label) == {0, 7, 9}
    assert {name.split("/")[0] for name in clips.name} == {"zero", "seven", "nine"}
    assert CATALOG["sc09"].release.url == CATALOG["speech_commands"].release.url


def test_nsynth_is_notes_at_their_own_level(keep):
    keep("nsynth")
    clips = load("nsynth")
    assert isinstance(clips, NoteClips)
    assert set(clips.pitch) == {36, 48, 60}
    assert set(clips.velocity) == {25, 127}
    peaks = {v: np.abs(clips.y[clips.velocity == v]).max(axis=1).mean() for v in (25, 127)}
    assert peaks[127] / peaks[25] == pytest.approx(127 / 25, rel=0.02)
    onset = (np.abs(clips.y) > 0.1 * np.abs(clips.y).max(axis=1, keepdims=True)).argmax(axis=1)
    assert np.abs(onset - ONSET_SECONDS * 8000).max() < 60
    train, test = splits.split(clips)
    assert set(test.speaker) == {"bass_synthetic_004"}
    assert not set(train.speaker) & set(test.speaker)
    np.testing.assert_array_equal(test.held_out, True)


def test_esc50_is_the_loudest_second_of_each(keep):
    keep("esc50")
    clips = load("esc50")
    assert {CLASSES[label] for label in clips.label} == {"dog", "rain"}
    np.testing.assert_array_equal(clips.length, 8192)
    np.testing.assert_allclose([20 * np.log10(active_rms(y)) for y in clips.y], -22, atol=0.1)
    # The second half is 20 dB louder than the first: a stretch that took some of the first would rise.
    halves = np.sqrt((clips.y.reshape(len(clips), 2, -1) ** 2).mean(axis=2))
    assert np.abs(20 * np.log10(halves[:, 0] / halves[:, 1])).max() < 1
    train, test = splits.split(clips)
    assert {name.split("/")[1][0] for name in test.name} == {"5"}
    assert {name.split("/")[1][0] for name in train.name} == {"1", "2", "3"}
    assert not set(train.speaker) & set(test.speaker)
    assert (catalog.esc50.folder() / "LICENSE").read_text() == "who recorded what"


@pytest.mark.parametrize("name", NAMES)
def test_no_part_shares_a_speaker_or_a_recording(keep, name):
    keep(name)
    parts = splits.published(load(name))
    recordings = {r.file: r for r in CATALOG[name].recordings}
    names = load(name).name
    seen = [{recordings[names[row]].speaker for row in rows} for rows in parts.values()]
    contents = [{recordings[names[row]].sha256 for row in rows} for rows in parts.values()]
    for first in range(3):
        for second in range(first):
            assert not seen[first] & seen[second]
            assert not contents[first] & contents[second]
    assert sorted(np.concatenate(list(parts.values()))) == list(range(len(names)))


@pytest.mark.parametrize("name", ["audiomnist", "esc50"])
def test_a_zip_gives_the_same(keep, releases, name, tmp_path):
    keep(name)
    digests = [r.sha256 for r in CATALOG[name].recordings]
    from course_lib.data.keep import remove_folder

    remove_folder(CATALOG[name].folder())
    keep(name, zipped(releases[name], tmp_path / "a.zip"))
    assert [r.sha256 for r in CATALOG[name].recordings] == digests


@pytest.mark.parametrize("name", ["speech_commands", "nsynth"])
def test_a_tar_gives_the_same_at_any_depth(keep, releases, name, tmp_path):
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        # Speech Commands' own archive has its folders at the top, with "./" before them.
        tar.add(releases[name], "." if name == "speech_commands" else "nsynth-test")
    assert keep(name, tmp_path / "a.tar.gz").files == RELEASES[name][1]


def test_one_whole_recording(keep):
    keep("esc50")
    file = CATALOG["esc50"].recordings[0].file
    y = catalog.recording("esc50", file)
    assert len(y) == 16_000
    assert 20 * np.log10(np.sqrt((y[8000:] ** 2).mean()) / np.sqrt((y[:8000] ** 2).mean())) > 15
    with pytest.raises(ValueError, match="esc50 has no recording"):
        catalog.recording("esc50", "nothing.wav")


@pytest.mark.parametrize("name", NAMES)
def test_entries_say_what_they_cost_and_ask(name):
    row = CATALOG[name].summary()
    assert row["clips"] >= 2000
    assert row["disk_bytes"] > 5e8
    assert row["memory_bytes"] == row["clips"] * 32_768
    assert row["licence"] in ("MIT", "CC BY 4.0", "CC BY-NC 3.0")
    assert bool(row["forbids"]) == (name == "esc50")
    assert row["licence_url"].startswith("https://")
    assert len(row["citation"]) > 60
    assert "import" in row["hashes_from"]
    assert CATALOG[name].card.is_file()
    assert CATALOG[name].release.url.startswith("https://")


def test_hashes_that_are_known_are_used():
    for name in ("speech_commands", "sc09", "nsynth"):
        release = CATALOG[name].release
        assert len(release.sha256) == 64
        assert release.size > 3e8
    for name in ("audiomnist", "esc50"):
        assert CATALOG[name].release.sha256 == ""


def test_facts_of_the_labels():
    assert len(CATALOG["speech_commands"].labels) == 35
    assert len(set(CLASSES)) == 50
    assert (CLASSES[0], CLASSES[10], CLASSES[20], CLASSES[30], CLASSES[40], CLASSES[49]) == (
        "dog",
        "rain",
        "crying_baby",
        "door_wood_knock",
        "helicopter",
        "hand_saw",
    )
    assert len(CATALOG["nsynth"].labels) == 11
    assert CATALOG["sc09"].labels[7] == "seven"
