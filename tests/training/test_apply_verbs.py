"""The verbs in Python: runs that have them, conditions, windows, samples, walks; no model is trained."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from course_lib.audio.files import AudioError
from course_lib.data import catalog
from course_lib.training import apply
from course_lib.training.apply import VERBS, Conditions, Restorer, find_gaps, find_run, verbs_of
from course_lib.training.preset import Preset
from course_lib.training.presets import PRESETS
from course_lib.training.store import Run, RunError, RunStore

sys.path.insert(0, str(Path(__file__).parent))

from untrained_run import SMALL, untrained_run

SR = 8000
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return RunStore(tmp_path_factory.mktemp("verbs"))


@pytest.fixture(scope="module")
def runs(store):
    # The generator without classes is the other's twin: its folder is enough.
    return {name: untrained_run(store.root, name, f"my-{name}", model=name != "gan") for name in SMALL}


@pytest.fixture(scope="module")
def words():
    clips = catalog.load("digits")
    return clips.y[3], clips.y[200]


class Toy:
    """A model with every verb that restores, each a rule that can be checked."""

    def __init__(self):
        self.lengths = []

    def denoise(self, y):
        self.lengths.append(len(y))
        return 0.5 * y

    def enhance(self, y, condition=0):
        return y * (1 + condition)

    def inpaint(self, y, missing):
        return np.where(missing, np.float32(0.25), y)


class Told:
    """A model of two instruments and three pitches that takes every clip for instrument 1, pitch 2."""

    condition_size = 5
    truth = (0, 1, 0, 0, 1)

    def log_weights(self, features, condition, *, samples, seed):
        assert len(features) == len(condition) == 6
        return np.tile(condition @ np.array(self.truth, np.float32), (samples, 1))

    def convert(self, features, condition, wanted):
        assert condition.shape == wanted.shape == (len(features), 5)
        np.testing.assert_array_equal(condition, np.tile(self.truth, (len(features), 1)))
        self.wanted = wanted
        return features

    def reconstruct(self, features, condition):
        self.told = condition
        return features

    def sample(self, n, condition=None, seed=None):
        self.asked = condition
        return np.zeros((n, 128, 64), np.float32)

    def interpolate(self, a, b, steps, *, condition):
        self.told = condition
        return np.linspace(a, b, steps)


@pytest.fixture
def toy_run(runs, monkeypatch):
    """A run of a preset that can do everything, its model a :class:`Toy`."""
    run, toy = runs["autoencoder"], Toy()
    able = Preset()
    able.name, able.verbs = "toy", tuple(VERBS)
    monkeypatch.setitem(PRESETS, "autoencoder", able)
    monkeypatch.setattr(Run, "load_model", lambda self: toy)
    return run


def test_every_preset_says_what_it_can():
    for name, preset in PRESETS.items():
        assert preset.verbs, name
        assert set(preset.verbs) <= set(VERBS), name


def test_what_a_preset_says_its_model_can(runs):
    for name in set(runs) - {"gan"}:
        run = runs[name]
        model = run.load_model()
        for verb in verbs_of(run):
            assert callable(getattr(model, verb)), (name, verb)
        # A separation is not called denoising, and so on.
        assert not [
            verb for verb in ("denoise", "separate") if hasattr(model, verb) != (verb in verbs_of(run))
        ]


def test_the_newest_finished_run_is_taken(runs, store, tmp_path):
    assert find_run("denoise", store=store).name in ("my-denoising", "my-denoising_lstm")
    # Made in the same second: the later in the alphabet.
    assert find_run("separate", store=store).name in ("my-conditional", "my-conditional_notes")
    assert "sample" in verbs_of(find_run("sample", store=store))
    assert "convert" in verbs_of(find_run("convert", store=store))
    untrained_run(tmp_path, "denoising", "running", state="stopped", model=False)
    with pytest.raises(
        RunError, match=r"no finished run .* can denoise; to denoise, train one: course train"
    ):
        find_run("denoise", store=RunStore(tmp_path))
    assert find_run("denoise", "running", RunStore(tmp_path)).name == "running"


def test_a_run_that_cannot_says_what_it_can(runs, store):
    with pytest.raises(
        RunError,
        match="run my-denoising is a denoising run and cannot separate; it can: course apply denoise",
    ):
        find_run("separate", "my-denoising", store)
    with pytest.raises(RunError, match="is an autoencoder run and cannot denoise"):
        apply.denoise(runs["autoencoder"], np.zeros(800, np.float32))
    with pytest.raises(RunError, match=r"it can: course sample\. (No preset|To convert)"):
        find_run("convert", "my-gan", store)
    with pytest.raises(ValueError, match="unknown verb 'sing'; expected one of reconstruct"):
        find_run("sing", store=store)


def test_a_model_without_the_method_is_named(runs, monkeypatch):
    monkeypatch.setattr(Run, "load_model", lambda self: Toy())
    with pytest.raises(RunError, match="holds a Toy, which has no method sample; it has denoise, enhance"):
        apply.sample(runs["gan"], 2)


@pytest.mark.parametrize(("asked", "number"), [("seven", 7), ("SEVEN ", 7), ("7", 7), (7, 7), (0, 0)])
def test_conditions_by_name_and_number(asked, number):
    assert Conditions(DIGITS).number(asked) == number


@pytest.mark.parametrize("asked", ["eleven", "10", "-1", "", "7.0", 10, "seven two"])
def test_unknown_conditions_list_the_valid(asked):
    with pytest.raises(ValueError, match=r"unknown condition .*; expected one of zero \(0\), .*, nine \(9\)"):
        Conditions(DIGITS).number(asked)


def test_names_that_are_numbers_go_before_numbers():
    assert Conditions(("5", "3")).number("5") == 0


def table(path, text: str):
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_of_conditions(tmp_path):
    path = table(tmp_path / "c.csv", "\ufefffile,condition\na.wav,seven\n\n./deep/b.flac, 3\n")
    assert Conditions(DIGITS).read_csv(path, ["a.wav", "deep/b.flac"]) == {"a.wav": 7, "deep/b.flac": 3}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must begin with the line file,condition; received ''"),
        ("a.wav,7\nb.wav,7\n", "must begin with the line file,condition; received 'a.wav,7'"),
        ("file,condition\na.wav,7\n", "c.csv: b.wav has no line"),
        ("file,condition\na.wav,7\nb.wav,1\nc.wav,1\n", "c.wav is not in the folder"),
        ("file,condition\na.wav,7\nb.wav,1\na.wav,1\n", "a.wav is listed 2 times"),
        ("file,condition\na.wav,ten\nb.wav,1\n", "line 2: unknown condition 'ten'; expected one of zero"),
        ("file,condition\na.wav,7\nb.wav\n", "line 3 must have two cells"),
    ],
)
def test_wrong_tables_are_named(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        Conditions(DIGITS).read_csv(table(tmp_path / "c.csv", text), ["a.wav", "b.wav"])


def test_a_table_that_is_missing_or_no_text(tmp_path):
    with pytest.raises(FileNotFoundError, match="no table of conditions at"):
        Conditions(DIGITS).read_csv(tmp_path / "none.csv", [])
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="save it as CSV, UTF-8"):
        Conditions(DIGITS).read_csv(tmp_path / "x.csv", [])


@pytest.mark.parametrize("seconds", [1 / SR, 0.01, 1.0, 15.99, 16.0, 16.01, 29.0, 30.0, 75.3])
def test_long_sounds_go_in_windows_and_keep_their_length(seconds):
    y = np.random.default_rng(0).uniform(-0.5, 0.5, round(seconds * SR)).astype(np.float32)
    toy, seen = Toy(), []
    made = Restorer(toy, "denoise", sr=SR)(y, on_progress=lambda done, total: seen.append((done, total)))
    assert made.dtype == np.float32
    np.testing.assert_allclose(made, 0.5 * y, atol=1e-6)
    assert max(toy.lengths) <= 16 * SR
    # No window holds padding, which would change the level that the model hears.
    assert toy.lengths[-1] == len(y) - (len(toy.lengths) - 1) * 14 * SR
    assert seen == [(number, len(toy.lengths)) for number in range(1, len(toy.lengths) + 1)]


def test_windows_change_nothing_to_speak_of(runs):
    """A network that listens a second to either side, on a sound whose level is the same everywhere."""
    from course_lib.evaluation.signal import si_sdr

    model = runs["denoising"].load_model()
    y = (0.1 * np.random.default_rng(1).standard_normal(20 * SR)).astype(np.float32)
    whole = model.denoise(y)
    made = Restorer(model, "denoise", sr=SR)(y)
    assert si_sdr(whole, made) > 35


@pytest.mark.parametrize("samples", [1, 63, 8000])
@pytest.mark.parametrize("verb", ["denoise", "separate"])
def test_any_length_through_the_masking_models(runs, verb, samples):
    y = (0.1 * np.sin(0.3 * np.arange(samples))).astype(np.float32)
    run, more = (runs["denoising"], {}) if verb == "denoise" else (runs["conditional"], {"condition": "two"})
    made = getattr(apply, verb)(run, y, **more)
    assert made.shape == y.shape
    assert np.isfinite(made).all()
    direct = run.load_model()
    wanted = direct.denoise(y) if verb == "denoise" else direct.separate(y, 2)
    np.testing.assert_allclose(made, wanted, atol=1e-6)


def test_too_long_and_wrong_conditions(runs):
    long = np.zeros(3600 * SR + 1, np.float32)
    with pytest.raises(AudioError, match="lasts 3600 s; expected at most 3600 s"):
        Restorer(Toy(), "denoise", sr=SR)(long)
    y = np.zeros(800, np.float32)
    with pytest.raises(
        ValueError, match="say what to separate: run my-conditional knows the conditions zero, one"
    ):
        apply.open_verb(runs["conditional"], "separate")(y)
    with pytest.raises(ValueError, match=r"run my-denoising takes no condition; received 7"):
        apply.open_verb(runs["denoising"], "denoise")(y, 7)
    with pytest.raises(ValueError, match=r"expected one of reconstruct, denoise, .*; received 'sample'"):
        apply.open_verb(runs["gan"], "sample")


def test_verbs_of_models_to_come(toy_run):
    y = np.random.default_rng(0).uniform(0.1, 0.5, 20 * SR).astype(np.float32)
    np.testing.assert_allclose(apply.enhance(toy_run, y, 1), 2 * y, rtol=1e-6)
    missing = np.zeros(len(y), bool)
    missing[15 * SR : 15 * SR + 300] = True
    np.testing.assert_allclose(apply.inpaint(toy_run, y, missing), np.where(missing, 0.25, y), rtol=1e-6)
    y[[*range(5000, 5160)]] = 0
    filled = apply.inpaint(toy_run, y)
    assert np.all(filled[5000:5160] == 0.25)
    np.testing.assert_allclose(np.delete(filled, np.s_[5000:5160]), np.delete(y, np.s_[5000:5160]), rtol=1e-6)
    with pytest.raises(ValueError, match=r"missing must have the shape of y"):
        apply.inpaint(toy_run, y, missing[:-1])


@pytest.fixture
def told_run(toy_run, monkeypatch):
    """(run, model) of a :class:`Told`, its run naming the fields."""
    told, config = Told(), toy_run.config()
    fields = {"instrument": ["pluck", "bell"], "pitch": [60, 61, 72]}
    monkeypatch.setattr(Run, "config", lambda self: config | {"conditions": fields})
    monkeypatch.setattr(Run, "load_model", lambda self: told)
    return toy_run, told


def test_conversion_changes_what_is_asked_and_keeps_the_rest(told_run, words):
    run, told = told_run
    y = np.concatenate(words)
    made = apply.convert(run, y, instrument="pluck", pitch=60)
    assert made.shape == y.shape
    assert np.abs(made).max() > 0.01
    np.testing.assert_array_equal(told.wanted, np.tile([1, 0, 1, 0, 0], (len(told.wanted), 1)))
    apply.convert(run, y, instrument="pluck")
    np.testing.assert_array_equal(told.wanted[0], [1, 0, 0, 0, 1])
    for wanted, message in (
        ({"pitch": 1}, "unknown pitch '1'; expected one of 60, 61, 72"),
        ({"instrument": "harp"}, r"unknown instrument 'harp'; expected one of pluck \(0\), bell \(1\)"),
        ({"voice": 1}, "unknown condition 'voice'; this run knows instrument, pitch"),
        ({}, "say what to change: instrument, pitch"),
    ):
        with pytest.raises(ValueError, match=message):
            apply.convert(run, y, **wanted)
    told.condition_size = 7
    with pytest.raises(RunError, match=r"it reads 7 numbers, and the run names 5 \(instrument, pitch\)"):
        apply.convert(run, y, pitch=61)


def test_a_model_that_is_told_several_things(told_run, words):
    run, told = told_run
    assert apply.reconstruct(run, words[0]).shape == words[0].shape
    np.testing.assert_array_equal(told.told[0], Told.truth)
    made = apply.sample(run, 6, condition="bell", seed=1)
    assert made.names == ("bell",) * 6
    np.testing.assert_array_equal(told.asked[:, :2], np.tile([0, 1], (6, 1)))
    np.testing.assert_array_equal(told.asked[:, 2:].sum(axis=1), np.ones(6))
    assert apply.sample(run, 3).names == ("pluck", "bell", "pluck")
    assert apply.interpolate(run, *words, steps=3).y.shape == (3, 8192)
    np.testing.assert_array_equal(told.told, Told.truth)


def test_a_conditional_model_knows_what_it_hears():
    """Clips of three kinds: a bump in the first, second or third band."""
    import keras

    from course_lib.models.conditional_vae import ConditionalVAE, condition_prior
    from course_lib.models.networks import dense_decoder, dense_encoder

    keras.utils.set_random_seed(3)
    rng, kind = np.random.default_rng(0), np.arange(240) % 3
    x = 0.1 * rng.standard_normal((240, 8, 4))
    for row, band in enumerate(kind):
        x[row, 2:6, band] += 2 + 0.5 * rng.standard_normal()
    x, fields = x.astype(np.float32), apply.Fields({"kind": ["low", "mid", "high"]})
    networks = dense_encoder((8, 4), 6, width=24, seed=0), dense_decoder((8, 4), 3, width=24, seed=1)
    model = ConditionalVAE(*networks, condition_prior(3, 3, seed=2), initial_scale=0.5)
    model.compile(optimizer=keras.optimizers.Adam(5e-3))
    model.fit([x[:200], fields.rows(kind[:200])], x[:200], epochs=30, batch_size=50, verbose=0)
    guessed = fields.guess(model, x[200:])[:, 0]
    assert np.mean(guessed == kind[200:]) > 0.9
    wanted = np.full(40, fields.numbers({"kind": "high"})[0])
    made = model.convert(x[200:], fields.rows(guessed), fields.rows(wanted))
    assert np.mean(made[:, 2:6, :3].mean(axis=1).argmax(axis=1) == 2) > 0.9


def test_gaps_are_short_silences_inside():
    y = np.full(SR, 0.1, np.float32)
    y[:400] = y[1000:1160] = y[2000:2030] = y[4000:7000] = y[-100:] = 0
    wanted = np.zeros(SR, bool)
    wanted[1000:1160] = True
    np.testing.assert_array_equal(find_gaps(y, sr=SR), wanted)


def test_samples_follow_from_their_seed(runs):
    made, again, other = (apply.sample(runs["conditional_gan"], 12, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(made.y, again.y)
    assert np.abs(made.y - other.y).max() > 1e-3
    assert made.y.shape == (12, 8192)
    assert made.names == (*DIGITS, "zero", "one")
    np.testing.assert_array_equal(made.labels, [*range(10), 0, 1])
    sevens = apply.sample(runs["conditional_gan"], 2, condition="seven", seed=3)
    assert sevens.names == ("seven", "seven")
    direct = runs["conditional_gan"].load_model().sample(2, condition=7, seed=3)
    np.testing.assert_allclose(sevens.features, direct, atol=1e-5)


def test_models_without_classes_sample_too(runs):
    run = runs["autoencoder"]
    made = apply.sample(run, 3)
    assert (made.names, made.labels) == (("sample",) * 3, None)
    assert np.isfinite(made.y).all()
    with pytest.raises(ValueError, match=r"run my-autoencoder takes no condition: .* received 'seven'"):
        apply.sample(run, 1, condition="seven")
    for wrong in (0, 1001):
        with pytest.raises(ValueError, match=f"n must lie between 1 and 1000; received {wrong}"):
            apply.sample(run, wrong)
    with pytest.raises(ValueError, match="seed must lie between 0 and 4294967295; received -1"):
        apply.sample(run, 1, seed=-1)


def test_a_walk_begins_and_ends_at_the_reconstructions(runs, words):
    run = runs["autoencoder"]
    long = np.concatenate([np.zeros(20_000, np.float32), 0.1 * words[0]])
    walk = apply.interpolate(run, long, words[1], steps=5)
    assert walk.y.shape == (5, 8192)
    np.testing.assert_allclose(walk.share, [0, 0.25, 0.5, 0.75, 1])
    from course_lib.data.clips import prepare

    model, representation = run.load_model(), run.representation()
    ends = representation.encode(np.stack([prepare(y)[0] for y in (long, words[1])]))
    np.testing.assert_allclose(walk.features[[0, -1]], model.reconstruct(ends), atol=1e-4)
    joined = walk.joined()
    assert len(joined) == 5 * 8192 - 4 * 256
    np.testing.assert_array_equal(joined[: 8192 - 256], walk.y[0, : 8192 - 256])


def test_a_walk_of_a_steady_tone_has_no_dip():
    tone = np.sin(2 * np.pi * np.arange(8192) / 64).astype(np.float32)
    # 7936 = 124 periods apart, so the tone goes on where one clip fades into the next.
    walk = apply.Walk(np.stack([tone] * 3), np.zeros((3, 1, 1)), np.linspace(0, 1, 3), SR)
    np.testing.assert_allclose(walk.joined(), np.resize(tone, 3 * 8192 - 512), atol=1e-5)


def test_walks_that_cannot_be(runs, words):
    with pytest.raises(ValueError, match="steps must lie between 2 and 64; received 1"):
        apply.interpolate(runs["autoencoder"], *words, steps=1)
    with pytest.raises(AudioError, match="the recording is silent"):
        apply.interpolate(runs["autoencoder"], np.zeros(8000, np.float32), words[1])
    with pytest.raises(RunError, match="is a gan run and cannot interpolate; it can: course sample"):
        apply.interpolate(runs["gan"], *words)
