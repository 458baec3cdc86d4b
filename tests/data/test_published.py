"""The published data sets, each by a tiny stand-in in its own layout: import, load, splits, damage."""

from __future__ import annotations

import multiprocessing
import tarfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from stand_ins import RELEASES, SPEAKERS, zipped

from course_lib.data import catalog, prepared_map, splits
from course_lib.data.catalog import CATALOG, load
from course_lib.data.clips import ONSET_SECONDS, active_rms
from course_lib.data.errors import DatasetError, DatasetMissing
from course_lib.data.esc50 import CLASSES
from course_lib.data.importing import import_published
from course_lib.data.index import NAME, read_index
from course_lib.data.note_clips import NoteClips
from course_lib.data.verify import verify

NAMES = sorted(RELEASES)


@pytest.fixture(scope="module")
def releases(tmp_path_factory) -> dict[str, Path]:
    """A folder of each release. Read only."""
    made = {}
    for name, (make, _) in RELEASES.items():
        made[name] = make(tmp_path_factory.mktemp(name))
    return made


@pytest.fixture
def keep(releases):
    """Import a stand-in as if it were the whole release."""

    def run(name, source=None, **more):
        more = {"expected": RELEASES[name][1]} | more
        return import_published(CATALOG[name], releases[name] if source is None else source, **more)

    return run


@pytest.fixture
def copy(releases, tmp_path):
    """A copy of a release that a test may damage."""

    def run(name) -> Path:
        import shutil

        return Path(shutil.copytree(releases[name], tmp_path / "copy" / releases[name].name))

    return run


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


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_here_says_how_to_get_it(name, cache):
    with pytest.raises(DatasetMissing, match=rf"run 'course data fetch {name}'"):
        load(name)
    assert CATALOG[name].clips == CATALOG[name].published_clips


@pytest.mark.parametrize("name", NAMES)
def test_a_part_of_a_release_is_refused(releases, name, cache):
    count = RELEASES[name][1]
    published = f"{CATALOG[name].published_clips:,}"
    with pytest.raises(
        DatasetError, match=f"holds {count} of the {published} recordings of .*nothing was kept"
    ):
        import_published(CATALOG[name], releases[name])
    assert not CATALOG[name].folder().exists()
    assert [path.name for path in cache.iterdir()] == [f".{name}.lock"]


def test_another_release_is_refused(releases, cache):
    with pytest.raises(DatasetError, match="holds nothing of ESC-50; run 'course data fetch esc50'"):
        import_published(CATALOG["esc50"], releases["nsynth"])


def test_a_recording_cut_short_is_named_and_nothing_kept(keep, copy, cache):
    release = copy("audiomnist")
    path = release / "data" / "01" / "3_01_1.wav"
    path.write_bytes(path.read_bytes()[:-1000])
    (release / "data" / "01" / "4_01_1.wav").write_bytes(b"junk" * 500)
    with pytest.raises(
        DatasetError, match=r"2 damaged recordings, such as 01/3_01_1.wav \(cut short: its header"
    ):
        keep("audiomnist", release)
    assert not CATALOG["audiomnist"].installed


def test_a_silent_recording_is_left_out_and_named(keep, copy):
    release = copy("speech_commands")
    path = release / "yes" / f"{SPEAKERS[0]}_nohash_0.wav"
    soundfile.write(path, np.zeros(16_000), 16_000)
    done = keep("speech_commands", release)
    assert done.left_out == {f"yes/{SPEAKERS[0]}_nohash_0.wav": "silent"}
    assert done.files == 39
    assert len(load("speech_commands")) == 39


@pytest.mark.parametrize(
    ("name", "list_", "message"),
    [
        ("speech_commands", "testing_list.txt", "testing_list.txt is missing: it says which recordings"),
        ("esc50", "meta/esc50.csv", "meta/esc50.csv is missing: it names the classes"),
    ],
)
def test_lists_that_are_missing_are_asked_for(keep, copy, name, list_, message):
    release = copy(name)
    (release / list_).unlink()
    with pytest.raises(DatasetError, match=message):
        keep(name, release)


def test_lists_that_do_not_fit_are_refused(keep, copy):
    release = copy("esc50")
    table = release / "meta" / "esc50.csv"
    table.write_text(table.read_text().replace("dog", "cat"))
    with pytest.raises(DatasetError, match=r"1-1-A-0.wav is listed as cat in esc50.csv"):
        keep("esc50", release)


