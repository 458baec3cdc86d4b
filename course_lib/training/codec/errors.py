"""What goes wrong with a coded sound."""

from __future__ import annotations


class CodecError(ValueError):
    """A file that cannot be decoded, or not with this run; the message says what to do."""
