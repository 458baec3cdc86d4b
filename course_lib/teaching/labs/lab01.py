"""Lab 01, the autoencoder: what it asks and how it judges."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.teaching.check import WrongShape, WrongValue, attempt, same_array, same_shape
from course_lib.teaching.exercise import Answer, Budget, Content, Exercise, Prediction, Question

SHAPE = (128, 64)
MAX_PARAMETERS = 4_000_000


def check_through_pca(function: Any, rng: np.random.Generator) -> str:
    """Exercise 1.1: project on orthonormal components and come back."""
    clips, frames, bands, k = 5, 6, 4, 3
    features = rng.normal(size=(clips, frames, bands)).astype(np.float32)
    mean = rng.normal(size=frames * bands).astype(np.float32)
    components = np.linalg.qr(rng.normal(size=(frames * bands, k)))[0].T.astype(np.float32)
    flat = features.reshape(clips, -1) - mean
    expected = (flat @ components.T @ components + mean).reshape(features.shape)
    before = features.copy()
    got = attempt(function, features, mean, components)
    same_shape(got, features.shape, name="the reconstruction")
    without_mean = (flat @ components.T @ components).reshape(features.shape)
    if np.allclose(np.asarray(got), without_mean, atol=1e-4):
        raise WrongValue("the reconstruction lacks the mean: what was subtracted must be added again")
    same_array(
        got, expected, name="the reconstruction", meaning="project on every component, then add the mean"
    )
    if not np.array_equal(features, before):
        raise WrongValue("`features` was changed in place; work on a copy, or later cells hear the damage")
    return f"{frames * bands} values became {k} numbers and came back as near as {k} components allow."


def _network(function: Any, inputs: tuple, latent_dim: int, output: tuple, name: str) -> Any:
    """Build a learner's network and judge what is the same for encoder and decoder."""
    import keras

    network = attempt(function, SHAPE, latent_dim)
    if not isinstance(network, keras.Model):
        kind = type(network).__name__
        raise WrongValue(f"`{name}` must return keras.Model(inputs, outputs); it returns a {kind}")
    for what, got, expected in (
        ("input", network.input_shape, inputs),
        ("output", network.output_shape, output),
    ):
        if tuple(got[1:]) != expected:
            raise WrongShape(
                f"for {latent_dim} numbers the {what} must be {('batch', *expected)}; it is "
                f"{('batch', *got[1:])}"
            )
    if any(isinstance(layer, keras.layers.Lambda) for layer in network.layers):
        raise WrongValue(
            "a Lambda layer cannot travel to the training process; use keras layers or keras.ops"
        )
    if network.count_params() > MAX_PARAMETERS:
        raise WrongValue(
            f"{network.count_params():,} parameters would not train in the time here; stay under "
            f"{MAX_PARAMETERS:,} "
            "by letting the convolutions shorten the clip before it is flattened"
        )
    return network


def _run(network: Any, x: np.ndarray) -> np.ndarray:
    import keras

    return keras.ops.convert_to_numpy(network(x.astype(np.float32), training=False))


def check_encoder(function: Any, rng: np.random.Generator) -> str:
    """Exercise 1.2: a Conv1D encoder with an unbounded latent that hears the whole clip."""
    import keras

    for latent_dim in (3, 8):
        network = _network(function, SHAPE, latent_dim, (latent_dim,), "build_encoder")
    if not any(isinstance(layer, keras.layers.Conv1D) for layer in network.layers):
        raise WrongValue("no Conv1D layer found: this encoder should slide along time")
    x = rng.normal(size=(16, *SHAPE))
    z = _run(network, x)
    if z.min() >= 0 or z.max() <= 0:
        sign = "below" if z.min() >= 0 else "above"
        raise WrongValue(
            f"none of {z.size} latent numbers lies {sign} 0: leave the last layer without activation"
        )
    if np.abs(_run(network, 1000 * x)).max() <= 1.0001 and not _normalises(network):
        raise WrongValue("the latent never leaves [-1, 1]: leave the last layer without activation")
    for quarter in range(4):
        other = x.copy()
        other[:, quarter * 32 : (quarter + 1) * 32] = rng.normal(size=(16, 32, SHAPE[1]))
        if np.abs(_run(network, other) - z).max() < 1e-6:
            raise WrongValue(
                f"the latent ignores frames {quarter * 32} to {quarter * 32 + 31}: flatten all of the clip"
            )
    return f"{np.prod(SHAPE):,} values become 8 numbers through {network.count_params():,} parameters."


