"""How much sound a file's own structure promises, compared with what the file holds.

libsndfile plays a file that was cut in the middle as if it had been shorter: a copy that broke off, a full
disk or half a download go unnoticed. Nothing here decodes sound; only headers and page tables are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

# Written by streaming encoders that did not know the length yet.
UNKNOWN_SIZES = (0, 0x7FFFFFFF, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
# No sound file has more; a file of junk may seem to.
MOST_CHUNKS = 10_000
W64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
# First bytes of files that people take for sound files, and what they are.
OTHER_KINDS = (
    (0, b"\x1aE\xdf\xa3", "a WebM or Matroska recording"),
    (4, b"ftyp", "an MP4, M4A or QuickTime file"),
    (0, b"0&\xb2u\x8ef\xcf\x11", "a Windows Media file"),
    (0, b"#!AMR", "an AMR recording"),
    (0, b"MThd", "a MIDI file: notes without sound"),
    (0, b"\x89PNG", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (0, b"GIF8", "a GIF image"),
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"\x93NUMPY", "a NumPy array"),
    (0, b"<!DOCTYPE", "a web page"),
    (0, b"<html", "a web page"),
)


def other_kind(head: bytes) -> str:
    """What a file that is no sound file begins like; empty when its first bytes say nothing."""
    for offset, mark, kind in OTHER_KINDS:
        if head[offset : offset + len(mark)].lower() == mark.lower():
            return kind
    return ""


def shortfall(file: BinaryIO, size: int) -> str:
    """Say what a cut file lacks, such as ``"its header promises 4000 frames, 1978 are there"``.

    Parameters
    ----------
    file : binary file
        Seekable; read from its start.
    size : int
        How many bytes it has.

    Returns
    -------
    str
        Empty when nothing is missing, or when the format does not say how long it is. WAV (RIFF, RF64, W64),
        AIFF, AU and CAF state the bytes of their sound, an Ogg stream marks its last page, an MP3 frame its
        length. FLAC states its samples, which show up missing when it is decoded.
    """
    file.seek(0)
    head = file.read(16)
    if head[:3] == b"ID3":
        # Tags stand before the sound; their size is written in seven bits a byte.
        tags = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=False))
        return _mp3(file, 10 + tags, size)
    if head[:4] in (b"RIFF", b"RF64", b"BW64"):
        return _riff(file, size)
    if head[:4] == b"riff":
        return _w64(file, size)
    if head[:4] == b"FORM":
        return _aiff(file, size)
    if head[:4] == b".snd":
        data_size = int.from_bytes(head[8:12])
        return _compare(data_size, size - int.from_bytes(head[4:8]))
    if head[:4] == b"caff":
        return _caf(file, size)
    if head[:4] == b"OggS":
        return _ogg(file, size)
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return _mp3(file, 0, size)
    return ""


def _compare(promised: int, present: int, block: int = 0) -> str:
    if promised in UNKNOWN_SIZES or promised < 0 or present >= promised:
        return ""
    present = max(0, present)
    # Only where each frame has the same number of bytes may bytes be counted as frames.
    if block:
        return f"its header promises {promised // block} frames, {present // block} are there"
    return f"its header promises {promised} bytes of sound, {present} are there"


def _riff(file: BinaryIO, size: int) -> str:
    block, wide_size = 0, None
    for name, length, at in _chunks(file, 12, "little"):
        if name == b"ds64":
            wide_size = int.from_bytes(file.read(24)[8:16], "little")
        elif name == b"fmt ":
            fields = file.read(min(length, 64))
            coding = int.from_bytes(fields[0:2], "little")
            # PCM, float, A-law, mu-law and "extensible": a frame is a block. ADPCM packs many into one.
            block = int.from_bytes(fields[12:14], "little") if coding in (1, 3, 6, 7, 0xFFFE) else 0
        elif name == b"data":
            promised = wide_size if length == 0xFFFFFFFF and wide_size is not None else length
            return _compare(promised, size - at, block)
    return ""


def _chunks(file: BinaryIO, position: int, order: str) -> Iterator[tuple[bytes, int, int]]:
    """Name, length and place of each chunk of a RIFF or AIFF file, from ``position`` on."""
    for _ in range(MOST_CHUNKS):
        file.seek(position)
        head = file.read(8)
        if len(head) < 8:
            return
        length = int.from_bytes(head[4:], order)
        yield head[:4], length, position + 8
        position += 8 + length + length % 2


def _w64(file: BinaryIO, size: int) -> str:
    position = 40
    for _ in range(MOST_CHUNKS):
        file.seek(position)
        head = file.read(24)
        length = int.from_bytes(head[16:], "little")
        if head[:16] == W64_DATA:
            return _compare(length - 24, size - position - 24)
        if len(head) < 24 or not 24 <= length <= size:
            return ""
        position += (length + 7) // 8 * 8
    return ""


def _aiff(file: BinaryIO, size: int) -> str:
    for name, length, at in _chunks(file, 12, "big"):
        if name == b"SSND":
            # Offset and block size, eight bytes, stand before the sound.
            return _compare(length - 8, size - at - 8)
    return ""


def _caf(file: BinaryIO, size: int) -> str:
    position = 8
    for _ in range(MOST_CHUNKS):
        file.seek(position)
        head = file.read(12)
        length = int.from_bytes(head[4:])
        if head[:4] == b"data":
            return _compare(length, size - position - 12)
        if len(head) < 12 or length > size:
            return ""
        position += 12 + length
    return ""


def _ogg(file: BinaryIO, size: int) -> str:
    """Follow the pages: a cut stream ends inside one, or without the one that is marked as its last."""
    position, open_streams = 0, set()
    while position < size:
        file.seek(position)
        page = file.read(27)
        if page[:4] != b"OggS"[: len(page)]:
            return ""  # Something else follows, such as a tag: the pages before it were whole.
        table = file.read(page[26]) if len(page) == 27 else b""
        end = position + 27 + len(table) + sum(table)
        if len(page) < 27 or len(table) < page[26] or end > size:
            return f"it ends inside a page of sound, at byte {size}"
        (open_streams.discard if page[5] & 4 else open_streams.add)(page[14:18])
        position = end
    return "its last page is missing" if open_streams else ""


# Bit rates in kbit/s by header index 1 to 14: MPEG-1 layer I, II, III; MPEG-2 and 2.5 layer I, II and III.
_MPEG_RATES = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


def mpeg_frame_bytes(header: bytes) -> int:
    """Length of the MPEG audio frame that begins with ``header``, 4 bytes; 0 when it is none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = (header[1] >> 3) & 3, 4 - ((header[1] >> 1) & 3)
    rate_index, sr_index, padding = header[2] >> 4, (header[2] >> 2) & 3, (header[2] >> 1) & 1
    if version == 1 or layer == 4 or rate_index in (0, 15) or sr_index == 3:
        return 0
    rate = 1000 * _MPEG_RATES[1 if version == 3 else 2, layer][rate_index - 1]
    sr = (44100, 48000, 32000)[sr_index] // {3: 1, 2: 2, 0: 4}[version]
    if layer == 1:
        return (12 * rate // sr + padding) * 4
    return (72 if layer == 3 and version != 3 else 144) * rate // sr + padding


def _mp3(file: BinaryIO, position: int, size: int) -> str:
    """Follow the frames: a cut file ends inside one."""
    frames = 0
    while position < size:
        file.seek(position)
        length = mpeg_frame_bytes(file.read(4))
        if not length:
            return ""  # A tag at the end, or a stray byte: what follows cannot be judged.
        if position + length > size:
            return f"it ends inside frame {frames + 1}" if frames else ""
        position += length
        frames += 1
    return ""
