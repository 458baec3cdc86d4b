"""Where the file of a data set is on the network, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Release:
    """A file on a server.

    Attributes
    ----------
    url : str
    size : int
        Bytes, 0 when it is not known: some servers pack archives anew for each download.
    sha256 : str
        Empty when it is not known.
    most_bytes : int
        More is no release of this data set.
    by_hand : str
        What to do without a network, as a clause.
    """

    url: str
    size: int = 0
    sha256: str = ""
    most_bytes: int = 100_000_000
    by_hand: str = "download it by hand"
