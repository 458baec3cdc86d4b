"""Batches follow from seed, epoch and number, on every backend; variations are what they say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from course_lib.audio.mu_law import MuLaw
from course_lib.data.augment_signal import AugmentSignal
from course_lib.data.batches import Batches, dataset
from course_lib.data.features import CacheDamaged, cached_features, features_path
from course_lib.data.generated_source import GeneratedSource

ROOT = Path(__file__).parents[2]


@pytest.fixture
def numbered() -> np.ndarray:
    """Twenty clips of features, shape (20, 2, 3), each filled with its number."""
    return np.arange(20, dtype=np.float32)[:, None, None] * np.ones((1, 2, 3), np.float32)


def _order(batches: Batches, epoch: int) -> list[int]:
    return [int(x[0, 0]) for index in range(batches.per_epoch) for x in batches.read(epoch, index)[0]]


def test_every_clip_once_in_an_order_of_seed_and_epoch(numbered):
    batches = Batches(numbered, batch_size=8, seed=3)
    assert batches.per_epoch == 3
    first = _order(batches, 0)
    assert sorted(first) == list(range(20))
    assert first != list(range(20))
    assert _order(batches, 1) != first
    assert _order(batches, 0) == first, "going back gives the same again"
    assert _order(Batches(numbered, batch_size=8, seed=3), 0) == first
    assert _order(Batches(numbered, batch_size=8, seed=4), 0) != first
    assert _order(Batches(numbered, batch_size=8, shuffle=False), 5) == list(range(20))
    assert [len(batches.read(0, index)[0]) for index in range(3)] == [8, 8, 4]


def test_only_some_rows(numbered):
    chosen = np.array([3, 17, 5, 11])
    batches = Batches(numbered, batch_size=3, only=chosen, pair=lambda x, rows: (x, rows))
    assert batches.per_epoch == 2
    assert sorted(_order(batches, 0)) == [3, 5, 11, 17]
    x, rows = batches.read(0, 1)
    assert x[0, 0, 0] == rows[0], "rows are those of the data"


def test_variations_are_fresh_in_each_epoch_and_the_same_for_input_and_target(numbered):
    def shift(x, rng):
        return x + rng.uniform(0, 0.5)

    batches = Batches(numbered, batch_size=8, augment=shift, encode=lambda x: 2 * x)
    given, wanted = batches.read(2, 1)
    np.testing.assert_array_equal(given, wanted)
    assert given.dtype == np.float32
    np.testing.assert_array_equal(given, batches.read(2, 1)[0])
    shifts = {float(batches.read(epoch, index)[0].min() / 2 % 1) for epoch in range(2) for index in range(3)}
    assert len(shifts) == 6
    clean = numbered[batches.rows(2, 1)]
    assert 0 < (given / 2 - clean).min() <= 0.5
    np.testing.assert_allclose(given / 2 - clean, (given / 2 - clean)[0, 0, 0], atol=1e-6)


def test_a_training_on_the_fly_equals_encoding_varied_clips():
    y = GeneratedSource(12).samples()
    batches = Batches(y, batch_size=5, seed=1, augment=AugmentSignal(), encode=MuLaw().encode)
    rows = batches.rows(4, 2)
    expected = MuLaw().encode(AugmentSignal()(y[rows], np.random.default_rng((1, 4, 2))))
    np.testing.assert_array_equal(batches.read(4, 2)[0], expected)
    assert expected.shape == (2, 128, 64)


def test_a_mapped_file_gives_the_same_batches_and_says_when_it_is_cut(cache):
    source = GeneratedSource(30)
    mapped = cached_features(source, MuLaw())
    chosen = np.arange(5, 30)
    options = {"batch_size": 7, "only": chosen, "seed": 2}
    for epoch in range(2):
        for index in range(4):
            np.testing.assert_array_equal(
                Batches(mapped, **options).read(epoch, index)[0],
                Batches(np.array(mapped), **options).read(epoch, index)[0],
            )
    # A slice of a map keeps the offset of the whole: it must not be read as a file.
    np.testing.assert_array_equal(
        Batches(mapped[10:], batch_size=7).read(0, 0)[0],
        Batches(np.array(mapped[10:]), batch_size=7).read(0, 0)[0],
    )
    os.truncate(features_path(source, MuLaw()), 5000)
    with pytest.raises(CacheDamaged, match="was cut while it was read"):
        Batches(mapped, batch_size=30).read(0, 0)


def test_wrong_arguments_are_refused(numbered):
    with pytest.raises(ValueError, match="batch_size of at least 1; received 20 and 0"):
        Batches(numbered, batch_size=0)
    with pytest.raises(ValueError, match="received 0 and 4"):
        Batches(numbered, batch_size=4, only=np.array([], int))
    for wrong in (np.array([0, 20]), np.array([-1]), np.ones(20, bool)):
        with pytest.raises(ValueError, match="integers from 0 to 19"):
            Batches(numbered, batch_size=4, only=wrong)
    batches = Batches(numbered, batch_size=8)
    with pytest.raises(ValueError, match="a batch below 3; received 0, 3"):
        batches.read(0, 3)
    with pytest.raises(ValueError, match="first batch below 3"):
        dataset(batches, epochs=1, first_batch=3)
    with pytest.raises(ValueError, match="at least one epoch"):
        dataset(batches, epochs=0)
    with pytest.raises(ValueError, match="threads must be at least 1; received 0"):
        dataset(batches, epochs=1, threads=0)


def test_light_modules_stay_light():
    modules = ("batches", "features", "encode", "cluster", "augment_signal", "recorded_source", "memory")
    heavy = ("keras", "tensorflow", "distributed", "dask", "librosa", "sklearn")
    code = (
        f"import sys, {', '.join(f'course_lib.data.{name}' for name in modules)}\n"
        f"print(sorted(set({heavy}) & set(sys.modules)))"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    child = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert child.stdout.strip() == "[]"


# Signals, varied


def _pitch(y: np.ndarray, sr: int = 8000) -> float:
    """Frequency of the spectrum's peak, by a parabola through its logarithm."""
    spectrum = np.log(np.abs(np.fft.rfft(y * np.hanning(len(y)))) + 1e-12)
    k = int(np.argmax(spectrum))
    a, b, c = spectrum[k - 1 : k + 2]
    return (k + (a - c) / (2 * (a - 2 * b + c))) * sr / len(y)


