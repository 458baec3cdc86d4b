"""Latents to bytes and back: the arithmetic code, the quantisers, the file, and what is wrong with one."""

from __future__ import annotations

import dataclasses
import zlib

import numpy as np
import pytest

from course_lib.audio.log_mel_spectrogram import LogMelSpectrogram
from course_lib.training.codec import Codec, CodecError, KMeansQuantiser, UniformQuantiser, read_header
from course_lib.training.codec.code_table import CodeTable
from course_lib.training.codec.codebooks import sensitivity
from course_lib.training.codec.latent_file import rounded
from course_lib.training.codec.range_coder import RangeDecoder, RangeEncoder
from course_lib.training.codec.strings import through_file
from course_lib.training.passage import Passage
from course_lib.training.windows import Segment

SR, LATENT = 8000, 6
RNG = np.random.default_rng(0)
# Numbers of very different importance, as the latents of an autoencoder are.
LATENTS = RNG.standard_normal((3000, LATENT)) * [2.0, 1.0, 1.0, 0.5, 1.0, 0.0]
WEIGHT = np.array([1.0, 1.0, 0.25, 1.0, 1e-4, 1.0])


class Linear:
    """An autoencoder: six fixed patterns, and their shares in a clip."""

    def __init__(self, seed: int = 0):
        basis = np.random.default_rng(seed).standard_normal((128 * 64, LATENT))
        self.basis = np.linalg.qr(basis)[0].astype(np.float32)

    def encode(self, features):
        return features.reshape(len(features), -1) @ self.basis

    def decode(self, latents):
        return (latents @ self.basis.T).reshape(len(latents), 128, 64).astype(np.float32)

    def reconstruct(self, features):
        return self.decode(self.encode(features))


@pytest.fixture(scope="module")
def clips():
    from course_lib.data import catalog

    return catalog.load("digits")


@pytest.fixture(scope="module")
def representation(clips):
    return LogMelSpectrogram().fit(clips.y[:100])


@pytest.fixture(scope="module")
def codec(clips, representation):
    model = Linear()
    latents = model.encode(representation.encode(clips.y[:200]))
    quantiser = UniformQuantiser.fit(latents, np.ones(LATENT), bits=4)
    return Codec(model, representation, quantiser, "0123abcd", "demo")


@pytest.fixture(scope="module")
def sentence(clips):
    """Three digits with pauses, 10 dB apart."""
    pause = np.zeros(3000, np.float32)
    words = [clips.y[row, : clips.length[row]] * 10 ** (-number / 2) for number, row in enumerate((0, 9, 17))]
    return np.concatenate([pause, words[0], pause, words[1], pause, words[2], pause]).astype(np.float32)


def reseal(body: bytes) -> bytes:
    """``body`` with a checksum that fits: a foreign file, not a damaged one."""
    return body + zlib.crc32(body).to_bytes(4, "little")


def resealed(data: bytes, place: int, value: int) -> bytes:
    """``data`` with one byte changed and a checksum that fits."""
    return reseal(data[:place] + bytes([value]) + data[place + 1 : -4])


def entropy(share) -> float:
    share = np.asarray(share)[np.asarray(share) > 0]
    return float(-np.sum(share * np.log2(share)))


def test_a_message_costs_its_information_and_comes_back():
    share = np.array([0.85, 0.1, 0.04, 0.01])
    table, message = CodeTable.of_weights(share), RNG.choice(4, 5000, p=share)
    encoder = RangeEncoder()
    for symbol in message:
        table.encode(encoder, int(symbol))
    data = encoder.finish()
    assert 8 * len(data) == pytest.approx(5000 * entropy(share), rel=0.05)
    assert table.entropy == pytest.approx(entropy(share), abs=0.01)
    decoder = RangeDecoder(data)
    assert [table.decode(decoder) for _ in message] == message.tolist()


