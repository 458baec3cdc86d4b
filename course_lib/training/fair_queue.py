"""Who is next: the users in turn, each with the oldest of what they asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from course_lib.training.errors import RunError
from course_lib.training.run_folder import Run


@dataclass(frozen=True)
class Waiting:
    """A run that waits for a slot, for whom, and whether it is to be resumed."""

    run: Run
    user: str
    resume: bool = False


class FairQueue:
    """Somebody who asks for ten trainings does not keep the next person waiting for all of them.

    Parameters
    ----------
    limit : int
        Trainings that one user may have waiting.
    """

    def __init__(self, limit: int):
        if limit < 1:
            raise ValueError(f"limit must be at least 1; received {limit}")
        self.limit = limit
        self._waiting: list[Waiting] = []
        self._turns: dict[str, int] = {}
        self._turn = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Waiting]:
        """In the order in which they will start, if nobody asks for more."""
        left, turns, turn = list(self._waiting), dict(self._turns), self._turn
        while left:
            turn += 1
            item = _next(left, turns)
            turns[item.user] = turn
            left.remove(item)
            yield item

    def check(self, user: str) -> None:
        """Refuse another training of somebody who has enough of them waiting.

        Raises
        ------
        RunError
            What the user has waiting, by name.
        """
        own = [item.run.name for item in self._waiting if item.user == user]
        if len(own) >= self.limit:
            raise RunError(
                f"you have {len(own)} trainings waiting ({', '.join(own)}), the most that one person may "
                "have; wait until one starts, or stop one of them"
            )

    def push(self, item: Waiting) -> None:
        """Put a run at the end of its user's line."""
        self._waiting.append(item)

    def pop(self) -> Waiting:
        """Take the next one out: of the user whose last turn is longest ago."""
        item = _next(self._waiting, self._turns)
        self._waiting.remove(item)
        self._turn += 1
        self._turns[item.user] = self._turn
        return item

    def remove(self, item: Waiting) -> None:
        """Take out a run that is no longer wanted."""
        self._waiting.remove(item)


def _next(waiting: list[Waiting], turns: dict[str, int]) -> Waiting:
    # min() keeps the first of equals: within a user, and among newcomers, whoever came first.
    return min(waiting, key=lambda item: turns.get(item.user, 0))
