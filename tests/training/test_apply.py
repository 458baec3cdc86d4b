"""Sounds of any length through a model; the model here hands back what it gets."""

from __future__ import annotations

import numpy as np
import pytest

from course_lib.audio.files import AudioError, read, write
from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.data import catalog
from course_lib.training.apply import Reconstructor
from course_lib.training.windows import cut, find_words

SR = 8000


class Identity:
    """A perfect autoencoder."""

    def reconstruct(self, features):
        return features


@pytest.fixture(scope="module")
def clips():
    return catalog.load("digits")


@pytest.fixture(scope="module")
def perfect(clips):
    return Reconstructor(Identity(), LogMelSpectrogram().fit(clips.y[:100]))


@pytest.fixture(scope="module")
def sentence(clips):
    """Five digits of one voice with pauses, the words 20 dB apart in level, and where each begins."""
    own = np.flatnonzero(clips.speaker == clips.speaker[0])[:5]
    parts, begins, position = [], [], 0
    for number, row in enumerate(own):
        word = clips.y[row, : clips.length[row]] * 10 ** (-5 * number / 20)
        pause = np.zeros(3000 + 700 * number, np.float32)
        parts += [pause, word.astype(np.float32)]
        begins.append(position + len(pause))
        position += len(pause) + len(word)
    return np.concatenate([*parts, np.zeros(4000, np.float32)]), begins


