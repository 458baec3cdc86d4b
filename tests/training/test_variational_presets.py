"""VAEs and the articles' systems by the ordinary path: terms in nats, rungs, sound out of the prior."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.training.presets import PRESETS, get_preset
from course_lib.training.request import TrainingRequest
from course_lib.training.run import train
from course_lib.training.start import prepare_run
from course_lib.training.store import RunStore

SHAPES = {"mfcc_vae": (128, 40), "dense_gan": (128, 10)}
ARTICLES = ("mfcc_vae", "dense_gan", "conv2d_vae", "dense_vae")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return RunStore(tmp_path_factory.mktemp("runs"))


def trained(store, preset, *, name=None, **overrides):
    request = TrainingRequest(
        preset=preset,
        name=name or preset,
        epochs=2,
        limit_clips=48,
        overrides={"batch_size": 16} | overrides,
    )
    run = prepare_run(request, store)
    assert train(run) == "done", run.status().error
    return run


@pytest.mark.parametrize("preset", ["vae", *ARTICLES])
def test_each_trains_and_makes_sound(preset, store):
    run = trained(store, preset, **({"width": 16} if preset == "vae" else {}))
    representation = run.representation()
    assert representation.shape == SHAPES.get(preset, (128, 64))
    made = run.load_model().sample(2, seed=0)
    assert made.shape == (2, *representation.shape)
    sound = representation.decode(made)
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() > 1e-4
    assert run.previews()[-1].step == 6


def test_the_terms_of_the_bound_are_in_the_history_in_nats(store):
    run = trained(store, "dense_vae", name="terms")
    history = run.history()
    values = np.array(history["reconstruction"]), np.array(history["kl"])
    assert (values[1] >= 0).all()
    # 8,192 standardised numbers: about 1.4 nats each while nothing is explained.
    assert 5_000 < values[0][0] < 30_000
    held_out = np.array(history["val_reconstruction"]) + np.array(history["val_kl"])
    np.testing.assert_allclose(
        held_out[~np.isnan(held_out)], np.array(history["val_loss"])[~np.isnan(held_out)], rtol=1e-4
    )


def test_the_articles_sizes():
    """What the five articles state: units, filters, latents, optimiser."""
    preset = get_preset("dense_vae")
    model = preset.build(preset.parse(), (128, 64))
    assert [layer.units for layer in model.encoder.layers if hasattr(layer, "units")] == [128, 64, 2 * 32]
    preset = get_preset("conv2d_vae")
    model = preset.build(preset.parse(), (128, 64))
    convolutions = [layer for layer in model.encoder.layers if hasattr(layer, "filters")]
    assert [layer.filters for layer in convolutions] == [32, 64, 128]
    assert {layer.strides for layer in convolutions} == {(2, 2)}
    preset = get_preset("dense_gan")
    model = preset.build(preset.parse(), (128, 10))
    widths = [[x.units for x in net.layers if hasattr(x, "units")] for net in (model.generator, model.critic)]
    assert widths == [[256, 512, 1280], [512, 256, 1]]
    for turn in model.players:
        assert float(turn.optimizer.learning_rate) == pytest.approx(2e-4)
        assert turn.optimizer.beta_1 == 0.5
    assert get_preset("mfcc_vae").parse().latent_dim == 20
    assert get_preset("mfcc_vae").representation["n_mfcc"] == 40


def test_every_article_has_its_presets():
    assert {*ARTICLES, "denoising", "conditional", "vae"} <= set(PRESETS)


def test_the_lesson_puts_the_articles_systems_beside_the_vae(store):
    from course_lib.training.lessons.registry import get_lesson

    lesson = get_lesson("vae")
    run, rival = (trained(store, name, name=f"{name}-scored") for name in ("vae", "dense_vae"))
    result = lesson.evaluate(run, n=8, rivals={"dense_vae": rival})
    assert set(result["rows"]) == {"model", "dense_vae", "shuffled"}
    for name in ("model", "dense_vae"):
        row = result["rows"][name]
        assert 0 <= row["active_share"] <= 1
        assert 0 <= row["label"] <= 1
    # Some thousand numbers: each about as likely as under a standard normal, and what a start is worth.
    own, rival = (result["rows"][name]["iwae"] for name in ("model", "dense_vae"))
    assert -20_000 < rival < -5_000
    assert rival + 1_000 < own < 0
    assert "iwae" not in result["rows"]["shuffled"]


def test_the_lesson_of_generation_asks_the_judge(store):
    from course_lib.training.lessons.registry import get_lesson

    run = trained(store, "conditional_gan", width=8, critic_width=8)
    rows = get_lesson("generation").evaluate(run, n=150)["rows"]
    assert rows["real"]["agreement"] > 0.85 > rows["model"]["agreement"]
    assert rows["model"]["frechet_to_real"] > rows["real"]["frechet_to_real"]
    # A Gaussian for each digit of each voice knows more than six steps of a game.
    assert rows["cells"]["agreement"] > rows["model"]["agreement"] + 0.2


def test_rivals_are_scored_by_the_lesson_in_which_they_are():
    from course_lib.training.lessons.registry import lesson_of

    assert lesson_of("conditional_gan").name == lesson_of("conditional_vae").name == "generation"
    assert lesson_of("conv2d_vae").name == lesson_of("dense_vae").name == "vae"
    with pytest.raises(ValueError, match="no lesson scores runs of 'dense_gan'; there are lessons of auto"):
        lesson_of("dense_gan")
