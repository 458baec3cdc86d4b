"""Runs that really went wrong, looked at through their folders."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from course_lib.audio.files import write
from course_lib.data import catalog, splits
from course_lib.data.augment_signal import AugmentSignal
from course_lib.data.dataset import DIGITS
from course_lib.data.own_folder import import_folder
from course_lib.training.diagnosis.examine import diagnose
from course_lib.training.diagnosis.files import diagnose_files
from course_lib.training.diagnosis.probing import hidden_activations, latents_of
from course_lib.training.diagnosis.report import Diagnosis, where_to_learn
from course_lib.training.durable import write_json
from course_lib.training.history import read_history
from course_lib.training.model_files import save_model
from course_lib.training.request import TrainingRequest
from course_lib.training.run import train
from course_lib.training.start import prepare_run
from course_lib.training.status import RunStatus, write_status
from course_lib.training.store import Run, RunStore

GOLDEN = Path(__file__).parents[1] / "golden" / "histories"
SMALL = {"network": "conv1d", "width": "8", "latent_dim": "8", "batch_size": "8", "augment": "false"}
# Its first layer sees all of a clip at once, and loses units at the usual rate already.
DENSE = SMALL | {"network": "dense", "width": "16"}


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A run by its learning rate, trained in a second or two; each only once."""
    runs = RunStore(tmp_path_factory.mktemp("diagnosed"))

    def run(learning_rate: float, settings: dict[str, str], epochs: int = 13) -> Run:
        name = f"{settings['network']}-{learning_rate:g}"
        if name not in runs.names():
            overrides = settings | {"learning_rate": str(learning_rate)}
            request = TrainingRequest(name=name, epochs=epochs, limit_clips=64, overrides=overrides)
            assert train(prepare_run(request, runs)) == "done"
        return runs.open(name)

    return run


@pytest.fixture(scope="session")
def healthy(trained) -> Run:
    """What an autoencoder looks like that has nothing but few clips and few numbers."""
    return trained(3e-3, SMALL, epochs=20)


def _of(found: Diagnosis) -> list[tuple[str, str]]:
    return [(symptom.name, symptom.severity) for symptom in found.wrong]


def _history_of(name: str) -> dict[str, list[float]]:
    return read_history(GOLDEN / f"{name}.csv")


def _files(history, **status) -> Diagnosis:
    config = {"hyperparameters": {"learning_rate": 1e-3}}
    return diagnose_files("r", config, status, history, ())


def test_a_healthy_run_has_nothing_wrong(healthy):
    found = diagnose(healthy)
    assert _of(found) == []
    assert found.serious == ()
    assert "leakage between splits" in found.checked
    assert "dead units" in found.checked
    assert found.sentence.startswith(f"Nothing wrong found in {len(found.checked)} checks: the held-out loss")
    assert len(found.right) == len(found.checked) == 8
    json.dumps(found.as_dict(), allow_nan=False)


def test_the_quick_look_needs_neither_model_nor_data(healthy):
    run = healthy
    found = diagnose(run, quick=True)
    assert _of(found) == []
    assert set(found.checked) == {
        "diverged",
        "learning rate",
        "overfitting",
        "silent output",
        "clipped output",
        "same output for everything",
    }
    best = np.inf
    arguments = run.name, run.config(), run.status().as_dict(), run.history(), run.previews()
    for _ in range(5):
        began = time.perf_counter()
        diagnose_files(*arguments)
        best = min(best, time.perf_counter() - began)
    print(f"a quick look took {1000 * best:.1f} ms")
    assert best < 0.02


