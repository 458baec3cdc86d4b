"""Loading: what comes out, what a damaged or absent data set says, and the cache between."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

from course_lib.data import catalog, fsdd
from course_lib.data.catalog import CATALOG, load
from course_lib.data.clips import ONSET_SECONDS, active_rms
from course_lib.data.dataset import parse_name
from course_lib.data.errors import DatasetError, DatasetMissing
from course_lib.data.prepared import prepared_path
from course_lib.data.verify import verify


@pytest.fixture
def imported(as_fsdd):
    fsdd.import_recordings(as_fsdd.recordings)
    return as_fsdd


def test_stand_in_loads_as_clips(imported):
    clips = load("fsdd")
    assert clips.y.shape == (180, 8192)
    assert clips.y.dtype == np.float32
    assert np.isfinite(clips.y).all()
    assert np.abs(clips.y).max() <= 1.0
    assert sorted(clips.name) == sorted(imported.expected)
    for name, label, speaker, take in zip(clips.name, clips.label, clips.speaker, clips.take, strict=True):
        assert name == f"{label}_{speaker}_{take}.wav"
    assert clips.sr == 8000
    assert clips.dataset == "fsdd"


def test_every_clip_is_level_aligned_and_padded(imported):
    clips = load("fsdd")
    levels = [20 * np.log10(active_rms(y)) for y in clips.y]
    assert np.ptp(levels) < 0.5
    assert np.median(levels) == pytest.approx(-22, abs=0.2)
    loud = np.abs(clips.y) > 0.02
    onset = loud.argmax(axis=1)
    assert np.abs(onset - ONSET_SECONDS * 8000).max() < 160
    for y, length in zip(clips.y, clips.length, strict=True):
        assert not y[length:].any()


def test_order_is_by_speaker_digit_and_take_as_a_number(imported):
    clips = load("fsdd")
    keys = list(zip(clips.speaker, clips.label, clips.take, strict=True))
    assert keys == sorted(keys)


def test_another_length_and_rate(imported):
    clips = load("fsdd", sr=16_000, n_samples=16_384)
    assert clips.y.shape == (180, 16_384)
    assert clips.sr == 16_000
    half = load("fsdd")
    assert np.median(clips.length / half.length) == pytest.approx(2, abs=0.05)


def test_the_second_load_prepares_nothing(imported, monkeypatch):
    first = load("fsdd")
    monkeypatch.setattr(catalog, "prepare", lambda *_, **__: pytest.fail("prepared again"))
    again = load("fsdd")
    np.testing.assert_array_equal(again.y, first.y)
    np.testing.assert_array_equal(again.length, first.length)


@pytest.mark.parametrize("damage", ["cut", "junk", "empty"])
def test_a_damaged_cache_is_made_again(imported, damage):
    first = load("fsdd")
    path = prepared_path(first.sha256, 8000, 8192)
    data = path.read_bytes()
    path.write_bytes({"cut": data[: len(data) // 2], "junk": b"junk" * 100, "empty": b""}[damage])
    np.testing.assert_array_equal(load("fsdd").y, first.y)
    assert path.stat().st_size == len(data)


def test_a_cache_that_cannot_be_written_costs_only_time(imported, cache):
    (cache / "prepared").write_text("a file where a folder should be")
    assert len(load("fsdd")) == 180


def test_a_recording_changed_after_the_import_is_noticed_despite_the_cache(imported, cache):
    load("fsdd")
    path = cache / "fsdd" / "3_theo_1.wav"
    data = bytearray(path.read_bytes())
    data[200] ^= 1
    path.write_bytes(data)
    with pytest.raises(DatasetError, match=r"fsdd: 1 file changed .*: 3_theo_1.wav; run 'course data import"):
        load("fsdd")


def test_a_data_set_that_is_not_here_says_how_to_get_it(cache):
    with pytest.raises(DatasetMissing, match=r"course data import fsdd PATH.*course data fetch fsdd"):
        load("fsdd")
    assert issubclass(DatasetMissing, FileNotFoundError)


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown data set 'mnist'; expected one of .*digits.*fsdd"):
        load("mnist")


def test_verify_names_all_the_damage(tmp_path, release):
    shutil.copytree(release.recordings, tmp_path / "r")
    (tmp_path / "r" / "0_theo_0.wav").unlink()
    (tmp_path / "r" / "1_theo_0.wav").write_bytes(b"x")
    dataset = replace(CATALOG["fsdd"], folder=lambda: tmp_path / "r", hashes=lambda: release.expected)
    with pytest.raises(DatasetError, match=r"1 file missing: 0_theo_0.wav; 1 file changed .*: 1_theo_0.wav"):
        verify(dataset)


@pytest.mark.parametrize("name", ["digits", "fsdd"])
def test_entries_are_complete(name):
    row = CATALOG[name].summary()
    assert row["clips"] > 1000
    assert row["speakers"] == len(row["speaker_names"])
    assert row["licence"].startswith("CC")
    assert row["licence_url"].startswith("https://creativecommons.org/")
    assert len(row["citation"]) > 40
    assert CATALOG[name].card.is_file()


def test_facts_of_fsdd():
    row = CATALOG["fsdd"].summary()
    assert (row["clips"], row["speakers"]) == (3000, 6)
    assert row["hours"] == pytest.approx(1312.3 / 3600, abs=0.001)


@pytest.mark.parametrize(
    ("name", "parts"),
    [("7_jackson_32.wav", (7, "jackson", 32)), ("0_mr-serious-rp_2.flac", (0, "mr-serious-rp", 2))],
)
def test_names_are_parsed(name, parts):
    assert parse_name(name) == parts


@pytest.mark.parametrize(
    "name", ["README.md", "10_theo_1.wav", "x_theo_1.wav", "1_theo_.wav", "1__2.wav", "1_2.wav"]
)
def test_other_names_are_refused(name):
    with pytest.raises(DatasetError, match=r"expected a name like 7_jackson_32\.wav; received"):
        parse_name(name)