def _normalises(network: Any) -> bool:
    """Whether a layer rescales its input, so that a louder clip need not give larger numbers."""
    return any("normalization" in type(layer).__name__.lower() for layer in network.layers)


def check_decoder(function: Any, rng: np.random.Generator) -> str:
    """Exercise 1.3: from a latent to a clip that may hold any value."""
    for latent_dim in (3, 8):
        network = _network(function, (latent_dim,), latent_dim, SHAPE, "build_decoder")
    z = rng.normal(size=(16, 8))
    out = _run(network, z)
    if out.min() >= 0 or out.max() <= 0:
        side = "below" if out.min() >= 0 else "above"
        raise WrongValue(
            f"no value of the output lies {side} 0, but features are standardised: leave the last layer "
            f"without activation"
        )
    if np.abs(_run(network, 1000 * z)).max() <= 1.0001 and not _normalises(network):
        raise WrongValue(
            "the output never leaves [-1, 1], features reach ±3: leave the last layer without activation"
        )
    if out.std(axis=1).max() < 1e-6:
        raise WrongValue("all frames are equal: the decoder must draw time, not repeat one frame")
    for number in range(8):
        other = z.copy()
        other[:, number] += 1
        if np.abs(_run(network, other) - out).max() < 1e-6:
            raise WrongValue(f"the output ignores latent number {number}")
    return f"8 numbers become {np.prod(SHAPE):,} values through {network.count_params():,} parameters."


def check_quantise(function: Any, rng: np.random.Generator) -> str:
    """Exercise 1.4: a uniform quantiser, per latent number, that clips what lies outside."""
    for bits in (1, 3, 8):
        levels = 2**bits
        low = -1 - rng.random(4).astype(np.float32)
        high = 1 + rng.random(4).astype(np.float32)
        z = rng.uniform(-2.5, 2.5, size=(6, 4)).astype(np.float32)
        step = (high - low) / (levels - 1)
        position = (z - low) / step
        # A value half-way between two levels may be rounded either way: keep the questions off it.
        z = np.where(np.abs(position % 1 - 0.5) < 0.05, z + 0.1 * step, z).astype(np.float32)
        codes = np.clip(np.round((z - low) / step), 0, levels - 1).astype(int)
        got = attempt(function, z, low, high, bits)
        if not isinstance(got, tuple) or len(got) != 2:
            raise WrongShape("`quantise` must return two arrays: codes, z_hat")
        same_shape(got[0], z.shape, name="codes")
        same_shape(got[1], z.shape, name="z_hat")
        got_codes = np.asarray(got[0])
        if not np.issubdtype(got_codes.dtype, np.integer):
            raise WrongValue(
                f"codes are what is sent: whole numbers, not {got_codes.dtype}; use .astype(int)"
            )
        if got_codes.min() < 0 or got_codes.max() > levels - 1:
            outside = got_codes.min() if got_codes.min() < 0 else got_codes.max()
            raise WrongValue(f"with {bits} bits codes run from 0 to {levels - 1}; found {outside}: clip them")
        same_array(got_codes, codes, name=f"codes ({bits} bits)", meaning=f"{levels} levels from low to high")
        same_array(
            got[1], low + codes * step, name=f"z_hat ({bits} bits)", meaning="code 0 is low, the last is high"
        )
    return "codes stay in range, and the way back lands within half a step."


