"""Hash lists and the folders that the environment may move."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib import paths
from course_lib.data.errors import DatasetError
from course_lib.data.hashes import content_hash, read_hash_list, sha256_of


def test_sha256_of_a_known_text(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256_of(tmp_path / "a") == known


@given(st.dictionaries(st.text("abc_.", min_size=1, max_size=6), st.just("a" * 64), min_size=1, max_size=9))
def test_content_hash_does_not_depend_on_order(hashes):
    assert content_hash(hashes) == content_hash(dict(reversed(hashes.items())))
    name = next(iter(hashes))
    assert content_hash(hashes | {name: "b" * 64}) != content_hash(hashes)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("abc  a.wav", "line 1 is not"),
        ("a" * 64 + "  a.wav\n" + "A" * 64 + "  b.wav", "line 2 is not"),
        ("a" * 64 + "  a.wav\n" + "b" * 64 + "  a.wav", r"a\.wav twice \(line 2\)"),
        ("a" * 64, "line 1 is not"),
    ],
)
def test_bad_lists_are_refused(tmp_path, text, says):
    (tmp_path / "list").write_text(text)
    with pytest.raises(DatasetError, match=says):
        read_hash_list(tmp_path / "list")


def test_cache_and_runs_follow_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "c"))
    monkeypatch.setenv("COURSE_RUNS", "elsewhere")
    monkeypatch.chdir(tmp_path)
    assert paths.cache_dir() == tmp_path / "c"
    assert paths.runs_dir() == tmp_path / "elsewhere"
    monkeypatch.setenv("COURSE_CACHE", "")
    monkeypatch.delenv("COURSE_RUNS")
    assert paths.cache_dir().name == "latent-sound"
    assert paths.cache_dir().is_absolute()
    assert paths.runs_dir() == tmp_path / "runs"


def test_the_project_is_where_its_files_are():
    assert paths.project_root() == Path(__file__).resolve().parents[2]
    assert (paths.datasets_dir() / "fsdd.sha256").is_file()
