"""Published data sets that are missing, in part, changed, damaged or too large: refused, named, or mended."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import numpy as np
import pytest
import soundfile
from stand_ins import RELEASES, SPEAKERS

from course_lib.data import catalog, prepared_map
from course_lib.data.catalog import CATALOG, load
from course_lib.data.errors import DatasetError, DatasetMissing
from course_lib.data.importing import import_published
from course_lib.data.index import NAME, read_index
from course_lib.data.verify import verify

NAMES = sorted(RELEASES)


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
