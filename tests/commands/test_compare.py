"""``course compare``: what is printed, what is done to unequal files, what is refused."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import soundfile
import soxr
from typer.testing import CliRunner

from course_lib.audio.files import AudioError
from course_lib.audio.files import write as write_sound
from course_lib.cli import app
from course_lib.evaluation.sound import METRICS


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """clean, noisy and denoised sound of 1 s at 8 kHz, some in other shapes."""
    path = tmp_path_factory.mktemp("sounds")
    rng = np.random.default_rng(0)
    t = np.arange(8000) / 8000
    clean = 0.2 * np.sin(2 * np.pi * 300 * t) * (1 + 0.5 * np.sin(2 * np.pi * 5 * t)) + 0.02 * rng.normal(
        size=8000
    )
    noise = 0.1 * rng.normal(size=8000)
    clean, noisy, denoised = (y.astype(np.float32) for y in (clean, clean + noise, clean + 0.1 * noise))
    for name, y in {"clean": clean, "noisy": noisy, "denoised": denoised, "silent": 0 * clean}.items():
        write_sound(path / f"{name}.wav", y, subtype="float")
    write_sound(path / "short.wav", denoised[:7000])
    high = soxr.resample(np.stack([denoised, denoised], axis=1), 8000, 44100)
    soundfile.write(path / "stereo.flac", high, 44100)
    (path / "notes.txt").write_text("no sound")
    return path


def _run(folder, *arguments):
    files = [str(folder / word) if "." in word else word for word in arguments]
    return CliRunner().invoke(app, ["compare", *files], env={"COLUMNS": "120"})


def test_a_table_names_metrics_numbers_and_meanings(folder):
    printed = _run(folder, "clean.wav", "denoised.wav")
    assert printed.exit_code == 0
    for words in (
        "denoised.wav against clean.wav: 1.0 s at 8000 Hz",
        "SI-SDR ↑",
        "log-mel distance ↓",
        "nepers",
    ):
        assert words in printed.stdout
    assert "a gain is forgiven" in printed.stdout
    assert "received 8000: take pesq_nb" in " ".join(printed.stdout.split())
    assert "mixture" not in printed.stdout


def test_json_holds_every_metric_with_and_without_the_mixture(folder):
    printed = _run(folder, "clean.wav", "denoised.wav", "--mixture", "noisy.wav", "--json")
    result = json.loads(printed.stdout)
    assert set(result["scores"]) == {"mixture", "estimate"}
    assert list(result["scores"]["estimate"]) == list(METRICS)
    assert result["scores"]["estimate"]["si_sdr_improvement"] == pytest.approx(20, abs=0.1)
    assert result["scores"]["mixture"]["si_sdr_improvement"] == 0
    assert (result["sr"], result["seconds"], result["remarks"]) == (8000, 1.0, [])
    table = _run(folder, "clean.wav", "denoised.wav", "--mixture", "noisy.wav").stdout
    assert "mixture" in table
    assert "SI-SDR improvement" in table


def test_json_has_no_infinity(folder):
    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    for estimate, sign in (("clean.wav", "infinite"), ("silent.wav", "minus infinite")):
        result = json.loads(_run(folder, "clean.wav", estimate, "--json").stdout, parse_constant=refuse)
        assert result["scores"]["estimate"]["si_sdr"] is None
        assert result["notes"]["estimate"]["si_sdr"].startswith(f"{sign}:")
    assert "∞" in _run(folder, "clean.wav", "clean.wav").stdout
    assert "-∞" in _run(folder, "clean.wav", "silent.wav").stdout


def test_other_rates_are_resampled_and_named(folder):
    result = json.loads(_run(folder, "clean.wav", "stereo.flac", "--json").stdout)
    assert result["sr"] == 8000
    assert result["remarks"][0] == "Compared at 8000 Hz: resampled stereo.flac (44100 Hz)."
    plain = json.loads(_run(folder, "clean.wav", "denoised.wav", "--json").stdout)
    assert result["scores"]["estimate"]["snr"] == pytest.approx(plain["scores"]["estimate"]["snr"], abs=1.5)
    chosen = json.loads(_run(folder, "clean.wav", "denoised.wav", "--sr", "16000", "--json").stdout)
    assert chosen["sr"] == 16000
    assert "clean.wav (8000 Hz), denoised.wav (8000 Hz)" in chosen["remarks"][0]
    assert "resampled stereo.flac" in _run(folder, "clean.wav", "stereo.flac").stdout


@pytest.mark.parametrize(("choice", "seconds"), [("cut", 0.875), ("pad", 1.0)])
def test_unequal_lengths_are_a_choice(folder, choice, seconds):
    result = json.loads(_run(folder, "clean.wav", "short.wav", "--length", choice, "--json").stdout)
    assert result["seconds"] == seconds
    assert "clean.wav 8000 samples (1.000 s), short.wav 7000 samples (0.875 s)" in result["remarks"][-1]
    # What is cut away is not missed; what is padded is.
    assert math.isclose(result["scores"]["estimate"]["snr"], 24.4, abs_tol=1) == (choice == "cut")


@pytest.mark.parametrize(
    ("words", "kind", "message"),
    [
        (("clean.wav", "short.wav"), ValueError, r"not equally long: .* choose --length cut .* --length pad"),
        (("silent.wav", "clean.wav"), ValueError, "the reference is silent"),
        (("clean.wav", "notes.txt"), AudioError, "notes.txt is not a sound file"),
        (("clean.wav", "absent.wav"), FileNotFoundError, "no sound file at .*absent.wav"),
    ],
)
def test_what_cannot_be_compared_is_named(folder, words, kind, message):
    failed = _run(folder, *words)
    assert failed.exit_code == 1
    assert isinstance(failed.exception, kind)
    with pytest.raises(kind, match=message):
        raise failed.exception


def test_impossible_options_are_usage_errors(folder):
    for option in (["--sr", "10"], ["--length", "loop"]):
        assert _run(folder, "clean.wav", "denoised.wav", *option).exit_code == 2
