"""``course data``: what it prints, and that every failure ends with a non-zero status."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from course_lib.audio.files import write
from course_lib.commands.data import app
from course_lib.data import fsdd
from course_lib.data.hashes import sha256_of

runner = CliRunner()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def recordings(tmp_path, cache, monkeypatch):
    """Twenty stand-in recordings, taken for FSDD."""
    import numpy as np

    folder = tmp_path / "recordings"
    folder.mkdir()
    t = np.arange(2400) / 8000
    for digit in range(10):
        for speaker in ("george", "lucas"):
            pitch = 100 + 9 * digit + len(speaker)
            write(folder / f"{digit}_{speaker}_0.wav", 0.2 * np.sin(2 * np.pi * pitch * t))
    hashes = {path.name: sha256_of(path) for path in folder.iterdir()}
    monkeypatch.setattr(fsdd, "_committed_hashes", lambda: hashes)
    return folder


def course(*arguments, **more):
    return runner.invoke(app, list(map(str, arguments)), **more)


def test_list_shows_what_is_here(cache):
    result = course("list")
    assert result.exit_code == 0
    assert "bundled" in result.stdout
    assert "course data fetch fsdd" in result.stdout


def test_list_as_json(cache):
    rows = json.loads(course("list", "--json").stdout)
    installed = {row["name"]: row["installed"] for row in rows}
    assert installed["digits"]
    assert not installed["fsdd"]


def test_info_of_fsdd_before_it_is_here(cache):
    row = json.loads(course("info", "fsdd", "--json").stdout)
    assert (row["clips"], row["speakers"]) == (3000, 6)
    assert row["hours"] == pytest.approx(0.3645, abs=0.001)
    assert row["licence"] == "CC BY-SA 4.0"
    assert "zenodo.1342401" in row["citation"]
    assert row["where"] == str(cache / "fsdd")
    assert not row["installed"]


def test_info_in_words(cache):
    text = course("info", "fsdd").stdout
    for words in (
        "3,000",
        "6: george, jackson",
        "CC BY-SA 4.0",
        "zenodo",
        "not here yet",
        "course data import",
    ):
        assert words in text


def test_import_info_verify_and_remove(recordings, cache):
    result = course("import", "fsdd", recordings)
    assert result.exit_code == 0
    assert f"20 recordings checked and kept in {cache / 'fsdd'}" in result.stdout
    assert json.loads(course("info", "fsdd", "--json").stdout)["installed"]
    assert "all as published" in course("verify", "fsdd").stdout
    assert "were there already" in course("import", "fsdd", recordings).stdout
    assert course("remove", "fsdd", input="n\n").exit_code == 1
    assert (cache / "fsdd").is_dir()
    assert course("remove", "fsdd", "--yes").exit_code == 0
    assert not (cache / "fsdd").exists()
    assert "not on this machine" in str(course("remove", "fsdd", "--yes").exception)


def test_remove_forgets_the_prepared_clips_and_their_features_too(recordings, cache):
    def kept() -> set[str]:
        return {path.name for room in ("prepared", "features") for path in (cache / room).glob("*.np[yz]")}

    assert course("encode", "digits").exit_code == 0
    others = kept()
    course("import", "fsdd", recordings)
    assert course("encode", "fsdd").exit_code == 0
    assert {name.rsplit(".")[-1] for name in kept() - others} == {"npy", "npz"}
    course("remove", "fsdd", "--yes")
    assert kept() == others, "those of another data set stay"


def test_sounds_made_by_rule_have_no_file_to_compare():
    assert "made by rule" in course("verify", "notes").stdout
    assert "made by rule" not in course("verify", "digits").stdout


def test_a_damaged_import_is_found_by_verify(recordings, cache):
    course("import", "fsdd", recordings)
    (cache / "fsdd" / "3_lucas_0.wav").write_bytes(b"x")
    result = course("verify", "fsdd")
    assert result.exit_code == 1
    assert "3_lucas_0.wav" in str(result.exception)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("info", "mnist"), "unknown data set 'mnist'; expected one of digits"),
        (("verify", "fsdd"), "course data import fsdd PATH"),
        (("import", "fsdd", "nowhere"), "nothing at nowhere"),
        (("import", "digits", "x"), "digits comes with the project"),
        (("import", "mnist", "x"), "unknown data set"),
        (("fetch", "digits"), "digits comes with the project"),
        (("fetch", "fsdd", "--url", "http://127.0.0.1:1/a.tar.gz"), "without a network"),
        (("remove", "digits", "--yes"), "digits comes with the project"),
    ],
)
def test_failures_are_named_and_not_zero(cache, arguments, says):
    result = course(*arguments)
    assert result.exit_code == 1
    assert says in str(result.exception)
    assert isinstance(result.exception, (ValueError, OSError))


def test_an_older_release_is_named(recordings, cache):
    for path in recordings.glob("*_lucas_*"):
        path.unlink()
    result = course("import", "fsdd", recordings)
    assert result.exit_code == 1
    assert "release 1.0.9 of FSDD: 10 of 20 recordings, without lucas" in str(result.exception)
    assert not (cache / "fsdd").exists()


def test_bundled_digits_verify(cache):
    result = course("verify", "digits")
    assert result.exit_code == 0
    assert result.stdout == "digits: 1,500 recordings, all as published\n"


def test_usage_errors_are_2(cache):
    assert course("import", "fsdd").exit_code == 2
    assert course("nonsense").exit_code == 2


def test_every_command_prints_json(recordings, cache, tmp_path):
    done = json.loads(course("import", "fsdd", recordings, "--json").stdout)
    assert (done["name"], done["recordings"], done["already"]) == ("fsdd", 20, False)
    assert done["licence"] == "CC BY-SA 4.0"
    assert json.loads(course("verify", "fsdd", "--json").stdout) == {
        "name": "fsdd",
        "recordings": 20,
        "hashes_from": "committed with the course",
        "ok": True,
    }
    assert json.loads(course("fetch", "fsdd", "--json").stdout)["already"]
    removed = json.loads(course("remove", "fsdd", "--yes", "--json").stdout)
    assert removed == {"name": "fsdd", "removed": str(cache / "fsdd"), "recordings": 20}


def test_the_list_says_what_each_costs(cache):
    rows = {row["name"]: row for row in json.loads(course("list", "--json").stdout)}
    assert list(rows) == [
        "digits",
        "notes",
        "fsdd",
        "audiomnist",
        "speech_commands",
        "sc09",
        "nsynth",
        "esc50",
    ]
    assert rows["speech_commands"]["download_bytes"] == 2_428_923_189
    assert rows["speech_commands"]["memory_bytes"] == 105_829 * 8192 * 4
    text = course("list").stdout
    assert "3.5 GB" in text
    assert "course data import folder PATH --name NAME" in text


def test_info_says_what_the_licence_forbids(cache):
    text = course("info", "esc50").stdout
    for words in (
        "CC BY-NC 3.0",
        "no commercial use",
        "883 MB on disk",
        "66 MB of clips in memory",
        "50: dog,",
    ):
        assert words in text
    assert "forbids" not in course("info", "nsynth").stdout
    assert "as TensorFlow Datasets lists it" in course("info", "sc09").stdout


def test_a_licence_that_forbids_something_says_so_at_fetch_time(cache):
    result = course("fetch", "esc50", "--url", "http://127.0.0.1:1/a.zip")
    assert result.exit_code == 1
    assert "licence CC BY-NC 3.0" in result.stderr
    assert "no commercial use" in result.stderr
    assert "no commercial use" not in course("fetch", "nsynth", "--url", "http://127.0.0.1:1/a.zip").stderr
    assert result.stdout == ""


@pytest.fixture
def mine(tmp_path, cache):
    import numpy as np

    t = np.arange(2400) / 8000
    for label in ("hum", "buzz"):
        (tmp_path / "mine" / label).mkdir(parents=True)
        for n in range(6):
            write(tmp_path / "mine" / label / f"{n}.wav", 0.2 * np.sin(2 * np.pi * (100 + n) * t))
    return tmp_path / "mine"


def test_your_own_folder_from_import_to_remove(mine, cache):
    result = course("import", "folder", mine, "--name", "mine")
    assert result.exit_code == 0
    assert f"mine: 12 recordings checked and kept in {cache / 'own' / 'mine'}" in result.stdout
    assert "mine" in [row["name"] for row in json.loads(course("list", "--json").stdout)]
    row = json.loads(course("info", "mine", "--json").stdout)
    assert (row["clips"], row["labels"], row["installed"]) == (12, ["buzz", "hum"], True)
    assert course("verify", "mine").stdout == "mine: 12 recordings, all as they were imported\n"
    assert "there is nothing to fetch" in str(course("fetch", "mine").exception)
    assert course("remove", "mine", "--yes").exit_code == 0
    assert course("info", "mine").exit_code == 1
    assert mine.is_dir()


def test_an_own_folder_wants_a_name(mine):
    assert "add --name, such as --name mine" in str(course("import", "folder", mine).exception)
    assert "none of folder" in str(course("import", "folder", mine, "--name", "fsdd").exception)
    json_ = course("import", "folder", mine, "--name", "mine", "--style", "note", "--json").stdout
    assert json.loads(json_)["recordings"] == 12


def test_a_published_set_from_import_to_remove(cache, tmp_path, monkeypatch):
    from dataclasses import replace

    import numpy as np

    from course_lib.data import catalog

    release = tmp_path / "nsynth-test" / "audio"
    release.mkdir(parents=True)
    t = np.arange(8000) / 8000
    for n in range(6):
        write(release / f"bass_synthetic_00{n}-036-100.wav", 0.3 * np.sin(2 * np.pi * 65.4 * t))
    small = replace(catalog.CATALOG["nsynth"], published_clips=6)
    monkeypatch.setitem(catalog.CATALOG, "nsynth", small)
    result = course("import", "nsynth", release.parent)
    assert "nsynth: 6 recordings checked and kept" in result.stdout
    assert "licence CC BY 4.0" in result.stderr
    catalog.load("nsynth")
    assert list((cache / "prepared").glob("*.npz"))
    assert "were there already" in course("import", "nsynth", release.parent).stdout
    assert course("remove", "nsynth", "--yes").exit_code == 0
    assert not list((cache / "prepared").glob("*.npz"))
    assert not (cache / "nsynth").exists()


def test_a_damaged_list_can_be_removed(mine, cache):
    course("import", "folder", mine, "--name", "mine")
    index = cache / "own" / "mine" / "index.csv"
    index.write_text("junk")
    assert "course data remove mine" in str(course("verify", "mine").exception)
    assert "damaged" in course("list").stdout
    assert "problem   " in course("info", "mine").stdout
    assert course("remove", "mine", "--yes").exit_code == 0
    assert not index.exists()