@pytest.mark.parametrize(
    ("text", "message"), [("{", "is damaged"), ('{"bass_synthetic_099-001-001": 1}', "lists 1 notes")]
)
def test_nsynth_s_table_is_compared(keep, copy, text, message):
    release = copy("nsynth")
    (release / "examples.json").write_text(text)
    with pytest.raises(DatasetError, match=message):
        keep("nsynth", release)


def test_the_same_recording_twice_is_refused(keep, copy):
    import shutil

    release = copy("nsynth")
    shutil.copytree(release / "audio", release / "again" / "audio")
    with pytest.raises(DatasetError, match="twice; give one release"):
        keep("nsynth", release)


def test_other_sounds_are_counted(keep):
    assert keep("audiomnist").ignored == 1  # recording_scripts/beep.wav


def test_what_is_here_is_not_imported_again(keep, tmp_path):
    keep("nsynth")
    done = keep("nsynth", tmp_path / "nowhere")
    assert (done.already, done.files) == (True, 48)


def _import_elsewhere(name, source, expected):
    import_published(CATALOG[name], source, expected=expected)


def test_two_processes_may_import_at_once(releases, cache):
    context = multiprocessing.get_context("spawn")
    arguments = ("nsynth", releases["nsynth"], 48)
    processes = [context.Process(target=_import_elsewhere, args=arguments) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert verify(CATALOG["nsynth"]) == 48
    assert {path.name for path in cache.iterdir()} == {"nsynth", ".nsynth.lock"}


def test_a_changed_recording_is_noticed(keep):
    keep("nsynth")
    load("nsynth")
    path = CATALOG["nsynth"].folder() / CATALOG["nsynth"].recordings[0].file
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert verify(CATALOG["nsynth"], thorough=False) == 48
    with pytest.raises(
        DatasetError, match=r"nsynth: 1 file changed \(SHA-256 differs\): audio/bass_synthetic_000"
    ):
        verify(CATALOG["nsynth"])
    path.write_bytes(bytes(data) + b"\0")
    with pytest.raises(DatasetError, match="1 file changed"):
        load("nsynth")
    path.unlink()
    with pytest.raises(DatasetError, match="1 file missing"):
        load("nsynth")


@pytest.mark.parametrize("damage", ["cut", "header", "junk"])
def test_a_damaged_list_says_what_to_do(keep, damage):
    keep("nsynth")
    path = CATALOG["nsynth"].folder() / NAME
    text = path.read_text()
    path.write_text({"cut": text[:-30], "header": text.replace("label", "lable"), "junk": "\0\1"}[damage])
    with pytest.raises(DatasetError, match=r"is damaged .*course data remove nsynth"):
        read_index(CATALOG["nsynth"].folder())


def test_a_large_set_is_mapped_not_loaded(keep, monkeypatch, cache):
    keep("speech_commands")
    loaded = load("speech_commands")
    monkeypatch.setattr(catalog, "MOST_LOADED_BYTES", 100_000)
    seen = []
    clips = load("speech_commands", on_progress=lambda *now: seen.append(now))
    assert isinstance(clips.y, np.memmap)
    assert not clips.y.flags.writeable
    np.testing.assert_array_equal(clips.y, loaded.y)
    np.testing.assert_array_equal(clips.length, loaded.length)
    assert seen[-1] == (40, 40)
    monkeypatch.setattr(catalog, "prepare", lambda *_, **__: pytest.fail("prepared again"))
    again = load("speech_commands")
    np.testing.assert_array_equal(again.select([3, 5]).y, loaded.y[[3, 5]])
    assert not list((cache / "prepared").glob(".*"))


@pytest.mark.parametrize("damage", ["cut", "junk", "missing"])
def test_a_damaged_map_is_made_again(keep, monkeypatch, damage):
    keep("nsynth")
    monkeypatch.setattr(catalog, "MOST_LOADED_BYTES", 100_000)
    first = np.array(load("nsynth").y)
    ((folder),) = Path(catalog.esc50.cache_dir() / "prepared").glob("*.map")
    sound, length = folder / "sound.f32", folder / "length.npy"
    if damage == "cut":
        sound.write_bytes(sound.read_bytes()[:-4])
    elif damage == "junk":
        length.write_bytes(b"junk")
    else:
        length.unlink()
    np.testing.assert_array_equal(load("nsynth").y, first)


def test_a_full_disk_while_mapping_is_named(keep, monkeypatch, cache):
    keep("nsynth")
    monkeypatch.setattr(catalog, "MOST_LOADED_BYTES", 100_000)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(prepared_map, "_write", full)
    with pytest.raises(DatasetError, match="is full; nothing was kept"):
        load("nsynth")
    assert list((cache / "prepared").iterdir()) == []


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
