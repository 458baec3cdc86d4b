"""``course codec`` with a real, tiny run."""

from __future__ import annotations

import inspect
import json
import re
import shutil

import numpy as np
import pytest
import typer.testing

from course_lib.audio.files import read, write
from course_lib.commands import codec as command
from course_lib.data import catalog
from course_lib.training import codec
from course_lib.training.codec.codebooks import BITS, path_of
from course_lib.training.lessons import autoencoder as lesson


@pytest.fixture(scope="module")
def sentence():
    clips = catalog.load("digits")
    pause = np.zeros(2500, np.float32)
    return np.concatenate(
        [pause, clips.y[0, : clips.length[0]], pause, 0.3 * clips.y[40, : clips.length[40]], pause]
    )


@pytest.fixture
def course(store, tmp_path):
    """Run ``course codec``; returns (exit status, output, error)."""

    def invoke(*arguments, runs=store.root):
        from course_lib.commands.codec import app

        result = typer.testing.CliRunner().invoke(app, [*map(str, arguments)], env={"COURSE_RUNS": str(runs)})
        return result.exit_code, result.output, result.exception

    return invoke


@pytest.mark.parametrize("options", [["--bits", "3"], ["--bits", "2", "--kind", "kmeans"]])
def test_there_and_back(course, finished, sentence, tmp_path, options):
    write(tmp_path / "in.wav", sentence)
    status, output, error = course(
        "encode", tmp_path / "in.wav", tmp_path / "a.lat", "--run", finished.name, *options
    )
    assert (status, error) == (0, None)
    size = (tmp_path / "a.lat").stat().st_size
    assert f"{size} bytes for {len(sentence) / 8000:.2f} s" in output
    # Without a name: the file knows its run.
    status, output, error = course("decode", tmp_path / "a.lat", tmp_path / "out.wav")
    assert (status, error) == (0, None)
    assert f"from {size} bytes" in output
    assert len(read(tmp_path / "out.wav", sr=8000)) == len(sentence)
    status, output, _ = course("info", tmp_path / "a.lat", "--json")
    shown = json.loads(output)
    assert shown["size"] == size
    assert shown["kind"] == ("kmeans" if "kmeans" in options else "uniform")
    assert shown["kbit_s"] == pytest.approx(8 * size / (len(sentence) / 8000) / 1000)
    assert "2 stretches" in course("info", tmp_path / "a.lat")[1]


def test_codebooks_are_fitted_once_and_other_ones_are_noticed(course, finished, store, sentence, tmp_path):
    write(tmp_path / "in.wav", sentence)
    arguments = ["--run", finished.name, "--bits", "2.5"]
    first = course("encode", tmp_path / "in.wav", tmp_path / "a.lat", *arguments)
    again = course("encode", tmp_path / "in.wav", tmp_path / "b.lat", *arguments)
    assert "fitting the codebooks of whole" in first[1]
    assert "fitting" not in again[1]
    assert (tmp_path / "a.lat").read_bytes() == (tmp_path / "b.lat").read_bytes()
    # Another run: the same folder with other codebooks.
    shutil.copytree(finished.path, tmp_path / "runs" / "whole")
    for path in (tmp_path / "runs" / "whole" / "codec").iterdir():
        with np.load(path) as arrays:
            changed = {name: arrays[name] for name in arrays.files}
        changed["scale"] = changed["scale"] * 2
        np.savez(path, **changed)
    status, _, error = course(
        "decode", tmp_path / "a.lat", tmp_path / "c.wav", "--run", "whole", runs=tmp_path / "runs"
    )
    assert status == 1
    assert "another model or other codebooks" in str(error)
    status, _, error = course("decode", tmp_path / "a.lat", tmp_path / "c.wav", runs=tmp_path / "runs")
    assert status == 1
    assert re.search("no run in .* made this file .*its codec folder included", str(error))
    assert not (tmp_path / "c.wav").exists()


def test_mistakes_cost_no_waiting(course, sentence, tmp_path, monkeypatch):
    """Each is found before any model is loaded."""
    monkeypatch.setattr(
        "course_lib.training.run_folder.Run.load_model", lambda run: pytest.fail("was loaded")
    )
    write(tmp_path / "in.wav", sentence)
    (tmp_path / "junk.lat").write_bytes(b"not a coded sound")
    (tmp_path / "there.lat").write_bytes(b"x")
    cases = [
        (["encode", tmp_path / "none.wav", tmp_path / "a.lat"], "no file at"),
        (["encode", tmp_path / "in.wav", tmp_path / "a.mp3"], "expected a name that ends in .lat"),
        (["encode", tmp_path / "in.wav", tmp_path / "no" / "a.lat"], "there is no folder"),
        (["encode", tmp_path / "in.wav", tmp_path / "there.lat"], "there already; give another name"),
        (
            ["encode", tmp_path / "in.wav", tmp_path / "a.lat", "--bits", "9"],
            "between 0.25 and 8; received 9",
        ),
        (["encode", tmp_path, tmp_path / "a.lat"], "is a folder; expected a file"),
        (["decode", tmp_path / "none.lat", tmp_path / "out.wav"], "no file at"),
        (["decode", tmp_path / "junk.lat", tmp_path / "out.wav"], "junk.lat: this is no .lat file"),
        (["decode", tmp_path / "junk.lat", tmp_path / "out.ogg"], "ends in .wav or .flac"),
        (["info", tmp_path / "in.wav"], "this is no .lat file"),
    ]
    for arguments, message in cases:
        status, _, error = course(*arguments)
        assert status == 1, arguments
        assert message in str(error), arguments


def test_the_functions_are_what_the_commands_call(finished, store, sentence, tmp_path):
    data = codec.encode(finished, sentence, bits=2)
    header = codec.info(data)
    assert (header.kind, header.bits, header.sr, header.samples) == ("uniform", 2, 8000, len(sentence))
    y = codec.decode(data, finished)
    np.testing.assert_array_equal(codec.decode(data, store=store), y)
    assert y.shape == sentence.shape
    # The default is one number in three places: help must not wait for it to be imported.
    assert inspect.signature(command.encode).parameters["bits"].default == BITS == lesson.BITS


def test_damaged_codebooks_are_named_or_fitted_again(finished):
    first = codec.Codec.open(finished, bits=2)
    path = path_of(finished, "uniform", 2.0)
    whole = path.read_bytes()
    try:
        path.write_bytes(whole[:-40])
        assert codec.Codec.open(finished, bits=2).fingerprint == first.fingerprint
        assert path.read_bytes() == whole
        np.savez(path, model=np.load(path)["model"])
        with pytest.raises(codec.CodecError, match=r"uniform-2\.npz holds no codebooks .*; delete it"):
            codec.Codec.open(finished, bits=2)
    finally:
        path.write_bytes(whole)


def test_a_model_without_latents_is_refused(finished, sentence):
    class Blind:
        def reconstruct(self, features):
            return features

    class Asking(Blind):
        def encode(self, features, condition):
            return features

        decode = encode

    with pytest.raises(codec.CodecError, match="run whole holds a Blind, which has no latents; choose or"):
        codec.Codec.open(finished, model=Blind())
    with pytest.raises(codec.CodecError, match="holds a Asking, which wants a condition"):
        codec.Codec.open(finished, model=Asking())