def check_clinic(function: Any, rng: np.random.Generator) -> str:
    """Exercise 1.5: the tutorial's autoencoder, repaired."""
    import keras

    clips, frames, bands = 3, 16, 12
    features = rng.normal(size=(clips, frames, bands)).astype(np.float32)
    got = attempt(function, features)
    if not isinstance(got, tuple) or len(got) != 2 or not isinstance(got[0], keras.Model):
        raise WrongShape("`repaired` must return two things: the compiled model and its data")
    model, data = got
    data = np.asarray(data)
    if data.shape == (frames, bands):
        raise WrongShape(
            f"the data are the {frames} frames of one clip; expected those of all {clips}: "
            f"{(clips * frames, bands)}"
        )
    same_array(data, features.reshape(-1, bands), name="the data")
    out = _run(model, data)
    same_shape(out, data.shape, name="the model's output")
    sums = out.sum(axis=1)
    if np.abs(sums - 1).max() < 1e-3:
        raise WrongValue(
            "every output frame sums to 1.000: it is still a probability, "
            f"while the first frame to rebuild sums to {data[0].sum():.2f}"
        )
    if out.min() >= 0 or (np.abs(_run(model, 1e3 * data)).max() <= 1.0001 and not _normalises(model)):
        raise WrongValue(
            "the output is still squeezed by its last activation; the data go below 0 and beyond 1"
        )
    target = keras.ops.convert_to_tensor(data)
    perfect = float(model.compute_loss(x=target, y=target, y_pred=target))
    off = float(model.compute_loss(x=target, y=target, y_pred=target + 0.5))
    if abs(perfect) > 1e-5 or off <= perfect:
        raise WrongValue(
            f"a perfect copy costs {perfect:.2f} and one that is 0.5 off costs {off:.2f}; "
            "expected 0 and more: choose a loss that measures a distance"
        )
    return "all clips are learnt from, any value can come out, and a perfect copy costs nothing."