def band_error(a: np.ndarray, b: np.ndarray) -> float:
    """Mean absolute difference of log-mel spectra in dB, where either has sound."""
    size = -(-max(len(a), len(b)) // 64) * 64
    measure = LogMelSpectrogram(n_samples=size)
    spectra = [20 / np.log(10) * measure.encode(np.pad(y, (0, size - len(y)))) for y in (a, b)]
    active = np.maximum(*spectra) > -60
    return float(np.abs(spectra[0] - spectra[1])[active].mean())


def test_words_are_found_where_they_are(sentence):
    y, begins = sentence
    words = find_words(y, sr=SR)
    assert len(words) == 5
    # A clip's speech begins 64 ms in, its margin 32 ms before.
    assert all(abs(begin - (start + 512)) < 600 for (begin, _), start in zip(words, begins, strict=True))


def test_each_word_is_a_clip_like_those_of_the_training(sentence):
    y, _ = sentence
    windows = cut(y, sr=SR, n_samples=8192, hop_length=64)
    assert len(windows) == 5
    levels = [np.sqrt(np.mean(window.y[window.y != 0] ** 2)) for window in windows]
    assert max(levels) / min(levels) < 2, "20 dB between the words are gone"
    gains = 20 * np.log10([window.gain for window in windows])
    assert gains[4] - gains[0] == pytest.approx(20, abs=6)


def test_a_perfect_model_gives_the_sound_back(perfect, sentence):
    y, _ = sentence
    made = perfect(y)
    assert made.shape == y.shape
    assert made.dtype == np.float32
    assert band_error(y, made) < 3.0
    for begin, end in find_words(y, sr=SR):
        before, after = (np.sqrt(np.mean(x[begin:end] ** 2)) for x in (y, made))
        assert 20 * np.log10(after / before) == pytest.approx(0, abs=1.5)


def test_speech_without_a_pause_is_covered_by_overlapping_clips(perfect):
    rng = np.random.default_rng(0)
    y = (0.05 * rng.standard_normal(4 * SR)).astype(np.float32)
    y *= np.linspace(1.0, 0.3, len(y), dtype=np.float32)
    windows = cut(y, sr=SR, n_samples=8192, hop_length=64)
    weight = np.zeros(4 * SR // 64)
    for window in windows:
        for frame, share in enumerate(window.place.weight, start=window.place.frame):
            if 0 <= frame < len(weight):
                weight[frame] += share
    np.testing.assert_allclose(weight, 1.0, atol=1e-5)
    made = perfect(y)
    for second in range(4):
        part = slice(second * SR, (second + 1) * SR)
        ratio = np.sqrt(np.mean(made[part] ** 2) / np.mean(y[part] ** 2))
        assert 20 * np.log10(ratio) == pytest.approx(0, abs=1.5)


@pytest.mark.parametrize("samples", [1, 50, 333, 8192, 8193, 60 * SR])
def test_any_length_up_to_a_minute(perfect, samples):
    y = (0.1 * np.sin(0.3 * np.arange(samples))).astype(np.float32)
    made = perfect(y)
    assert made.shape == y.shape
    assert np.isfinite(made).all()


def test_silence_stays_silence(perfect):
    assert not perfect(np.zeros(20_000, np.float32)).any()
    assert not perfect(np.full(20_000, 0.25, np.float32)).any(), "an offset is no sound"


def test_more_than_a_minute_is_refused(perfect):
    with pytest.raises(AudioError, match=r"lasts 60\.0 s; expected at most 60 s"):
        perfect(np.zeros(60 * SR + 1, np.float32))


def runner(arguments: list, store):
    """Run ``course apply``; returns (exit status, output, error)."""
    import typer.testing

    from course_lib.commands.apply import app

    result = typer.testing.CliRunner().invoke(
        app, [*map(str, arguments)], env={"COURSE_RUNS": str(store.root)}
    )
    return result.exit_code, result.output, result.exception


def test_command_takes_stereo_of_another_rate(finished, store, sentence, tmp_path):
    import soundfile
    import soxr

    y, _ = sentence
    high = soxr.resample(y, SR, 44100)
    soundfile.write(tmp_path / "in.wav", np.stack([high, 0.5 * high], axis=1), 44100)
    arguments = ["reconstruct", "--run", finished.name, tmp_path / "in.wav", "-o", tmp_path / "out.wav"]
    status, output, error = runner(arguments, store)
    assert (status, error) == (0, None)
    assert f"{len(y) / SR:.2f} s, 8000 Hz, mono" in output
    info = soundfile.info(tmp_path / "out.wav")
    assert (info.samplerate, info.channels) == (8000, 1)
    assert abs(info.frames - len(y)) <= 1


def test_command_does_a_folder_and_names_what_it_could_not(finished, store, sentence, tmp_path):
    source, target = tmp_path / "in", tmp_path / "out"
    (source / "deep").mkdir(parents=True)
    write(source / "a.wav", sentence[0])
    write(source / "deep" / "b.flac", sentence[0])
    (source / "junk.wav").write_bytes(b"not a sound")
    status, output, error = runner(["reconstruct", "--run", finished.name, source, "-o", target], store)
    assert status == 1
    assert "wrote 2 of 3 files" in output
    assert isinstance(error, ValueError)
    assert "junk.wav" in str(error)
    assert sorted(path.name for path in target.rglob("*.wav")) == ["a.wav", "b.wav"]
    assert len(read(target / "deep" / "b.wav")) == len(sentence[0])


def test_command_never_overwrites_the_recording(finished, store, sentence, tmp_path):
    write(tmp_path / "a.wav", sentence[0])
    before = (tmp_path / "a.wav").read_bytes()
    same = tmp_path / "." / "a.wav"
    for arguments, message in (
        ([tmp_path / "a.wav", "-o", same], "is the input; give another name"),
        ([tmp_path, "-o", tmp_path], "lies in the folder of the recordings"),
        ([tmp_path / "a.wav", "-o", tmp_path / "a.mp3"], "expected a name that ends in .wav or .flac"),
        ([tmp_path / "b.wav", "-o", tmp_path / "c.wav"], "no sound file or folder"),
    ):
        status, _, error = runner(["reconstruct", "--run", finished.name, *arguments], store)
        assert status == 1
        assert message in str(error)
    assert (tmp_path / "a.wav").read_bytes() == before