def test_numbers_of_every_kind_come_back():
    values = [0, 1, 31, 32, 33, 1000, 123_456, 2**31]
    encoder = RangeEncoder()
    for value in values:
        encoder.natural(value, 5)
        encoder.uniform(value % 128, 128)
    decoder = RangeDecoder(encoder.finish())
    assert [(decoder.natural(5), decoder.uniform(128)) for _ in values] == [(v, v % 128) for v in values]
    with pytest.raises(ValueError, match="at least 0; received -1"):
        RangeEncoder().natural(-1, 5)
    with pytest.raises(ValueError, match="expected 0 <= start < stop <= total"):
        RangeEncoder().encode(3, 3, 8)


def test_what_never_happened_can_be_written_too():
    table = CodeTable.of_weights(np.array([1.0, 0.0, 0.0]))
    assert table.counts.min() == 1
    encoder = RangeEncoder()
    for symbol in (0, 2, 1):
        table.encode(encoder, symbol)
    decoder = RangeDecoder(encoder.finish())
    assert [table.decode(decoder) for _ in range(3)] == [0, 2, 1]
    with pytest.raises(ValueError, match="counts must be at least 1"):
        CodeTable([3, 0])


@pytest.mark.parametrize("bits", [1.0, 2.5, 4.0])
def test_uniform_steps_give_equal_errors_where_it_matters(bits):
    """Reverse water-filling: each number either errs as much as the others, weighted, or is not sent."""
    quantiser = UniformQuantiser.fit(LATENTS, WEIGHT, bits=bits)
    symbols = quantiser.quantise(LATENTS)
    spent = [entropy(np.bincount(column) / len(column)) for column in symbols.T]
    # 3,000 numbers in up to a hundred cells seem to carry a little less than they do.
    assert np.mean(spent) == pytest.approx(bits, abs=0.03)
    assert spent[5] == 0, "a number that does not vary costs nothing"
    error = WEIGHT * np.mean((quantiser.restore(symbols) - LATENTS) ** 2, axis=0)
    if bits >= 2.5:
        # High rate: the square of a step over twelve, whatever the number.
        assert error[:4].max() < 1.1 * error[:4].min()
        ideal = np.log2(LATENTS.std(axis=0)[0] / LATENTS.std(axis=0)[3])
        assert spent[0] - spent[3] == pytest.approx(ideal, abs=0.1)


def test_at_a_high_rate_six_decibels_are_one_bit():
    errors = []
    for bits in (4, 5):
        quantiser = UniformQuantiser.fit(LATENTS[:, :2], WEIGHT[:2], bits=bits)
        made = quantiser.restore(quantiser.quantise(LATENTS[:, :2]))
        errors.append(np.mean((made - LATENTS[:, :2]) ** 2))
    assert 10 * np.log10(errors[0] / errors[1]) == pytest.approx(6.02, abs=0.3)


def test_k_means_words_are_the_means_of_what_they_stand_for():
    quantiser = KMeansQuantiser.fit(LATENTS, WEIGHT, bits=1.5)
    assert [words.shape[1] for words in quantiser.codewords] == [2, 2, 2]
    assert sorted(quantiser.order.tolist()) == list(range(6))
    symbols = quantiser.quantise(LATENTS)
    first = LATENTS[:, quantiser.order[:2]]
    for word in range(5):
        mine = first[symbols[:, 0] == word]
        np.testing.assert_allclose(quantiser.codewords[0][word], mine.mean(axis=0), atol=0.03)
    # More words where there is more to say.
    assert len(quantiser.codewords[0]) > len(quantiser.codewords[2])
    single = KMeansQuantiser.fit(LATENTS[:, :3], WEIGHT[:3], bits=5)
    assert [words.shape[1] for words in single.codewords] == [1, 1, 1]


