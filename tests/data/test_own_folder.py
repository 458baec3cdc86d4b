"""A learner's own recordings: every layout, every name, and what is wrong with a file."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import soundfile
from stand_ins import own, tone

from course_lib.audio.files import write
from course_lib.data import catalog, splits
from course_lib.data.catalog import CATALOG, everything, get, load
from course_lib.data.clips import active_rms
from course_lib.data.dataset import DIGITS
from course_lib.data.errors import DatasetError, DatasetMissing
from course_lib.data.own_folder import import_folder, labels_of, own_dir, own_names, remove_own
from course_lib.data.verify import verify


@pytest.fixture
def mine(tmp_path, cache):
    return own(tmp_path)


def flat(folder, count=10, label="", sr=8000):
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(count):
        write(folder / f"{label}take {n}.wav", tone(n, sr), sr=sr)
    return folder


def test_a_subfolder_is_a_class_and_a_second_one_a_speaker(mine):
    done = import_folder(mine, "mine", taken=tuple(CATALOG))
    assert (done.files, done.ignored) == (24, 1)
    clips = load("mine")
    assert clips.y.shape == (24, 8192)
    assert set(clips.speaker) == {"ana", "ben"}
    assert get("mine").labels == DIGITS
    assert set(clips.label) == {1, 2, 3}
    assert {name.rsplit(".", 1)[1] for name in clips.name} == {"wav", "flac", "ogg", "mp3"}
    np.testing.assert_allclose([20 * np.log10(active_rms(y)) for y in clips.y], -22, atol=0.5)
    assert verify(get("mine")) == 24
    assert get("mine").duration == pytest.approx(24 * 0.6, rel=0.1)


def test_the_catalog_shows_it_beside_the_others(mine):
    import_folder(mine, "mine")
    assert own_names() == ["mine"]
    assert [dataset.name for dataset in everything()] == [*CATALOG, "mine"]
    row = get("mine").summary()
    assert (row["clips"], row["speakers"], row["licence"]) == (24, 2, "yours")
    with pytest.raises(
        ValueError, match=r"unknown data set 'yours'; expected one of digits, .*, esc50, mine"
    ):
        get("yours")


def test_a_flat_folder_is_one_class(tmp_path, cache):
    import_folder(flat(tmp_path / "a"), "hums")
    clips = load("hums")
    assert get("hums").labels == ("sound",)
    assert set(clips.label) == {0}
    assert set(clips.speaker) == {"me"}
    assert sorted(clips.take) == list(range(10))


def test_names_like_fsdd_s_say_digit_speaker_and_take(tmp_path, cache):
    for digit in range(10):
        for speaker in ("ana", "ben"):
            write(tmp_path / f"{digit}_{speaker}_7.wav", tone(digit, 8000))
    import_folder(tmp_path, "digits2")
    clips = load("digits2")
    assert sorted(clips.label) == sorted([*range(10)] * 2)
    assert set(clips.speaker) == {"ana", "ben"}
    assert set(clips.take) == {7}
    assert clips.name == sorted(clips.name, key=lambda name: (name.split("_")[1], name))


def test_other_classes_are_sorted(tmp_path, cache):
    for label in ("violin", "Bell", "drum"):
        flat(tmp_path / "b" / label, 5)
    import_folder(tmp_path / "b", "band", style="note")
    assert get("band").labels == ("Bell", "drum", "violin")
    assert get("band").style == "note"
    assert labels_of({"seven", "one"}) == DIGITS
    assert labels_of({"seven", "one", "go"}) == ("go", "one", "seven")


def test_the_split_holds_out_speakers_where_there_are_enough(tmp_path, cache):
    for speaker in "abcdefghij":
        flat(tmp_path / "s" / "yes" / speaker, 3, label=speaker)
    import_folder(tmp_path / "s", "ten")
    train, test = splits.split(load("ten"))
    assert set(test.speaker) == {"e", "j"}
    assert not set(train.speaker) & set(test.speaker)


def test_copies_of_one_recording_are_on_one_side(tmp_path, cache):
    folder = flat(tmp_path / "a", 20)
    for n in range(20):
        shutil.copy(folder / f"take {n}.wav", folder / f"again {n}.wav")
    import_folder(folder, "twice")
    train, test = splits.split(load("twice"))
    hashes = get("twice").hashes()
    assert len(test) == 8
    assert not {hashes[name] for name in train.name} & {hashes[name] for name in test.name}


def test_two_recordings_divide_and_one_does_not(tmp_path, cache):
    import_folder(flat(tmp_path / "two", 2), "two")
    assert [len(part) for part in splits.split(load("two"))] == [1, 1]
    import_folder(flat(tmp_path / "one", 1), "one")
    with pytest.raises(
        ValueError, match="one has 1 clips to train and 0 to test; it takes recordings on both"
    ):
        splits.split(load("one"))


def test_an_import_again_replaces_it(tmp_path, cache):
    import_folder(flat(tmp_path / "a", 3), "mine")
    first = load("mine").sha256
    import_folder(flat(tmp_path / "b", 4, label="b"), "mine")
    assert len(load("mine")) == 4
    assert load("mine").sha256 != first
    assert {path.name for path in own_dir().iterdir()} == {"mine", ".mine.lock"}


def test_the_original_is_not_needed_and_not_touched(mine, cache):
    before = sorted(path.name for path in mine.rglob("*"))
    import_folder(mine, "mine")
    assert remove_own("mine")
    assert not remove_own("mine")
    assert sorted(path.name for path in mine.rglob("*")) == before
    import_folder(mine, "mine")
    shutil.rmtree(mine)
    assert len(load("mine")) == 24


@pytest.mark.parametrize("name", ["", "a/b", "../a", ".hidden", "a" * 65, "folder", "fsdd", "all", "ä b"])
def test_names_that_cannot_be_used(mine, name):
    with pytest.raises(ValueError, match="--name must be letters"):
        import_folder(mine, name, taken=tuple(CATALOG))
    assert own_names() == []


def test_an_unknown_style_lists_the_known(mine):
    with pytest.raises(ValueError, match="--style must be one of word, note, noise; received 'song'"):
        import_folder(mine, "mine", style="song")


def test_every_file_that_cannot_be_used_is_named(mine):
    (mine / "one" / "ana" / "junk.wav").write_bytes(b"junk" * 99)
    (mine / "one" / "ana" / "empty.wav").write_bytes(b"")
    write(mine / "one" / "ana" / "silent.wav", np.zeros(8000, np.float32))
    write(mine / "one" / "ana" / "long.wav", np.zeros(61 * 8000, np.float32) + tone(0, 8000, 61.0))
    whole = (mine / "one" / "ana" / "take0.wav").read_bytes()
    (mine / "one" / "ana" / "cut.wav").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatasetError, match="5 of 29 recordings cannot be used; nothing was kept") as caught:
        import_folder(mine, "mine")
    text = str(caught.value)
    for said in (
        "junk.wav is not a sound file",
        "empty.wav is empty",
        "silent.wav is silent",
        "long.wav lasts 61.0 s; expected at most 60 s",
        "cut.wav is truncated",
    ):
        assert said in text
    assert own_names() == []


def test_a_folder_without_sound_and_no_folder(tmp_path, cache):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("a")
    with pytest.raises(DatasetError, match=r"texts holds no sound file \(.wav, .flac"):
        import_folder(tmp_path / "texts", "mine")
    with pytest.raises(FileNotFoundError, match=r"no folder at .*nowhere"):
        import_folder(tmp_path / "nowhere", "mine")
    with pytest.raises(FileNotFoundError, match="no folder at"):
        import_folder(tmp_path / "texts" / "a.txt", "mine")


def test_links_and_hidden_files_are_not_followed(tmp_path, cache):
    folder = flat(tmp_path / "a", 3)
    soundfile.write(tmp_path / "elsewhere.wav", tone(9, 8000), 8000)
    (folder / "link.wav").symlink_to(tmp_path / "elsewhere.wav")
    (folder / ".trash").mkdir()
    write(folder / ".trash" / "old.wav", tone(8, 8000))
    assert import_folder(folder, "mine").files == 3


def test_a_changed_copy_is_noticed(mine, cache):
    import_folder(mine, "mine")
    path = next((own_dir() / "mine").rglob("*.flac"))
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(
        DatasetError, match=r"mine: 1 file changed .*course data import folder PATH --name mine"
    ):
        load("mine")


def test_what_was_removed_is_unknown(mine, cache):
    import_folder(mine, "mine")
    dataset = get("mine")
    remove_own("mine")
    with pytest.raises(ValueError, match="unknown data set 'mine'"):
        load("mine")
    with pytest.raises(DatasetMissing, match="course data import folder PATH --name mine"):
        dataset.require()


def test_sound_that_the_rate_cannot_hold_keeps_its_place(tmp_path, cache):
    t = np.arange(44_100) / 44_100
    folder = flat(tmp_path / "a", 3)
    soundfile.write(
        folder / "bat.wav", 0.1 * np.hanning(len(t)) * np.sin(2 * np.pi * 18_000 * t), 44_100, "DOUBLE"
    )
    import_folder(folder, "bats")
    with pytest.warns(UserWarning, match=r"bats: bat.wav is silent at 8000 Hz"):
        clips = load("bats")
    row = clips.name.index("bat.wav")
    assert not clips.y[row].any()
    assert len(clips) == len(catalog.get("bats").hashes()) == 4