def test_the_quick_look_imports_no_backend():
    code = (
        "import sys; import course_lib.training.diagnosis.examine; "
        "print(sorted({'keras', 'tensorflow', 'librosa', 'sklearn', 'scipy'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert child.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["autoencoder_digits", "autoencoder_fsdd_george"])
def test_the_preset_s_own_histories_have_nothing_wrong_at_any_time(name):
    history = _history_of(name)
    rows = len(history["loss"])
    assert max(history["epoch"]) == 40
    for until in range(1, rows + 1):
        found = _files({column: values[:until] for column, values in history.items()})
        assert found.wrong == (), (until, found.sentence)
    assert set(found.checked) == {"diverged", "learning rate", "overfitting"}


def test_a_rate_a_thousand_times_too_high(trained):
    run = trained(1.0, DENSE)
    quick, deep = diagnose(run, quick=True), diagnose(run)
    assert "learning rate too high" in dict(_of(quick))
    assert len(quick.serious) >= 1
    assert "dead units" in dict(_of(deep))
    assert dict(quick.skipped)["overfitting"]
    for symptom in deep.wrong:
        assert symptom.sentence.endswith(".")
        assert symptom.remedy
    assert deep.symptoms[0].severity == "serious"
    high = next(symptom for symptom in quick.wrong if symptom.name == "learning rate too high")
    assert high.remedy == "Lower learning_rate: it is 1, try 0.001."


def test_a_rate_a_thousand_times_too_low_is_heard(trained):
    found = dict(_of(diagnose(trained(1e-6, DENSE), quick=True)))
    assert found["silent output"] == "serious"
    assert found["learning rate too low"] == "warning"


def test_a_run_that_ended_by_nan_says_so(healthy, tmp_path):
    run = _copy(healthy, tmp_path)
    failed = run.status().as_dict() | {
        "state": "failed",
        "error": "the loss is not a number after step 57: the training has diverged; start another run",
    }
    write_status(run.path, RunStatus(**failed))
    found = diagnose(run, quick=True)
    assert _of(found) == [("diverged", "serious")]
    assert found.serious[0].evidence["step"] == 57
    assert dict(found.skipped)["overfitting"] == "it has diverged"


def test_weights_that_are_not_numbers_are_found_behind_a_fair_history(healthy, tmp_path):
    run = _copy(healthy, tmp_path)
    model = run.load_model()
    kernel = model.encoder.trainable_weights[0]
    kernel.assign(np.full(kernel.shape, np.nan))
    save_model(run.path, model, step=10_000)
    found = diagnose(run)
    assert _of(found) == [("diverged", "serious")]
    assert found.serious[0].evidence["broken"] == 1


def test_an_encoder_that_has_died_is_found_by_its_latents(healthy, tmp_path):
    """A relu below zero for every clip: all numbers of the latent are the same, and so is what comes out."""
    run = _copy(healthy, tmp_path)
    model = run.load_model()
    layer = model.encoder.layers[-1]
    layer.bias.assign(np.full(layer.bias.shape, -1e3))
    layer.activation = keras.activations.relu
    save_model(run.path, model, step=10_000)
    found = {symptom.name: symptom for symptom in diagnose(run).wrong}
    assert found["dead units"].evidence["layers"]["latent"] == {"dead": 8, "units": 8}
    assert found["same output for everything"].evidence["spread_ratio"] < 0.01


def _own_recordings(folder: Path, *, leak: bool) -> Path:
    """Ten digits by three voices, the third to be held out; two of its recordings may be the first's, too."""
    clips = catalog.load("digits")
    voices = sorted(set(clips.speaker))
    for speaker, voice in zip(("ana", "ben", "cy"), (voices[0], voices[20], voices[40]), strict=True):
        for row in np.flatnonzero((clips.speaker == voice) & (clips.take == 0)):
            digit = DIGITS[clips.label[row]]
            sound = folder / digit / speaker / f"{digit}.wav"
            sound.parent.mkdir(parents=True, exist_ok=True)
            write(sound, clips.y[row], sr=clips.sr)
            if leak and speaker == "cy" and clips.label[row] in (3, 7):
                faster = AugmentSignal(speed=0.05)(clips.y[row][None], np.random.default_rng(row))[0]
                write(
                    folder / digit / "ana" / "best of.wav", faster if clips.label[row] == 7 else clips.y[row]
                )
    return folder


@pytest.mark.parametrize("leak", [True, False])
def test_a_recording_of_the_speaker_held_out_among_the_others(tmp_path, leak):
    import_folder(_own_recordings(tmp_path / "recordings", leak=leak), "borrowed")
    request = TrainingRequest(name="r", dataset="borrowed", holdout=["cy"])
    found = diagnose(prepare_run(request, RunStore(tmp_path / "runs")))
    assert "has not read its data yet" in dict(found.skipped)["dead units"]
    if not leak:
        assert _of(found) == []
        return
    assert _of(found) == [("leakage between splits", "serious")]
    evidence = found.serious[0].evidence
    assert (evidence["shared"], evidence["equal"], evidence["held_out_clips"]) == (2, 1, 10)
    pairs = {Path(pair["held_out"]).parts: Path(pair["training"]).parts for pair in evidence["pairs"]}
    assert pairs == {
        ("three", "cy", "three.wav"): ("three", "ana", "best of.wav"),
        ("seven", "cy", "seven.wav"): ("seven", "ana", "best of.wav"),
    }


def test_speakers_on_both_sides_of_a_split_are_noted(tmp_path, monkeypatch):
    """As in the official split of FSDD, which holds out takes and no voices."""
    clips = catalog.load("digits")
    few = clips.select(np.isin(clips.speaker, sorted(set(clips.speaker))[:4]))
    monkeypatch.setattr(catalog, "load", lambda *_, **__: few)
    monkeypatch.setattr(splits, "split", lambda *_: (few.select(few.take > 0), few.select(few.take == 0)))
    found = diagnose(prepare_run(TrainingRequest(name="r"), RunStore(tmp_path)))
    assert _of(found) == []
    assert "voices on both sides" in [note.name for note in found.notes]


def test_data_that_is_gone_is_a_reason_and_no_error(healthy, tmp_path):
    run = _copy(healthy, tmp_path)
    config = run.config()
    write_json(run.path / "config.json", config | {"dataset": config["dataset"] | {"sha256": "0" * 64}})
    found = diagnose(run)
    assert _of(found) == []
    assert "another edition" in dict(found.skipped)["leakage between splits"]
    assert len(found.checked) == 6


def test_a_model_that_is_gone_is_a_reason_too(healthy, tmp_path):
    run = _copy(healthy, tmp_path)
    (run.path / "model" / "hashes.json").unlink()
    found = diagnose(run)
    assert "no model yet" in dict(found.skipped)["dead units"]
    assert "leakage between splits" in found.checked


def test_an_empty_run_has_nothing_to_look_at(tmp_path):
    run = prepare_run(TrainingRequest(name="new"), RunStore(tmp_path))
    found = diagnose(run, quick=True)
    assert found.sentence == "Nothing to look at yet."
    assert dict(found.skipped)["silent output"] == "after 100 steps"
    # A rung that lost its files is no reason to fall over.
    rung = run.path / "previews" / "000100"
    rung.mkdir(parents=True)
    clips = [{"name": "a", "input": "a.wav", "output": "b.wav", "spectrogram": "a.npz"}]
    write_json(rung / "index.json", {"step": 100, "epoch": 1, "seconds": 1.0, "clips": clips})
    found = diagnose(run, quick=True)
    assert dict(found.skipped)["silent output"] == "its newest rung cannot be read"


def test_columns_of_other_trainings_are_read_by_name():
    epochs = list(range(1, 21))
    common = {"step": epochs, "epoch": epochs, "loss": [1.0 / (n + 1) for n in epochs]}
    collapsed = _files(common | {"kl": [0.001] * 20})
    assert ("posterior collapse", "serious") in _of(collapsed)
    assert _of(_files(common | {"kl": [5.0] * 20})) == []
    rivals = {
        "critic_loss": [1.39, 1.2, 0.8, 0.4] + [0.01] * 16,
        "generator_loss": [0.7] * 4 + [9.0] * 16,
        "real_score": [0.0, 0.2, 1.0, 2.0] + [8.0] * 16,
        "fake_score": [0.0, -0.2, -1.0, -2.0] + [-9.0] * 16,
    }
    won = _files(common | rivals)
    assert _of(won) == [("critic winning", "serious")]
    assert {"critic winning", "critic fooled"} <= set(won.checked)
    assert "learning rate" not in won.checked


def test_causes_come_before_consequences():
    epochs = list(range(1, 11))
    history = {
        "step": epochs,
        "epoch": epochs,
        "loss": [1.0, 2.0, 5.0, 9.0, 20.0, 40.0, 80.0, 160.0, 300.0, 600.0],
        "val_loss": [float(n) for n in epochs],
    }
    found = _files(history)
    assert _of(found) == [("diverged", "serious")]
    assert dict(found.skipped) == {
        "learning rate": "it has diverged",
        "overfitting": "it has diverged",
        "silent output": "after 100 steps",
        "clipped output": "after 100 steps",
        "same output for everything": "after 100 steps",
    }


def test_the_overfitted_forty_clips_of_a_real_run():
    found = _files(_history_of("overfit_dense_40_clips"))
    assert _of(found) == [("overfitting", "warning")]
    assert found.wrong[0].lab == "01"
    assert where_to_learn(found.wrong[0]) == "Lab 01 is about it."


def test_probing_reads_each_network_and_leaves_strange_ones(healthy):
    model = healthy.load_model()
    features = np.random.default_rng(0).standard_normal((5, *model.clip_shape)).astype(np.float32)
    latents, log_variance = latents_of(model, features)
    np.testing.assert_allclose(latents, model.encode(features))
    assert log_variance is None
    activations = hidden_activations(model, features, latents)
    assert {name.split("/")[0] for name in activations} == {"encoder", "decoder"}
    assert all(x.shape == (5, 8) for x in activations.values())
    assert latents_of(object(), features) is None
    assert hidden_activations(object(), features) == {}


def _copy(run: Run, folder: Path) -> Run:
    return Run(Path(shutil.copytree(run.path, folder / run.name)))