@pytest.mark.parametrize("cls", [UniformQuantiser, KMeansQuantiser])
def test_quantisers_come_back_from_arrays_and_keep_extreme_values_in_range(cls):
    quantiser = cls.fit(LATENTS, WEIGHT, bits=2)
    again = cls.from_arrays(quantiser.arrays())
    wild = np.vstack([LATENTS[:50], np.full((1, LATENT), 1e6), np.full((1, LATENT), -1e6)])
    symbols = quantiser.quantise(wild)
    np.testing.assert_array_equal(again.quantise(wild), symbols)
    np.testing.assert_array_equal(again.restore(symbols), quantiser.restore(symbols))
    assert again.expected_bits == quantiser.expected_bits
    assert np.abs(quantiser.restore(symbols)).max() < 20


@pytest.mark.parametrize(
    ("latents", "weight", "bits", "message"),
    [
        (LATENTS, WEIGHT, 9, "bits must lie between 0.25 and 8; received 9"),
        (LATENTS, WEIGHT[:3], 2, "expected 6 weights of at least 0"),
        (LATENTS[:1], WEIGHT, 2, "expected latents of at least two clips"),
        (LATENTS * np.nan, WEIGHT, 2, "its training has diverged"),
        (LATENTS, 0 * WEIGHT, 2, "the decoder gives the same for all latents"),
    ],
)
def test_what_cannot_be_fitted(latents, weight, bits, message):
    with pytest.raises(ValueError, match=message):
        UniformQuantiser.fit(latents, weight, bits=bits)


def test_sensitivity_of_a_linear_decoder_is_the_power_of_its_patterns():
    model = Linear()
    model.basis = model.basis * np.array([1, 2, 3, 1, 1, 1], np.float32)
    made = sensitivity(model, LATENTS.astype(np.float32), np.arange(4))
    expected = np.array([1, 4, 9, 1, 1, 0]) / (128 * 64)
    np.testing.assert_allclose(made, expected, rtol=1e-3)


def test_places_levels_and_latents_are_in_the_file(codec, sentence, representation):
    data = codec.encode(sentence)
    header = read_header(data)
    assert (header.kind, header.bits, header.fingerprint) == ("uniform", 4.0, "0123abcd")
    assert (header.samples, header.sr, header.stretches, header.size) == (len(sentence), SR, 3, len(data))
    assert header.kbit_s == pytest.approx(8 * len(data) / (len(sentence) / SR) / 1000)
    from course_lib.training.passage import analyse

    before, after = analyse(sentence, representation), codec.decode_passage(data)
    assert after.segments == before.segments
    np.testing.assert_allclose(20 * np.log10(after.gains / before.gains), 0, atol=0.5)
    expected = codec.quantiser.restore(codec.quantiser.quantise(codec.model.encode(before.features)))
    np.testing.assert_allclose(codec.model.encode(after.features), expected, atol=1e-3)
    # 24 bytes for the file, about 3 for each word's place and level, 4 bits for each number.
    assert len(data) <= 24 + 3 * (3 + LATENT * 4 / 8) + 6


def test_decoded_sound_is_as_long_as_loud_and_where_the_recording_is(codec, sentence):
    made = codec.decode(codec.encode(sentence))
    assert made.shape == sentence.shape
    assert made.dtype == np.float32
    assert np.isfinite(made).all()
    sounding = np.convolve(np.abs(sentence), np.ones(2000), "same") > 0
    assert not made[~sounding][:-200].any() or np.abs(made[~sounding]).max() < 0.01


def test_many_bits_change_nothing_that_can_be_heard(codec, sentence, clips, representation):
    from course_lib.training.apply import Reconstructor

    latents = codec.model.encode(representation.encode(clips.y[:200]))
    fine = UniformQuantiser.fit(latents, np.ones(LATENT), bits=8)
    exact = Codec(codec.model, representation, fine, "0123abcd")
    made = exact.decode_passage(exact.encode(sentence)).features
    from course_lib.training.passage import analyse

    plain = codec.model.reconstruct(analyse(sentence, representation).features)
    assert np.abs(made - plain).max() < 0.05 * np.abs(plain).max()
    assert (
        Reconstructor(codec.model, representation)(sentence).shape
        == exact.decode(exact.encode(sentence)).shape
    )


