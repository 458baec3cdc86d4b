"""Every kind of model is looked into as far as it lets itself; samplers of one sound are found."""

from __future__ import annotations

import numpy as np
import pytest
from untrained_run import untrained_run

from course_lib.training.diagnosis.examine import diagnose
from course_lib.training.durable import write_json
from course_lib.training.history import append_row, format_row
from course_lib.training.model_files import save_model
from course_lib.training.presets import PRESETS

VARIATIONAL = {"kl": 20.0, "reconstruction": 9000.0}
RIVALS = {"critic_loss": 1.2, "generator_loss": 0.8, "real_score": 0.4, "fake_score": -0.3}


def _untrained(folder, preset: str, **changes):
    """A run of few clips: copies among them are soon looked for."""
    run = untrained_run(folder, preset, "r")
    config = run.config()
    settings = config["hyperparameters"] | changes
    write_json(run.path / "config.json", config | {"limit_clips": 32, "hyperparameters": settings})
    return run


def _history(run, terms: dict[str, float], epochs: int = 12) -> None:
    for epoch in range(1, epochs + 1):
        step = 10 * epoch
        held_out = {f"val_{name}": value for name, value in terms.items()}
        row = format_row(step, epoch, epoch, 10.0 / epoch, 11.0 / epoch, 1e-3, terms | held_out)
        append_row(run.path / "history.csv", row, terms | held_out)


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_no_preset_s_model_is_too_strange_to_be_looked_at(preset, tmp_path):
    run = _untrained(tmp_path, preset)
    _history(run, {"vae": VARIATIONAL, "gan": RIVALS, "conditional_gan": RIVALS}.get(preset, {}))
    found = diagnose(run)
    assert "leakage between splits" in found.checked
    assert "diverged" in found.checked
    assert not [name for name, severity in _of(found) if name in ("diverged", "leakage between splits")]
    # Those whose layers hang together by one input each; the others say why not.
    if preset in ("autoencoder", "vae", "gan"):
        assert "dead units" in found.checked
    else:
        assert "dead units" in found.checked or dict(found.skipped)["dead units"]


def _of(found):
    return [(symptom.name, symptom.severity) for symptom in found.wrong]


def test_an_encoder_that_always_gives_the_prior_has_collapsed(tmp_path):
    run = _untrained(tmp_path, "vae")
    _history(run, VARIATIONAL)
    assert "posterior collapse" in diagnose(run).checked
    assert "posterior collapse" not in dict(_of(diagnose(run)))
    model = run.load_model()
    last = model.encoder.layers[-1]
    last.set_weights([np.zeros_like(weight) for weight in last.get_weights()])
    save_model(run.path, model, step=1000)
    found = {symptom.name: symptom for symptom in diagnose(run).wrong}
    assert found["posterior collapse"].evidence["active_units"] == 0
    assert found["posterior collapse"].evidence["kl"] == pytest.approx(0, abs=1e-6)


def test_a_generator_that_ignores_its_noise_has_one_mode(tmp_path):
    run = _untrained(tmp_path, "gan")
    _history(run, RIVALS)
    model = run.load_model()
    last = model.generator.get_layer("bands")
    last.set_weights([np.zeros_like(weight) for weight in last.get_weights()])
    save_model(run.path, model, step=1000)

    class Judge:
        """Hears a three in everything."""

        classes = tuple(range(10))

        def probabilities(self, y):
            return np.eye(10)[np.full(len(y), 3)]

    found = next(symptom for symptom in diagnose(run, judge=Judge()).wrong if symptom.name == "mode collapse")
    assert (found.severity, found.lab) == ("serious", "05")
    assert found.evidence["variety"] < 0.01
    assert found.evidence["counts"]["3"] == found.evidence["samples"] == 200
    assert len(found.evidence["missing"]) == 9


def test_the_shipped_judge_hears_the_digits_of_a_generator(tmp_path):
    run = _untrained(tmp_path, "conditional_gan")
    _history(run, RIVALS)
    found = next(symptom for symptom in diagnose(run).wrong if symptom.name == "mode collapse")
    assert sum(found.evidence["counts"].values()) == 200
    assert found.evidence["effective_classes"] < 5


def test_a_critic_without_bounds_is_not_said_to_win(tmp_path):
    run = _untrained(tmp_path, "gan", loss="wasserstein")
    _history(run, RIVALS | {"critic_loss": -40.0, "real_score": 30.0, "fake_score": -10.0})
    found = diagnose(run, quick=True)
    assert _of(found) == []
    assert "scores have no bounds" in dict(found.skipped)["critic winning"]
