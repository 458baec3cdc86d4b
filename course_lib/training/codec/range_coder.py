"""Arithmetic coding: numbers that are likely cost few bits, and a message no more than its information.

I. H. Witten, R. M. Neal, J. G. Cleary, "Arithmetic coding for data compression", CACM 30(6), 1987. Whole
numbers only, so that what one machine writes another reads.
"""

from __future__ import annotations

from course_lib.training.codec.errors import CodecError

BITS = 32
TOP, HALF, QUARTER = (1 << BITS) - 1, 1 << (BITS - 1), 1 << (BITS - 2)
# Frequencies may sum to this: far less than a quarter of the range, so that none of them is rounded away.
MOST = 1 << 16


class RangeEncoder:
    """Numbers in, bytes out."""

    def __init__(self):
        self._low, self._high, self._pending = 0, TOP, 0
        self._bits: list[int] = []

    def encode(self, start: int, stop: int, total: int) -> None:
        """One symbol that owns ``start`` to ``stop`` (not included) of ``total`` frequencies."""
        if not 0 <= start < stop <= total <= MOST:
            raise ValueError(f"expected 0 <= start < stop <= total <= {MOST}; received {start, stop, total}")
        width = self._high - self._low + 1
        self._high = self._low + width * stop // total - 1
        self._low = self._low + width * start // total
        while True:
            if self._high < HALF:
                self._put(0)
            elif self._low >= HALF:
                self._put(1)
                self._low, self._high = self._low - HALF, self._high - HALF
            elif self._low >= QUARTER and self._high < HALF + QUARTER:
                self._pending += 1
                self._low, self._high = self._low - QUARTER, self._high - QUARTER
            else:
                return
            self._low, self._high = 2 * self._low, 2 * self._high + 1

    def uniform(self, value: int, count: int) -> None:
        """A number in [0, ``count``), all equally likely."""
        self.encode(value, value + 1, count)

    def natural(self, value: int, bits: int) -> None:
        """Any number from 0 on; those of up to ``bits`` binary digits are the cheapest (Exp-Golomb)."""
        value = int(value)
        if value < 0:
            raise ValueError(f"value must be at least 0; received {value}")
        high = (value >> bits) + 1
        more = high.bit_length() - 1
        for _ in range(more):
            self.uniform(1, 2)
        self.uniform(0, 2)
        for place in reversed(range(more)):
            self.uniform(high >> place & 1, 2)
        for place in reversed(range(bits)):
            self.uniform(value >> place & 1, 2)

    def finish(self) -> bytes:
        """All that was encoded; call it once."""
        self._pending += 1
        self._put(0 if self._low < QUARTER else 1)
        bits = self._bits + [0] * (-len(self._bits) % 8)
        data = bytes(int("".join(map(str, bits[start : start + 8])), 2) for start in range(0, len(bits), 8))
        # The decoder reads zeros after the end.
        return data.rstrip(b"\0")

    def _put(self, bit: int) -> None:
        self._bits.append(bit)
        self._bits += [1 - bit] * self._pending
        self._pending = 0


class RangeDecoder:
    """The numbers of a :class:`RangeEncoder`, in their order."""

    def __init__(self, data: bytes):
        self._data, self._place = data, 0
        self._low, self._high = 0, TOP
        self._value = 0
        for _ in range(BITS):
            self._value = 2 * self._value + self._bit()

    def target(self, total: int) -> int:
        """The frequency, in [0, ``total``), that the next symbol owns; tell :meth:`decoded` its borders."""
        width = self._high - self._low + 1
        return ((self._value - self._low + 1) * total - 1) // width

    def decoded(self, start: int, stop: int, total: int) -> None:
        """The next symbol owns ``start`` to ``stop``: go on behind it."""
        width = self._high - self._low + 1
        self._high = self._low + width * stop // total - 1
        self._low = self._low + width * start // total
        while True:
            if self._high < HALF:
                shift = 0
            elif self._low >= HALF:
                shift = HALF
            elif self._low >= QUARTER and self._high < HALF + QUARTER:
                shift = QUARTER
            else:
                return
            self._low, self._high = 2 * (self._low - shift), 2 * (self._high - shift) + 1
            self._value = 2 * (self._value - shift) + self._bit()

    def uniform(self, count: int) -> int:
        """A number that ``RangeEncoder.uniform`` wrote."""
        value = self.target(count)
        self.decoded(value, value + 1, count)
        return value

    def natural(self, bits: int) -> int:
        """A number that ``RangeEncoder.natural`` wrote."""
        more = 0
        while self.uniform(2):
            more += 1
            if more > BITS:
                raise CodecError("the file holds a number that cannot be: it is damaged")
        high = 1
        for _ in range(more):
            high = 2 * high + self.uniform(2)
        value = high - 1
        for _ in range(bits):
            value = 2 * value + self.uniform(2)
        return value

    def _bit(self) -> int:
        byte, place = divmod(self._place, 8)
        self._place += 1
        return self._data[byte] >> (7 - place) & 1 if byte < len(self._data) else 0