EXERCISES = (
    Exercise(
        "1.1",
        "the linear autoencoder",
        "through_pca",
        2,
        check_through_pca,
        (
            "Make every clip one row: features.reshape(len(features), -1). Subtract the mean before you "
            "project.",
            "numbers = (flat - mean) @ components.T has shape (clips, k). Multiply by components to come "
            "back, add "
            "the mean, reshape to features.shape.",
        ),
    ),
    Exercise(
        "1.2",
        "the encoder",
        "build_encoder",
        3,
        check_encoder,
        (
            "Three Conv1D layers with strides=2 and padding='same' shorten 128 frames to 16. Then flatten.",
            "Start x = inputs; in a loop over three widths: x = layers.Conv1D(width, 5, strides=2, "
            "padding='same', "
            "activation='gelu')(x). End with layers.Dense(latent_dim)(layers.Flatten()(x)), no activation.",
        ),
    ),
    Exercise(
        "1.3",
        "the decoder",
        "build_decoder",
        3,
        check_decoder,
        (
            "Walk the encoder backwards: Dense to 16 frames × 128, Reshape, then double the frames three "
            "times.",
            "Double with layers.UpSampling1D(2) followed by a Conv1D with padding='same'. The last Conv1D "
            "has bands "
            "filters and no activation: features may be any number.",
        ),
    ),
    Exercise(
        "1.4",
        "the codec",
        "quantise",
        2,
        check_quantise,
        (
            "With 2**bits levels there are 2**bits - 1 steps between low and high. Round to the nearest "
            "level.",
            "step = (high - low) / (2**bits - 1); codes = np.clip(np.round((z - low) / step), 0, 2**bits - 1)"
            ".astype(int); and back: low + codes * step.",
        ),
    ),
    Exercise(
        "1.5",
        "the clinic",
        "repaired",
        3,
        check_clinic,
        (
            "Two things are wrong. How many clips does the model ever see? And which numbers can a softmax "
            "produce?",
            "Use the frames of all clips: clips.reshape(-1, clips.shape[-1]). Let the last Dense have no "
            "activation, "
            "and choose a loss that is 0 for a perfect copy: 'mse' or 'mae'.",
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        "1.P1",
        "64 numbers a clip, voices that nobody trained on. Which comes back closer to the original: your "
        "convolutional network after its short training, or PCA?",
        ("the network, clearly", "about the same", "PCA, clearly"),
    ),
    Prediction(
        "1.P2",
        "A reader of digits learns from your 64 numbers of six voices. Then it is tested twice: on other "
        "recordings of the same six voices, and on ten voices it never met. What happens to its score?",
        ("nothing: a digit is a digit", "it falls by 5 to 15 points", "it falls by more than 15 points"),
    ),
)

QUESTIONS = (
    Question(
        "1.Q1",
        "An encoder of one linear layer, a decoder of one linear layer, 64 numbers between, trained "
        "perfectly on "
        "squared error. How good can it be on its training clips?",
        (
            Answer(
                "Better than PCA: it is a neural network.",
                "A chain of linear layers is one linear map, and PCA is the best of those.",
            ),
            Answer(
                "Exactly as good as PCA with 64 components.",
                "Yes: PCA is the best linear way through 64 numbers. Only the non-linear layers can do "
                "better.",
                right=True,
            ),
            Answer(
                "Worse than PCA: gradient descent only approximates.",
                "In practice it stops a little short, but the question says trained perfectly: then it "
                "equals PCA.",
            ),
        ),
    ),
    Question(
        "1.Q2",
        "The training loss keeps falling; the held-out loss fell and now rises. What would you hear?",
        (
            Answer(
                "All clips get worse.",
                "The training loss falls, so at least the training clips still improve.",
            ),
            Answer(
                "All clips improve, only more slowly.",
                "A rising held-out loss means that clips from outside the training set get worse.",
            ),
            Answer(
                "Training clips improve; new voices get worse.",
                "Yes: the network is learning its training clips by heart, and the rising curve is that, "
                "drawn.",
                right=True,
            ),
        ),
    ),
    Question(
        "1.Q3",
        "A paper reads digits at 99 %, its 3,000 recordings of six people split at random. What do you "
        "know about "
        "a seventh person?",
        (
            Answer(
                "Nearly nothing: every tested voice was also trained on.",
                "Yes: the score is honest about those six voices, and silent about any other. Split by "
                "speaker.",
                right=True,
            ),
            Answer(
                "She will be understood in 99 of 100 cases.",
                "The test never met a new voice, so it cannot say so.",
            ),
            Answer(
                "Nothing, because 3,000 recordings are too few.",
                "The number of clips is not the trouble: the same voices stand on both sides of the split.",
            ),
        ),
    ),
)

CONTENT = Content(
    number="01",
    title="Autoencoder",
    notebook="01_autoencoder.ipynb",
    exercises=EXERCISES,
    questions=QUESTIONS,
    predictions=PREDICTIONS,
    budgets={
        "yours": Budget("your network, 64 numbers", epochs=24, seconds=75),
        "narrow": Budget("three narrower ones, each", epochs=16, seconds=30),
        "dense": Budget("a dense network, 64 numbers", epochs=24, seconds=30),
        "challenge": Budget("the challenge, if you take it", epochs=80, seconds=85),
    },
    names={
        "teaching": "section 1",
        "lab": "the set-up cell of section 2",
        **dict.fromkeys(("clip", "picture"), "section 4"),
        "through_pca": "the cell of exercise 1.1",
        **dict.fromkeys(("pca", "pca_test", "pca_error", "SIZES"), "section 5"),
        **dict.fromkeys(("keras", "layers", "networks", "build_encoder"), "the cell of exercise 1.2"),
        "build_decoder": "the cell of exercise 1.3",
        "run": "the first cell of section 7, which starts the training",
        **dict.fromkeys(("model", "mine", "error"), "the cell of section 7 that waits for the training"),
        **dict.fromkeys(("words", "stoi", "models", "net_test", "net_error"), "section 8"),
        "quantise": "the cell of exercise 1.4",
        **dict.fromkeys(("z_train", "z_test"), "the listening cell of section 10"),
        **dict.fromkeys(("known", "unknown"), "section 11"),
        **dict.fromkeys(("tutorial", "listen", "broken"), "the first cell of section 13"),
        "repaired": "the cell of exercise 1.5",
    },
)