@pytest.fixture
def tone() -> np.ndarray:
    """A steady 500 Hz between 64 ms and 0.6 s, amplitude 0.2, shape (8192,)."""
    t = np.arange(8192) / 8000
    return (0.2 * np.sin(2 * np.pi * 500 * t) * ((t >= 0.064) & (t < 0.6))).astype(np.float32)


def test_speed_moves_pitch_and_end_but_not_the_onset(tone):
    y = np.stack([tone] * 12)
    varied = AugmentSignal(speed=0.2, gain_db=0, offset_seconds=0)(y, np.random.default_rng(0))
    faster = 1 + 0.2 * np.random.default_rng(0).uniform(-1, 1, size=(3, 12))[0]
    assert np.ptp(faster) > 0.2
    for clip, speed in zip(varied, faster, strict=True):
        assert _pitch(clip[600:4000]) == pytest.approx(500 * np.round(1000 * speed) / 1000, rel=2e-3)
        loud = np.flatnonzero(np.abs(clip) > 0.02)
        assert loud[0] == pytest.approx(512, abs=8)
        assert loud[-1] == pytest.approx(512 + (4800 - 512) / speed, abs=12)
        assert np.abs(clip).max() == pytest.approx(0.2, rel=0.15)


def test_gain_is_exact_and_never_clips(tone):
    y = np.stack([tone] * 200)
    varied = AugmentSignal(speed=0, gain_db=6, offset_seconds=0)(y, np.random.default_rng(1))
    louder = 6 * np.random.default_rng(1).uniform(-1, 1, size=(3, 200))[1]
    np.testing.assert_allclose(
        20 * np.log10(np.abs(varied).max(axis=1) / np.abs(tone).max()), louder, atol=1e-4
    )
    loud = AugmentSignal(speed=0.1, gain_db=40, offset_seconds=0)(y, np.random.default_rng(1))
    assert np.abs(loud).max() <= 1 + 1e-6
    assert (np.abs(loud).max(axis=1) > 0.9999).sum() > 50
    assert not AugmentSignal()(np.zeros((3, 8192), np.float32), np.random.default_rng(0)).any()


def test_offset_moves_by_whole_samples_and_loses_nothing_audible(tone):
    y = np.stack([tone] * 20)
    varied = AugmentSignal(speed=0, gain_db=0, offset_seconds=0.02)(y, np.random.default_rng(2))
    later = np.random.default_rng(2).uniform(-1, 1, size=(3, 20))[2]
    for clip, shift in zip(varied, np.round(160 * later).astype(int), strict=True):
        np.testing.assert_array_equal(clip[600 + shift : 4700 + shift], tone[600:4700])
        assert np.flatnonzero(clip)[0] == np.flatnonzero(tone)[0] + shift


def test_a_sound_cut_by_the_clip_dies_away():
    y = np.full((8, 8192), 0.5, np.float32)
    varied = AugmentSignal(speed=0.3, gain_db=0, offset_seconds=0)(y, np.random.default_rng(3))
    slower = np.random.default_rng(3).uniform(-1, 1, size=(3, 8))[0] < -0.1
    assert slower.any()
    assert np.abs(varied[slower, -1]).max() < 0.001
    assert np.abs(varied[slower, -100]).min() > 0.4


def test_variations_follow_from_the_generator(tone):
    y = np.stack([tone] * 4)
    vary = AugmentSignal()
    np.testing.assert_array_equal(vary(y, np.random.default_rng(5)), vary(y, np.random.default_rng(5)))
    assert not np.array_equal(vary(y, np.random.default_rng(5)), vary(y, np.random.default_rng(6)))
    assert not np.array_equal(vary(y, np.random.default_rng(5))[0], vary(y, np.random.default_rng(5))[1])
    for name, value in (("speed", 0.6), ("gain_db", -1), ("offset_seconds", float("nan"))):
        with pytest.raises(ValueError, match=f"{name} must lie between 0 and"):
            AugmentSignal(**{name: value})


