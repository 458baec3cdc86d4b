"""What can go wrong with a run."""

from __future__ import annotations


class RunError(ValueError):
    """A run that cannot be made, read, trained or resumed; the message names the remedy."""
