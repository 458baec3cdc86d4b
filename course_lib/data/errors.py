"""What can be wrong with a data set, named so that callers can tell the cases apart."""

from __future__ import annotations


class DatasetError(ValueError):
    """Data that is there but wrong: changed, incomplete, not what it claims; the message holds the remedy."""


class DatasetMissing(FileNotFoundError):
    """A data set of the catalog that is not on this machine yet; the message says how to get it."""