# Keras


PAIRED = 19


@pytest.fixture(scope="module")
def keras():
    """Keras, late: its import takes seconds."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    return keras


def _labelled(x: np.ndarray, rows: np.ndarray):
    return {"features": x, "label": rows % 10}, x


@pytest.fixture
def labelled(numbered) -> Batches:
    """Three batches an epoch, the last one smaller, of two inputs and a target, augmented."""
    return Batches(
        numbered[:PAIRED], batch_size=8, seed=9, augment=lambda x, rng: x + rng.random(), pair=_labelled
    )


FROM_THE_FOURTH = {"epochs": 2, "first_epoch": 1, "first_batch": 1}


def _same(found, expected) -> None:
    (inputs, targets), (own, own_targets) = found, expected
    for name in ("features", "label"):
        np.testing.assert_array_equal(inputs[name], own[name])
    np.testing.assert_array_equal(targets, own_targets)


@pytest.mark.parametrize("threads", [1, 4])
def test_py_dataset_gives_the_batches_in_order_from_any_place(keras, labelled, threads):
    plain = dataset(labelled, backend="jax", threads=threads, **FROM_THE_FOURTH)
    assert isinstance(plain, keras.utils.PyDataset)
    assert plain.num_batches == 5
    # Keras looks at the first one before it begins, and may begin again.
    for index in (0, 0, 1, 2, 3, 4, 0, 3, 4):
        _same(plain[index], labelled.read(*divmod(4 + index, 3)))
    endless = dataset(labelled, backend="torch", epochs=None, first_epoch=2)
    assert endless.num_batches is None
    _same(endless[1000], labelled.read(*divmod(1006, 3)))


def test_tf_data_gives_the_batches_in_order_from_any_place(keras, labelled):
    pytest.importorskip("tensorflow", reason="tf.data is TensorFlow's")
    streamed = dataset(labelled, backend="tensorflow", **FROM_THE_FOURTH)
    assert streamed.cardinality() == 5
    assert streamed.element_spec[0]["features"].shape.as_list() == [None, 2, 3]
    assert streamed.element_spec[0]["label"].dtype.name == "int64"
    for _ in range(2):
        for number, found in zip(range(4, 9), streamed.as_numpy_iterator(), strict=True):
            _same(found, labelled.read(*divmod(number, 3)))
    endless = dataset(labelled, backend="tensorflow", epochs=None).take(100).as_numpy_iterator()
    _same(list(endless)[-1], labelled.read(33, 0))


def test_a_batch_that_cannot_be_read_says_why(keras, numbered):
    def fail(x, rng):
        raise ValueError("this clip is broken")

    broken = dataset(Batches(numbered, batch_size=8, augment=fail), epochs=1, backend="jax")
    with pytest.raises(ValueError, match="this clip is broken"):
        broken[0]


def test_training_is_the_one_by_hand_on_any_backend_and_when_resumed(keras):
    features = MuLaw(n_samples=512, hop_length=16).encode(GeneratedSource(20, n_samples=512).samples())
    batches = Batches(features, batch_size=8, seed=1, augment=lambda x, rng: x * rng.uniform(0.5, 1.5))
    own = keras.backend.backend()

    def model():
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((32, 16)), keras.layers.Dense(4), keras.layers.Dense(16)])
        model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
        return model

    by_hand = model()
    for number in range(9):
        by_hand.train_on_batch(*batches.read(*divmod(number, 3)))

    def trained(*parts: tuple[dict, int, int], backend: str = own, threads: int = 2) -> list[np.ndarray]:
        fitted = model()
        for where, epochs, steps in parts:
            data = dataset(batches, backend=backend, threads=threads, **where)
            fitted.fit(data, epochs=epochs, steps_per_epoch=steps, shuffle=False, verbose=0)
        assert int(fitted.optimizer.iterations) == 9
        return fitted.get_weights()

    whole = ({"epochs": 3}, 3, 3)
    # Stopped after two of three batches, then the rest of that epoch, then the others.
    parts = (
        ({"epochs": 1}, 1, 2),
        ({"epochs": 1, "first_batch": 2}, 1, 1),
        ({"epochs": 2, "first_epoch": 1}, 2, 3),
    )
    alternatives = [
        trained(whole),
        trained(whole, threads=4),
        trained(*parts),
        trained(({"epochs": None}, 3, 3)),
    ]
    if own == "tensorflow":
        # It reads a PyDataset as well.
        alternatives += [trained(whole, backend="jax"), trained(*parts, backend="jax")]
    for other in alternatives:
        for found, expected in zip(other, by_hand.get_weights(), strict=True):
            np.testing.assert_allclose(found, expected, atol=1e-6)
        for found, expected in zip(other, alternatives[0], strict=True):
            np.testing.assert_array_equal(found, expected)
