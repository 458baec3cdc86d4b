"""Words that several symptoms share."""

from __future__ import annotations

# Adam's own default, and that of the presets: rates ten times away from it are suspects.
USUAL = 1e-3


def usual_rate(learning_rate: float | None) -> str:
    """Where a learning rate far from the usual one should go; empty for one that is not."""
    if learning_rate is None or USUAL / 10 < learning_rate < USUAL * 10:
        return ""
    way = "Lower" if learning_rate > USUAL else "Raise"
    return f"{way} learning_rate: it is {learning_rate:.3g}, try {USUAL:g}."


def lower_rate(learning_rate: float | None, times: int) -> str:
    """A remedy: lower the rate so many times, or to the usual one if it is far above that."""
    if learning_rate is None:
        return f"Lower learning_rate, {times} times for a start."
    return usual_rate(learning_rate) or (
        f"Lower learning_rate: it is {learning_rate:.3g}, try {learning_rate / times:.1g}."
    )


def grown(share: float) -> str:
    """How much more, for people: ``"by 25 %"``, and from ten times on ``"30-fold"``."""
    return f"by {percent(share)}" if share < 9 else f"{1 + share:.2g}-fold"


def percent(share: float) -> str:
    """A share for people: ``"12 %"``, in one piece wherever a line may end; ``"less than 1 %"``."""
    return "less than 1\N{NO-BREAK SPACE}%" if share < 0.005 else f"{100 * share:.0f}\N{NO-BREAK SPACE}%"
