"""``.lat``: a recording as the latents of its words.

======== ============================================================================
bytes    what
======== ============================================================================
3        ``LAT``
1        version, 1
1        kind of quantiser: 0 uniform, 1 k-means
1        16 times the bits a number that were asked for, less one
4        fingerprint of the model and its codebooks
1 to 5   samples of the recording (7 bits a byte, the low ones first, 128 = more)
1 to 5   its rate in Hz
1 to 5   stretches of sound
...      arithmetic code: of each stretch its place, and of each of its clips the gain
         and the symbols of the latent; zeros at the end are left out
4        CRC-32 of all before it
======== ============================================================================

Numbers of several bytes have the low one first. A place is the frame of the first clip, from the end of the
stretch before, and the frames to the end of its sound; a gain is in whole decibels.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from course_lib.training.codec.errors import CodecError
from course_lib.training.codec.quantiser import Quantiser
from course_lib.training.codec.range_coder import RangeDecoder, RangeEncoder
from course_lib.training.windows import Segment

MAGIC, VERSION = b"LAT", 1
KINDS = ("uniform", "kmeans")
FIXED, CHECKSUM = 10, 4
# No honest file is larger: a minute at eight bits a number takes some ten thousand bytes.
MOST_BYTES = 1 << 20
# A stretch may begin a little before the end of the one before: their margins overlap.
OVERLAP_FRAMES = 32
GAIN_DB = range(-30, 98)


@dataclass(frozen=True)
class Header:
    """What a file says of itself without the run that made it.

    Attributes
    ----------
    kind : str
        ``uniform`` or ``kmeans``.
    bits : float
        Bits a latent number that were asked for.
    fingerprint : str
        Eight hexadecimal digits, of the model and its codebooks.
    samples, sr : int
        Length and rate of the recording.
    stretches : int
        How many there are.
    size : int
        Bytes of the whole file.
    """

    kind: str
    bits: float
    fingerprint: str
    samples: int
    sr: int
    stretches: int
    size: int

    @property
    def seconds(self) -> float:
        """Duration of the recording."""
        return self.samples / self.sr

    @property
    def kbit_s(self) -> float:
        """Kilobits for one second of the recording, everything in the file counted."""
        return 8 * self.size / self.seconds / 1000


@dataclass(frozen=True, eq=False)
class Content:
    """What is in a file: places, levels and symbols.

    Attributes
    ----------
    samples, sr : int
        Length and rate of the recording.
    segments : list of Segment
    gains : np.ndarray, shape (clips,)
        Whole decibels as factors.
    symbols : np.ndarray, shape (clips, groups), int64
    """

    samples: int
    sr: int
    segments: list[Segment]
    gains: np.ndarray
    symbols: np.ndarray


def rounded(gains: np.ndarray) -> np.ndarray:
    """Gains as a file keeps them: in whole decibels, from -30 to 97."""
    decibels = np.rint(20 * np.log10(np.asarray(gains, np.float64)))
    return 10 ** (np.clip(decibels, GAIN_DB[0], GAIN_DB[-1]) / 20)


def pack(content: Content, quantiser: Quantiser, fingerprint: str, *, frames: int) -> bytes:
    """The file of ``content``, whose clips have so many frames."""
    encoder = RangeEncoder()
    end, clip = 0, 0
    for segment in content.segments:
        encoder.natural(segment.frame - end + OVERLAP_FRAMES, 5)
        encoder.natural(segment.end - segment.frame, 6)
        end = segment.end
        for _ in segment.places(frames):
            decibels = round(20 * np.log10(content.gains[clip]))
            encoder.uniform(decibels - GAIN_DB[0], len(GAIN_DB))
            for table, symbol in zip(quantiser.tables, content.symbols[clip], strict=True):
                table.encode(encoder, int(symbol))
            clip += 1
    head = MAGIC + bytes([VERSION, KINDS.index(quantiser.kind), round(16 * quantiser.bits) - 1])
    numbers = b"".join(map(_varint, (content.samples, content.sr, len(content.segments))))
    data = head + bytes.fromhex(fingerprint) + numbers + (encoder.finish() if content.segments else b"")
    return data + zlib.crc32(data).to_bytes(CHECKSUM, "little")


def read_header(data: bytes) -> Header:
    """What stands at the beginning of a file.

    Raises
    ------
    CodecError
        Not such a file, another version, cut short or changed.
    """
    return _open(data)[0]


def unpack(data: bytes, quantiser: Quantiser, *, frames: int) -> Content:
    """The content of a file that was packed with the same quantiser.

    Raises
    ------
    CodecError
        As :func:`read_header`, or the content is impossible.
    """
    header, start = _open(data)
    decoder = RangeDecoder(data[start:-CHECKSUM])
    segments: list[Segment] = []
    gains, symbols, end, before = [], [], 0, -frames
    for _ in range(header.stretches):
        frame = end + decoder.natural(5) - OVERLAP_FRAMES
        end = frame + decoder.natural(6)
        segment = Segment(frame, end)
        # A hop is at least one sample: no honest stretch lies further out. Each begins after the one before,
        # so that a dishonest number of them comes to an end.
        if frame <= before or end > header.samples + frames or end <= frame:
            raise CodecError("the file puts a sound outside the recording: it is damaged")
        before = frame
        segments.append(segment)
        for _ in segment.places(frames):
            gains.append(10 ** (GAIN_DB[decoder.uniform(len(GAIN_DB))] / 20))
            symbols.append([table.decode(decoder) for table in quantiser.tables])
    shape = (len(gains), len(quantiser.tables))
    return Content(
        header.samples, header.sr, segments, np.array(gains), np.array(symbols, np.int64).reshape(shape)
    )


def _open(data: bytes) -> tuple[Header, int]:
    """The header and where the arithmetic code begins."""
    if not data:
        raise CodecError("the file is empty (0 bytes); copy it again")
    if data[:3] != MAGIC:
        raise CodecError(
            "this is no .lat file: it does not begin with LAT; make one with course codec encode"
        )
    if len(data) > MOST_BYTES:
        raise CodecError(f"this is no .lat file: it is larger than {MOST_BYTES} bytes")
    if len(data) < FIXED + 3 + CHECKSUM:
        raise CodecError(f"the file is cut short: {len(data)} bytes; copy it again")
    if data[3] != VERSION:
        raise CodecError(
            f"the file has version {data[3]} of the format; this program reads version {VERSION}"
        )
    if zlib.crc32(data[:-CHECKSUM]).to_bytes(CHECKSUM, "little") != data[-CHECKSUM:]:
        raise CodecError("the file is cut short or changed: its checksum does not fit; copy it again")
    if data[4] >= len(KINDS):
        raise CodecError(f"the file names quantiser {data[4]}; this program knows {', '.join(KINDS)}")
    numbers, place = [], FIXED
    for _ in range(3):
        number, place = _read_varint(data[:-CHECKSUM], place)
        numbers.append(number)
    samples, sr, stretches = numbers
    if not (samples and sr):
        raise CodecError("the file names a recording without samples: it is damaged")
    bits, fingerprint = (data[5] + 1) / 16, data[6:FIXED].hex()
    return Header(KINDS[data[4]], bits, fingerprint, samples, sr, stretches, len(data)), place


def _varint(number: int) -> bytes:
    parts = []
    while number >= 128:
        parts.append(number % 128 + 128)
        number //= 128
    return bytes([*parts, number])


def _read_varint(data: bytes, place: int) -> tuple[int, int]:
    number = 0
    for digit, byte in enumerate(data[place : place + 5]):
        number += (byte % 128) << (7 * digit)
        place += 1
        if byte < 128:
            return number, place
    raise CodecError("the file holds a number that cannot be: it is damaged")
