"""``course apply``, ``sample``, ``interpolate`` and ``convert``: files in, files out; no model is trained."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from typer.testing import CliRunner

from course_lib.audio.files import read, write
from course_lib.cli import app
from course_lib.commands.holdout import speakers
from course_lib.data import catalog, notes
from course_lib.training.apply import VERBS
from course_lib.training.preset import Preset
from course_lib.training.presets import PRESETS
from course_lib.training.store import Run

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))

from untrained_run import untrained_run

SR = 8000


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    for preset in ("autoencoder", "denoising", "conditional", "conditional_gan"):
        untrained_run(root, preset, preset)
    return root


@pytest.fixture
def course(root, monkeypatch):
    """Run a command line: (exit status, standard output, standard error and the exception's message)."""
    monkeypatch.setenv("COURSE_RUNS", str(root))

    def invoke(*arguments):
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        known = result.exception is None or isinstance(result.exception, (SystemExit, ValueError, OSError))
        assert known, result.exception
        return result.exit_code, result.stdout, f"{result.stderr}{result.exception or ''}"

    return invoke


@pytest.fixture(scope="module")
def words():
    clips = catalog.load("digits")
    return clips.y[3], clips.y[200]


@pytest.fixture
def folder(words, tmp_path):
    """Two recordings, one of them deep, and a file that is none."""
    source = tmp_path / "in"
    (source / "deep").mkdir(parents=True)
    write(source / "a.wav", words[0])
    write(source / "deep" / "b.flac", words[1])
    (source / "notes.txt").write_text("no sound")
    return source


def test_any_rate_and_channels_in_the_models_rate_out(course, words, tmp_path):
    high = soxr.resample(words[0], SR, 44100)
    soundfile.write(tmp_path / "in.flac", np.stack([high, 0.5 * high], axis=1), 44100)
    status, output, error = course("apply", "denoise", tmp_path / "in.flac", "-o", tmp_path / "out.wav")
    assert status == 0
    assert "1.02 s, 8000 Hz, mono" in output
    assert "run: denoising (the newest finished denoising run; choose by --run)" in error
    info = soundfile.info(tmp_path / "out.wav")
    assert (info.samplerate, info.channels, info.subtype) == (SR, 1, "PCM_16")
    assert abs(info.frames - 8192) <= 1


def test_separation_by_name_is_separation_by_number(course, words, tmp_path):
    write(tmp_path / "in.wav", 0.5 * (words[0] + words[1]))
    made = {}
    for asked in ("seven", "7", "3"):
        target = tmp_path / f"{asked}.wav"
        command = ("apply", "separate", tmp_path / "in.wav", "-o", target, "--condition", asked)
        assert course(*command, "--run", "conditional")[0] == 0
        made[asked] = read(target, sr=SR)
    np.testing.assert_array_equal(made["seven"], made["7"])
    assert np.abs(made["seven"] - made["3"]).max() > 0
    assert len(made["7"]) == 8192


def test_a_folder_with_a_table_of_conditions(course, folder, tmp_path):
    (tmp_path / "c.csv").write_text("file,condition\na.wav,seven\ndeep/b.flac,3\n")
    command = ("apply", "separate", folder, "-o", tmp_path / "out", "--conditions", tmp_path / "c.csv")
    status, output, _ = course(*command)
    assert status == 0
    assert "wrote 2 of 2 files" in output
    assert sorted(path.name for path in (tmp_path / "out").rglob("*.wav")) == ["a.wav", "b.wav"]
    alone = tmp_path / "alone.wav"
    course("apply", "separate", folder / "deep" / "b.flac", "-o", alone, "--condition", "three")
    assert alone.read_bytes() == (tmp_path / "out" / "deep" / "b.wav").read_bytes()
    assert not list(tmp_path.rglob("*.partial"))
    status, _, error = course(*command)
    assert status == 1
    assert "there already; give another name, or add --overwrite" in error
    assert course(*command, "--overwrite")[0] == 0


def test_a_folder_goes_on_after_a_bad_file(course, folder, tmp_path):
    (folder / "aa_junk.wav").write_bytes(b"not a sound")
    write(folder / "z.wav", np.zeros(100, np.float32))
    status, output, error = course("apply", "denoise", folder, "-o", tmp_path / "out")
    assert status == 1
    assert "wrote 3 of 4 files" in output
    assert "1 of 4 files could not be done" in error
    assert "aa_junk.wav is not a sound file" in error
    assert len(read(tmp_path / "out" / "z.wav", sr=SR)) == 100


def test_mistakes_are_found_before_a_model_is_loaded(course, folder, tmp_path, monkeypatch):
    def load_model(self):
        raise AssertionError("a model was loaded")

    monkeypatch.setattr(Run, "load_model", load_model)
    write(tmp_path / "there.wav", np.zeros(10, np.float32))
    (tmp_path / "short.csv").write_text("file,condition\na.wav,7\nc.wav,7\n")
    sound, out = folder / "a.wav", tmp_path / "out.wav"
    for arguments, message in (
        (["denoise", tmp_path / "none.wav", "-o", out], "no sound file or folder at"),
        (["denoise", sound, "-o", sound], "is the input; give another name"),
        (["denoise", sound, "-o", tmp_path / "there.wav"], "there already; give another name, or add --over"),
        (["denoise", sound, "-o", tmp_path / "x" / "y.wav"], "there is no folder"),
        (["denoise", sound, "-o", out, "--run", "conditional"], "it can: course apply separate"),
        (["denoise", sound, "-o", out, "--run", "nobody"], "no run named nobody"),
        (["enhance", sound, "-o", out], "can enhance"),
        (["separate", sound, "-o", out], "say what to separate: --condition zero | one"),
        (
            ["separate", sound, "-o", out, "--condition", "ten"],
            "unknown condition 'ten'; expected one of zero",
        ),
        (["separate", sound, "-o", out, "--conditions", "c.csv"], "--conditions is for a folder"),
        (
            ["separate", folder, "-o", tmp_path / "o", "--conditions", tmp_path / "short.csv"],
            "short.csv: c.wav is not in the folder; deep/b.flac has no line",
        ),
        (
            ["separate", folder, "-o", tmp_path / "o", "--conditions", "c.csv", "--condition", "7"],
            "not both",
        ),
        (["inpaint", sound, "-o", out, "--gap", "0.3"], "--gap expects BEGIN-END in seconds"),
        (["inpaint", sound, "-o", out, "--gap", "0.3-0.2"], "--gap expects BEGIN-END in seconds"),
        (["inpaint", folder, "-o", tmp_path / "o", "--gap", "0.1-0.2"], "--gap is for one recording"),
    ):
        status, _, error = course("apply", *arguments)
        assert status == 1, arguments
        assert message in error
    assert not out.exists()
    assert not (tmp_path / "o").exists()


def test_samples_are_named_by_class_and_seed(course, tmp_path):
    command = ("sample", "-n", 3, "--run", "conditional_gan", "--seed", 5, "-o")
    status, output, _ = course(*command, tmp_path / "one")
    assert status == 0
    assert "wrote 3 sounds" in output
    index = json.loads((tmp_path / "one" / "index.json").read_text())
    names = [f"{digit}_seed5_{number:03d}.wav" for number, digit in enumerate(("zero", "one", "two"))]
    assert [row["file"] for row in index["clips"]] == names
    assert (index["run"], index["seed"], index["sr"]) == ("conditional_gan", 5, SR)
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == sorted([*names, "index.json"])
    assert course(*command, tmp_path / "two")[0] == 0
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    status, _, error = course(*command, tmp_path / "one")
    assert status == 1
    assert "index.json: there already" in error
    assert course(*command, tmp_path / "one", "--overwrite", "--condition", "7")[0] == 0
    assert (tmp_path / "one" / "seven_seed5_002.wav").is_file()
    status, _, error = course("sample", "-o", tmp_path / "no", "--condition", "ten")
    assert (status, "unknown condition 'ten'" in error) == (1, True)
    assert not (tmp_path / "no").exists()


def test_a_walk_is_steps_one_sound_and_a_picture(course, folder, tmp_path):
    out = tmp_path / "walk"
    command = ("interpolate", folder / "a.wav", folder / "deep" / "b.flac", "-o", out, "--steps", 4)
    status, output, error = course(*command)
    assert (status, "wrote 4 steps" in output) == (0, True)
    assert "run: autoencoder (the newest finished autoencoder run" in error
    index = json.loads((out / "index.json").read_text())
    assert [row["file"] for row in index["steps"]] == [f"step_{number:02d}.wav" for number in range(4)]
    assert [row["share"] for row in index["steps"]] == [0, 0.3333, 0.6667, 1]
    assert index["picture"].startswith("4 spectrograms, 4 in a row: 0 %: a, 33 %, 67 %, 100 %: b")
    assert len(read(out / "walk.wav", sr=SR)) == 4 * 8192 - 3 * 256
    assert (out / "spectrograms.png").read_bytes()[:4] == b"\x89PNG"
    status, _, error = course(*command)
    assert (status, "step_00.wav" in error, "add --overwrite" in error) == (1, True, True)
    status, _, error = course("interpolate", "none.wav", folder / "a.wav", "-o", tmp_path / "w")
    assert (status, "no sound file at none.wav" in error) == (1, True)
    assert course("interpolate", folder / "a.wav", folder / "a.wav", "-o", "w", "--steps", 1)[0] == 2


def test_verbs_of_models_to_come(course, folder, tmp_path, monkeypatch):
    class Toy:
        def enhance(self, y):
            return 0.5 * y

        def inpaint(self, y, missing):
            return np.where(missing, np.float32(0.25), y)

        condition_size = 10

        def log_weights(self, features, condition, *, samples, seed):
            return np.zeros((samples, len(features)))

        def convert(self, features, condition, wanted):
            # The second instrument of four, the third pitch of six.
            assert np.all(wanted[:, 1] == 1)
            assert np.all(wanted[:, 4 + 2] == 1)
            return features

    able = Preset()
    able.name, able.verbs = "toy", tuple(VERBS)
    monkeypatch.setitem(PRESETS, "autoencoder", able)
    monkeypatch.setattr(Run, "load_model", lambda self: Toy())
    sound = folder / "a.wav"
    assert course("apply", "enhance", sound, "-o", tmp_path / "e.wav")[0] == 0
    np.testing.assert_allclose(read(tmp_path / "e.wav", sr=SR), 0.5 * read(sound, sr=SR), atol=2 / 32768)
    status, _, error = course("apply", "enhance", sound, "-o", tmp_path / "f.wav", "--condition", "7")
    assert (status, "takes no condition" in error) == (1, True)
    command = ("apply", "inpaint", sound, "-o", tmp_path / "i.wav", "--gap", "0.1-0.2", "--gap", "0.9-1.0")
    assert course(*command)[0] == 0
    filled = read(tmp_path / "i.wav", sr=SR)
    assert np.all(filled[800:1600] == 0.25)
    assert np.all(filled[7200:8000] == 0.25)
    status, _, error = course("apply", "inpaint", sound, "-o", tmp_path / "j.wav", "--gap", "0.9-1.2")
    assert (status, "ends after the recording, which lasts 1.02 s" in error) == (1, True)
    config, fields = Run.config, {"instrument": [*"abcd"], "pitch": [*range(60, 66)]}
    monkeypatch.setattr(Run, "config", lambda self: config(self) | {"conditions": fields})
    command = ("convert", sound, "-o", tmp_path / "c.wav", "--pitch")
    assert course(*command, 62, "--instrument", "b")[0] == 0
    assert len(read(tmp_path / "c.wav", sr=SR)) == 8192
    for arguments, message in (
        ([*command, 72, "--overwrite"], "unknown pitch '72'; expected one of 60, 61"),
        ([*command, 60], "there already"),
        (["convert", sound, "-o", tmp_path / "d.wav"], "say what to change: --instrument, --pitch, or both"),
        (["convert", folder, "-o", tmp_path / "d.wav", "--pitch", 60], "convert takes one recording"),
    ):
        status, _, error = course(*arguments)
        assert status == 1
        assert message in error


@pytest.fixture(scope="module")
def notes_root(tmp_path_factory):
    root = tmp_path_factory.mktemp("notes")
    untrained_run(root, "vae_notes", "n")
    return root


def test_notes_are_converted_and_sampled(notes_root, course, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_RUNS", str(notes_root))
    y = notes.load().y[60]
    write(tmp_path / "in.wav", y, sr=SR)
    status, _, problem = course(
        "convert", tmp_path / "in.wav", "-o", tmp_path / "out.wav", "--instrument", "bell", "--pitch", 72
    )
    assert (status, len(read(tmp_path / "out.wav", sr=SR))) == (0, 8192), problem
    status, _, problem = course(
        "sample", "-n", 2, "--instrument", "organ", "--pitch", 60, "-o", tmp_path / "s"
    )
    assert status == 0, problem
    assert (tmp_path / "s" / "organ_60_seed0_001.wav").is_file()
    index = json.loads((tmp_path / "s" / "index.json").read_text())
    assert index["wanted"] == {"instrument": "organ", "pitch": 60}
    assert index["clips"][0]["asked"] == {"instrument": "organ", "pitch": "60"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "say what to change: --instrument, --pitch, or both"),
        (["--pitch", 20], "unknown pitch '20'; expected one of 36, 37"),
        (["--instrument", "tuba"], "unknown instrument 'tuba'; expected one of pluck"),
        (["--to", "speaker=theo"], "unknown condition 'speaker'; this run knows instrument, pitch"),
        (["--to", "speaker"], "--to expects FIELD=VALUE, such as speaker=theo; received 'speaker'"),
        (["--pitch", 60, "--to", "pitch=62"], "pitch is asked for twice: 60 and '62'"),
    ],
)
def test_conversions_that_cannot_be(options, message, notes_root, course, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_RUNS", str(notes_root))
    write(tmp_path / "in.wav", 0.1 * np.sin(np.arange(4000) / 5).astype(np.float32), sr=SR)
    status, _, problem = course("convert", tmp_path / "in.wav", "-o", tmp_path / "out.wav", *options)
    assert status != 0
    assert message in problem
    assert not (tmp_path / "out.wav").exists()


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (None, None),
        (["george,theo"], ["george", "theo"]),
        (["george", "theo"], ["george", "theo"]),
        ([" george , theo,", "theo,lucas"], ["george", "theo", "lucas"]),
    ],
)
def test_speakers_by_commas_and_by_repetition(given, names):
    assert speakers(given) == names


def test_nobody_to_hold_out_is_said():
    with pytest.raises(
        ValueError, match="--holdout expects speakers, such as --holdout george,theo; received"
    ):
        speakers([" , "])


def test_several_unknown_speakers_are_named(course):
    status, _, error = course("train", "autoencoder", "--holdout", "nobody,noone", "--holdout", "none")
    assert status == 1
    assert "unknown speaker nobody, none, noone; digits has " in error


def test_a_training_ends_with_the_command_that_plays_it(root):
    from course_lib.commands.train import _way_to_hear
    from course_lib.training.store import RunStore

    store = RunStore(root)
    assert {name: _way_to_hear(store.open(name)) for name in store.names()} == {
        "autoencoder": "course apply reconstruct --run autoencoder in.wav -o out.wav",
        "conditional": "course apply separate --run conditional in.wav -o out.wav --condition zero",
        "conditional_gan": "course sample --run conditional_gan -o made",
        "denoising": "course apply denoise --run denoising in.wav -o out.wav",
    }
