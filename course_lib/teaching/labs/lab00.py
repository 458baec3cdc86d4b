"""Lab 00, sound as data: what it asks and how it judges."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from course_lib.teaching.check import WrongShape, WrongValue, attempt, same_array, same_shape
from course_lib.teaching.exercise import Answer, Content, Exercise, Prediction, Question

BLOCK_SECONDS = 0.05
# Borders in Hz of the four regions whose levels must survive the clinic.
REGIONS = (0, 500, 1000, 2000, 4000)


def check_folded(function: Any, rng: np.random.Generator) -> str:
    """Exercise 0.1: where a tone lands after sampling."""
    rates = [8000, *(int(rng.integers(20, 400)) * 100 for _ in range(4))]
    for sr in rates:
        # Below half the rate, just above, beyond the rate, far beyond; never on a border, which is both.
        for share in (0.31, 0.62, 1.2, 1.83, 5.3):
            frequency = round(float(share + rng.uniform(-0.05, 0.05)) * sr)
            expected = abs((frequency + sr / 2) % sr - sr / 2)
            got = attempt(function, frequency, sr)
            if np.ndim(got) != 0:
                raise WrongShape(f"one frequency goes in and one comes out; received shape {np.shape(got)}")
            got = float(got)
            if abs(got - expected) <= 0.5:
                continue
            said = f"a tone of {frequency} Hz sampled at {sr} Hz sounds at {expected:.0f} Hz, not {got:.0f}"
            if abs(got + expected) <= 0.5:
                raise WrongValue(f"{said}: the distance to a multiple of the rate has no sign")
            if got > sr / 2:
                raise WrongValue(f"{said}: nothing above {sr / 2:.0f} Hz can be heard at that rate")
            raise WrongValue(f"{said}: take the distance to the nearest multiple of {sr} Hz")
    return "25 tones land where they sound, however far above half the rate they are."


def check_quantise(function: Any, rng: np.random.Generator) -> str:
    """Exercise 0.2: a uniform quantiser that keeps silence silent and clips what lies outside."""
    for bits in (2, 5, 12):
        step = 2 / 2**bits
        y = rng.uniform(-1.4, 1.4, size=200)
        y[0] = 0.0
        # Half-way between two levels either is right: keep the questions off it.
        y = np.where(np.abs(y / step % 1 - 0.5) < 0.05, y + 0.1 * step, y)
        expected = np.clip(np.round(y / step) * step, -1, 1 - step)
        before = y.copy()
        got = attempt(function, y, bits)
        same_shape(got, y.shape, name="the quantised sound")
        got = np.asarray(got, np.float64)
        if not np.array_equal(y, before):
            raise WrongValue("`y` was changed in place; work on a copy, or later cells hear the damage")
        if abs(got[0]) > 1e-9:
            raise WrongValue(f"silence became {got[0]:.4f} at {bits} bits: round, so that 0 is a level")
        if np.abs(got).max() > 1 + 1e-9:
            raise WrongValue(
                f"a level of {np.abs(got).max():.2f} lies beyond full scale: clip to [-1, 1 - step]"
            )
        if len(np.unique(np.round(got / step, 6))) > 2**bits:
            raise WrongValue(f"{bits} bits can name {2**bits} levels; found {len(np.unique(got))}")
        same_array(
            got,
            expected,
            name=f"the sound at {bits} bits",
            atol=1e-6,
            meaning=f"levels are {step:g} apart, the highest is 1 - step",
        )
    return "every sample lies on the nearest level, silence is silent, and nothing leaves [-1, 1)."


def check_magnitudes(function: Any, rng: np.random.Generator) -> str:
    """Exercise 0.3: the magnitudes of a short-time Fourier transform, without padding."""
    for n_fft, hop, samples in ((64, 16, 400), (32, 32, 100)):
        y = rng.normal(size=samples)
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
        frames = np.lib.stride_tricks.sliding_window_view(y, n_fft)[::hop]
        plain = np.abs(np.fft.rfft(frames * window, axis=-1))
        expected = plain / (window.sum() / 2)
        got = attempt(function, y, window, hop)
        if getattr(got, "shape", None) == expected.T.shape:
            raise WrongShape(
                f"(frames, bins) is {expected.shape}; yours is the other way round: a frame is a row here"
            )
        same_shape(got, expected.shape, name="the spectrogram")
        if np.iscomplexobj(got):
            raise WrongValue("the values are complex: take np.abs of them")
        if np.allclose(got, plain, atol=1e-6):
            raise WrongValue("a full-scale sine must reach 1.0: divide by half the window's sum")
        if np.allclose(got, np.abs(np.fft.rfft(frames, axis=-1)) / (window.sum() / 2), atol=1e-6):
            raise WrongValue("the window is missing: multiply every frame by it before the transform")
        same_array(got, expected, name="the spectrogram", meaning="frame i begins at sample i * hop")
    return "every frame begins one hop after the last, and a full-scale sine reaches 1.0."


def check_cepstrum(function: Any, rng: np.random.Generator) -> str:
    """Exercise 0.4: MFCCs of log-mel bands, and the bands that they still describe."""
    import scipy.fft

    frames, bands = 7, 16
    log_mel = rng.normal(size=(frames, bands))
    before = log_mel.copy()
    for k in (4, 16):
        everything = scipy.fft.dct(log_mel, axis=-1, norm="ortho")
        kept = np.where(np.arange(bands) < k, everything, 0)
        smooth = scipy.fft.idct(kept, axis=-1, norm="ortho")
        got = attempt(function, log_mel, k)
        if not isinstance(got, tuple) or len(got) != 2:
            raise WrongShape("`cepstrum` must return two arrays: mfcc, smooth")
        if not np.array_equal(log_mel, before):
            raise WrongValue("`log_mel` was changed in place; work on a copy, or later cells see the damage")
        same_shape(got[0], (frames, k), name="mfcc")
        same_shape(got[1], (frames, bands), name="smooth")
        along_time = scipy.fft.dct(log_mel, axis=0, norm="ortho")[:, :k]
        if np.allclose(got[0], along_time, atol=1e-6):
            raise WrongValue("the transform ran along time: axis=-1, over the bands of each frame")
        if np.allclose(got[0], scipy.fft.dct(log_mel, axis=-1)[:, :k], atol=1e-6):
            raise WrongValue('without norm="ortho" the way back is not the transpose; use it both ways')
        same_array(got[0], everything[:, :k], name="mfcc", meaning="the first k cosines of each frame")
        same_array(got[1], smooth, name="smooth", meaning="the dropped coefficients count as zero")
    return "k coefficients a frame; with all of them every band comes back, with fewer the frame is smoother."


def check_clinic(function: Any, rng: np.random.Generator) -> str:
    """Exercise 0.5: the tutorial's save, repaired: a file goes in, a sound of 40 MFCCs comes out."""
    import soundfile

    sr = 11025
    y = _tune(rng, sr)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "source.wav", Path(folder) / "target.wav"
        soundfile.write(source, y, sr)
        attempt(_returning(function), str(source), str(target))
        if not target.exists():
            raise WrongValue("nothing was written to `target`; soundfile.write(target, y, sr) does it")
        made, rate = soundfile.read(target, dtype="float32")
    if made.ndim != 1:
        raise WrongShape(f"the file has {made.shape[1]} channels of {len(made)} samples: that is the matrix")
    seconds, expected = len(made) / rate, len(y) / sr
    if rate != sr:
        raise WrongValue(
            f"a recording at {sr} Hz came back at {rate} Hz: ask the file (librosa.load(source, sr=None))"
        )
    if abs(seconds - expected) > 0.1:
        raise WrongValue(
            f"{expected:.2f} s went in and {seconds:.2f} s came out: samples are needed, not coefficients"
        )
    size = min(len(made), len(y))
    if np.abs(made[:size] - y[:size]).max() < 1e-3:
        raise WrongValue("the file is a copy of the source: it must go through 40 MFCCs and back")
    levels = _blocks(made[:size], sr), _blocks(y[:size], sr)
    follows = np.corrcoef(levels[0].ravel(), levels[1].ravel())[0, 1] if np.ptp(levels[0]) else 0.0
    # Good inverses follow by 0.6 to 1, whatever their sizes; a written matrix by less than 0.2.
    if follows < 0.4:
        raise WrongValue(
            f"where and when it is loud follows the source by {follows:.2f} (1 is exactly, 0 not at all): "
            "what was written is not the sound"
        )
    return f"a recording at {sr} Hz came back at its own rate, as long as it was, and recognisable."