@pytest.mark.parametrize("samples", [1, 500, 8192, 20_000, 60 * SR])
def test_any_length_up_to_a_minute(codec, samples):
    y = (0.1 * np.sin(0.3 * np.arange(samples))).astype(np.float32)
    assert codec.decode(codec.encode(y)).shape == y.shape


def test_silence_is_a_header(codec):
    data = codec.encode(np.zeros(16_000, np.float32))
    assert len(data) < 24
    assert not codec.decode(data).any()


def test_gains_are_whole_decibels():
    np.testing.assert_allclose(rounded([1.0, 2.0, 1e-9, 1e9]), 10 ** (np.array([0, 6, -30, 97]) / 20))


def test_every_flipped_bit_is_noticed(codec, sentence):
    data = codec.encode(sentence)
    for place in range(len(data)):
        for bit in (0, 5):
            changed = bytearray(data)
            changed[place] ^= 1 << bit
            with pytest.raises(CodecError):
                codec.decode(bytes(changed))


def test_every_truncation_is_noticed(codec, sentence):
    data = codec.encode(sentence)
    for size in range(len(data)):
        with pytest.raises(CodecError):
            codec.decode(data[:size])


def test_bad_files_say_what_is_wrong(codec, sentence, representation):
    data = codec.encode(sentence)
    cases = [
        (b"RIFF" + data[4:], "this is no .lat file"),
        (b"", "the file is empty"),
        (data + bytes(1 << 20), "this is no .lat file: it is larger than"),
        (data[:9], "cut short: 9 bytes"),
        (reseal(data[:10] + b"\xff" * 6), "a number that cannot be"),
        (reseal(data[:10] + b"\xff" * 3), "a number that cannot be"),
        (data[:-1], "its checksum does not fit; copy it again"),
        (resealed(data, 3, 2), "version 2 of the format; this program reads version 1"),
        (resealed(data, 4, 7), "quantiser 7; this program knows uniform, kmeans"),
        (
            resealed(data, 6, 0xFF),
            "another model or other codebooks: its fingerprint is ff23abcd, that of demo",
        ),
    ]
    for bad, message in cases:
        with pytest.raises(CodecError, match=message):
            codec.decode(bad)
    other = dataclasses.replace(read_header(data), sr=16_000)
    with pytest.raises(CodecError, match="at 16000 Hz; expected 60 s at most, at 8000 Hz"):
        codec._check(other)


def test_words_through_one_file_count_every_byte(codec, clips, representation):
    features = representation.encode(clips.y[:5])
    length = clips.length[:5]
    begin = np.concatenate([[0], np.cumsum(length[:-1] + 400)])
    made, size = through_file(codec, features, begin, begin + length, int(begin[-1] + length[-1] + 400))
    expected = codec.model.decode(
        codec.quantiser.restore(codec.quantiser.quantise(codec.model.encode(features)))
    )
    np.testing.assert_allclose(made, expected, atol=1e-5)
    assert 20 < size < 60


def test_a_word_as_long_as_a_clip_stays_one_clip_wherever_it_begins(codec, clips, representation):
    features = representation.encode(clips.y[:2])
    begin = np.array([0, 8192 + 401])
    made, _ = through_file(codec, features, begin, begin + 8192, 20_000)
    assert made.shape == features.shape


def test_a_segment_outside_the_recording_is_refused(codec, representation):
    passage = Passage(800, [Segment(4000, 4060)], np.ones(1), np.zeros((1, 128, 64), np.float32))
    with pytest.raises(CodecError, match="outside the recording"):
        codec.decode(codec.encode_passage(passage))
