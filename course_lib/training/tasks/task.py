"""What a preset trains on, apart from any network and any loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.audio.representation import Representation

if TYPE_CHECKING:
    from course_lib.training.tasks.exhibit import Exhibit


class Task:
    """Examples to train on, examples held out, and the few that are heard.

    Subclasses set the attributes and give the three methods. Nothing here imports Keras: a worker reads its
    data while the backend is still being loaded.

    Attributes
    ----------
    representation : Representation
        Fitted on the training clips; it turns features into sound and is kept in the run.
    shape : tuple of int
        What the network reads of one example, without the batch.
    size : int
        Examples of one epoch.
    initial : np.ndarray or None
        Training features, shape (clips, frames, bands), for networks whose first weights look at the data.
    whole_batches : bool
        Whether a last batch that is not full is left out, as a game of two players wants it.
    facts : dict
        What ``config.json`` records: data set with its hash, counts, representation.
    """

    representation: Representation
    shape: tuple[int, ...]
    size: int
    initial: np.ndarray | None = None
    whole_batches: bool = False
    facts: dict[str, Any]

    def batch(self, rows: np.ndarray, rng: np.random.Generator) -> tuple[Any, Any]:
        """(inputs, targets) of the examples ``rows``, each in [0, size); arrays, or dicts of them.

        Everything random in it, such as fresh noise, comes from ``rng``: the same arguments give the same
        batch, so a resumed training is the one that was interrupted.
        """
        raise NotImplementedError

    def held_out(self) -> tuple[Any, Any]:
        """(inputs, targets) of the held-out examples, the same at each call."""
        raise NotImplementedError

    def exhibit(self) -> Exhibit:
        """What the rungs of the checkpoint ladder play."""
        raise NotImplementedError