def _returning(function: Any) -> Any:
    """``function`` with True for an answer, under its own name; what is no function stays as it is."""
    if not callable(function):
        return function

    def called(*arguments: Any) -> bool:
        function(*arguments)
        return True

    called.__name__ = getattr(function, "__name__", "your function")
    return called


def _tune(rng: np.random.Generator, sr: int) -> np.ndarray:
    """Three notes with silence between, shape (samples,): quick to make, impossible to mistake."""
    from course_lib.audio.synthesis.play import note

    gap = np.zeros(round(0.05 * sr), np.float32)
    pitches = rng.permutation([52, 60, 69]) + int(rng.integers(0, 3))
    parts = [note("bowed", int(midi), sr=sr, n_samples=round(0.15 * sr), seed=1) for midi in pitches]
    return np.concatenate([part for each in parts for part in (each, gap)])


def _blocks(y: np.ndarray, sr: int) -> np.ndarray:
    """Levels in dB of four frequency regions in blocks of 50 ms: coarse enough for any good inverse."""
    size = round(BLOCK_SECONDS * sr)
    blocks = np.resize(y, (len(y) // size, size)) * np.hanning(size)
    power = np.abs(np.fft.rfft(blocks, axis=-1)) ** 2 / size**2
    hertz = np.fft.rfftfreq(size, 1 / sr)
    regions = [power[:, (hertz >= a) & (hertz < b)].sum(axis=-1) for a, b in itertools.pairwise(REGIONS)]
    return 10 * np.log10(np.maximum(np.stack(regions), 1e-7))


EXERCISES = (
    Exercise(
        "0.1",
        "the folded tone",
        "folded",
        2,
        check_folded,
        (
            "Samples cannot tell a tone of f Hz from one of f - sr, f - 2 sr, and so on. Which of them "
            "is nearest 0?",
            "round(frequency / sr) says which multiple of sr is nearest; the distance to it, without its "
            "sign, is "
            "what sounds.",
        ),
    ),
    Exercise(
        "0.2",
        "the quantiser",
        "quantise",
        2,
        check_quantise,
        (
            "2**bits levels share the range from -1 to 1: how far apart are they? Round to the nearest one.",
            "step = 2 / 2**bits; np.round(y / step) * step; then np.clip to -1 and 1 - step.",
        ),
    ),
    Exercise(
        "0.3",
        "the spectrogram",
        "magnitudes",
        3,
        check_magnitudes,
        (
            "Frame i is y[i * hop : i * hop + len(window)]; take those that fit. Multiply by the window, "
            "np.fft.rfft.",
            "frames = np.stack([y[s : s + len(window)] for s in range(0, len(y) - len(window) + 1, "
            "hop)]); then "
            "np.abs(np.fft.rfft(frames * window)) divided by window.sum() / 2.",
        ),
    ),
    Exercise(
        "0.4",
        "the cepstrum",
        "cepstrum",
        2,
        check_cepstrum,
        (
            'scipy.fft.dct(log_mel, axis=-1, norm="ortho") gives one coefficient a band; the first k are '
            "the MFCCs.",
            "Set the others to zero in a copy, and go back with scipy.fft.idct, same axis, same norm.",
        ),
    ),
    Exercise(
        "0.5",
        "the clinic",
        "repaired",
        3,
        check_clinic,
        (
            "Coefficients are no samples: something must turn them into sound first. And who knows the "
            "sampling rate?",
            "y, sr = librosa.load(source, sr=None). The way back is "
            "librosa.feature.inverse.mfcc_to_audio, with the "
            "same n_mels, n_fft and hop_length as the way there. soundfile.write(target, sound, sr).",
        ),
    ),
)

PREDICTIONS = (
    Prediction(
        "0.P1",
        "A tone of 3,000 Hz, recorded at 8,000 Hz. You keep every second sample, so 4,000 a second are "
        "left. What "
        "do they sound like?",
        ("3,000 Hz, only duller", "1,500 Hz, an octave lower", "1,000 Hz", "silence: it is too high"),
    ),
    Prediction(
        "0.P2",
        "Forty numbers a frame, spent in two ways: 40 mel bands, or the first 40 of the cosine "
        "coefficients of 64 "
        "bands. Both are turned back into sound. Which is easier to understand?",
        ("the mel bands, clearly", "no clear difference", "the cosine coefficients, clearly"),
    ),
)

QUESTIONS = (
    Question(
        "0.Q1",
        "A recording at 8 kHz holds a whistle at 1 kHz that nobody heard in the room. What may it have been?",
        (
            Answer(
                "A tone of 3 kHz, recorded without a low-pass filter.",
                "3 kHz lies below half the rate: it is recorded as itself.",
            ),
            Answer(
                "A tone of 7 kHz, recorded without a low-pass filter.",
                "Yes: 7 kHz lies 1 kHz from 8 kHz and folds onto it. After sampling nothing can tell the "
                "two apart.",
                right=True,
            ),
            Answer(
                "Rounding noise from too few bits.",
                "Rounding adds a hiss or grit tied to the sound, not a steady whistle.",
            ),
        ),
    ),
    Question(
        "0.Q2",
        "You double n_fft and leave the hop as it is. What happens?",
        (
            Answer(
                "Frequencies part more finely; a click smears over a longer time.",
                "Yes: a window twice as long tells tones half as far apart from each other, and moments "
                "half as well.",
                right=True,
            ),
            Answer(
                "Both frequency and time get finer, because there are more numbers.",
                "There are more numbers, but they overlap: fineness in one direction is paid for in the "
                "other.",
            ),
            Answer(
                "The frames get shorter in time.",
                "Frames come as often as before, since the hop is the same; each looks at twice the time.",
            ),
        ),
    ),
    Question(
        "0.Q3",
        "Somebody's model draws spectrograms that cannot be told from real ones, and its sound is "
        "hollow. Where "
        "would you look first?",
        (
            Answer(
                "At the model: it needs more layers.",
                "Its spectrograms are fine, so more layers have nothing to repair.",
            ),
            Answer(
                "At the sampling rate of the training data: it is too low.",
                "A low rate makes real and made sound equally dull; it makes nothing hollow.",
            ),
            Answer(
                "At the way back: which phase was used?",
                "Yes: send a real spectrogram through the same way back. If that is hollow too, the "
                "model is not "
                "to blame.",
                right=True,
            ),
        ),
    ),
)

CONTENT = Content(
    number="00",
    title="Sound as data",
    notebook="00_sound_as_data.ipynb",
    exercises=EXERCISES,
    questions=QUESTIONS,
    predictions=PREDICTIONS,
    budgets={},
    names={
        "teaching": "section 1",
        **dict.fromkeys(("lab", "np", "files"), "the set-up cell of section 2"),
        **dict.fromkeys(("word", "sr"), "the cell of section 3 with the three figures"),
        **dict.fromkeys(("bell", "heard"), "section 4"),
        "t": "the cell after the first question of section 5",
        "folded": "the cell of exercise 0.1",
        **dict.fromkeys(("thinned", "glide"), "the last cell of section 5"),
        "quantise": "the cell of exercise 0.2",
        "magnitudes": "the cell of exercise 0.3",
        "cepstrum": "the cell of exercise 0.4",
        "given": "the cell of section 8",
        "table": "the cell of section 9 that prints the table",
        "ways": "the last cell of section 9",
        "sounds": "the first panel of section 10",
        **dict.fromkeys(
            ("source", "target", "load", "sample_rate", "outcome_of", "buzz"), "the first cell of section 12"
        ),
        **dict.fromkeys(("SIZES", "repaired"), "the cell of exercise 0.5"),
    },
)
