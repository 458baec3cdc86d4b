"""``course listen``: what a blind listening test has found."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True, help="Blind listening tests.")


@app.callback()
def listen() -> None:
    """Blind listening tests."""


@app.command()
def results(
    source: Annotated[Path, typer.Argument(metavar="TEST", help="A test's folder, or its results as CSV.")],
    csv: Annotated[Path | None, typer.Option(help="Write the results of finished listeners here.")] = None,
    alpha: Annotated[float, typer.Option(min=1e-6, max=0.5, help="Risk of a false alarm.")] = 0.05,
    screening: Annotated[
        bool,
        typer.Option(help="MUSHRA: leave out who missed the hidden reference or took the anchor for good."),
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the analysis as JSON.")] = False,
) -> None:
    """Analyse the listeners who have finished: exact tests, intervals, screening."""
    from course_lib.evaluation import listening

    waiting = ""
    if source.is_dir():
        test = listening.ListeningTest(source)
        states = test.listeners()
        rows = test.rows()
        open_ones = sum(answered < trials for answered, trials in states.values())
        waiting = (
            f"{open_ones} of {len(states)} listeners have not finished and stay blind." if open_ones else ""
        )
    elif not source.exists():
        raise FileNotFoundError(f"no folder of a test and no CSV file at {source}")
    else:
        rows = listening.read_csv(source)
    options: dict[str, Any] = {"alpha": alpha}
    if rows and rows[0]["kind"] == "mushra":
        options["post_screening"] = screening
    found = listening.analyse(rows, **options)
    if csv is not None:
        listening.write_csv(csv, rows)
    if as_json:
        _print_json(found)
        return
    from rich.console import Console

    console = Console()
    for table in tables(found):
        console.print(table)
    for remark in (*remarks(found), waiting, f"Written to {csv}" if csv else ""):
        if remark:
            console.print(remark, markup=False, highlight=False)


def _print_json(found: dict[str, Any]) -> None:
    """JSON has no NaN: a share of nothing is null."""
    import json
    import math

    def clean(value):
        if isinstance(value, dict):
            return {key: clean(item) for key, item in value.items()}
        if isinstance(value, list):
            return [clean(item) for item in value]
        return None if isinstance(value, float) and math.isnan(value) else value

    typer.echo(json.dumps(clean(found), indent=2))


def tables(found: dict[str, Any]) -> list:
    """The analysis as rich tables."""
    return {"abx": _abx, "preference": _preference, "mushra": _mushra}[found["kind"]](found)


def remarks(found: dict[str, Any]) -> list[str]:
    """What must be said beside the numbers, in sentences."""
    said = [found["protocol"]]
    if found["kind"] == "abx":
        whole = found["all"]
        if whole["p"] > found["alpha"]:
            skill, n = whole["skill_80"], whole["trials"]
            reach = (
                f"{n} trials are too few to find anybody reliably."
                if skill is None
                else f"{n} trials find, in 80 % of the cases, whoever is right in {skill:.0%} or more."
            )
            said.append(f"No difference was shown. That is not to say that there is none: {reach}")
    elif found["kind"] == "preference" and found["position"]["p"] <= found["alpha"]:
        place = found["position"]
        said.append(f"A was chosen in {place['a']} of {place['decided']} decided trials: the place mattered.")
    elif found["kind"] == "mushra":
        said += [f"Left out: {listener} ({reason})." for listener, reason in found["screened"].items()]
    return said


def _table(title: str, *headings: str):
    from rich import box
    from rich.table import Table

    view = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for n, heading in enumerate(headings):
        view.add_column(heading, justify="right" if n else "left", no_wrap=n > 0)
    return view


def _abx(found: dict[str, Any]) -> list:
    made = []
    for title, key in (("Listeners", "listeners"), ("Pairs", "pairs"), ("Items", "items")):
        view = _table(title, "", "correct", "needed", "share", "95 % interval", "p", "p (Holm)")
        for name, score in {**found[key], "all": found["all"]}.items():
            correct = f"{score['correct']} of {score['trials']}"
            needed = str(score["needed"]) if score["needed"] <= score["trials"] else "too few trials"
            p_holm = _p(score["p_holm"]) if "p_holm" in score else ""
            view.add_row(
                name, correct, needed, f"{score['share']:.0%}", _share(score), _p(score["p"]), p_holm
            )
        made.append(view)
    return made


def _preference(found: dict[str, Any]) -> list:
    view = _table(
        "Preference",
        "pair",
        "first",
        "second",
        "tie",
        "share of first",
        "95 % interval",
        "p (Holm)",
        "p over listeners",
    )
    for pair in found["pairs"]:
        wins = [str(pair["wins"][pair[place]]) for place in ("first", "second")]
        share = f"{pair['share']:.0%}" if sum(pair["wins"].values()) else "n/a"
        name = f"{pair['first']} / {pair['second']}"
        tests = (_p(pair["p_holm"]), _p(pair["p_listeners"]))
        view.add_row(name, *wins, str(pair["ties"]), share, _share(pair), *tests)
    return [view]


def _mushra(found: dict[str, Any]) -> list:
    interval = f"{1 - found['alpha']:.0%} interval"
    scores = _table(
        f"Scores: {found['listeners']} listeners, {found['items']} items", "system", "mean", interval
    )
    for name, system in sorted(found["systems"].items(), key=lambda entry: -entry[1]["mean"]):
        scores.add_row(name, f"{system['mean']:.1f}", _points(system))
    apart = _table("Differences", "pair", "mean", interval, "p (Holm)")
    for pair in found["differences"]:
        name = f"{pair['first']} - {pair['second']}"
        apart.add_row(name, f"{pair['mean']:+.1f}", _points(pair), _p(pair["p_holm"]))
    return [scores, apart]


def _share(score: dict[str, Any]) -> str:
    return f"{score['low']:.0%} to {score['high']:.0%}"


def _points(score: dict[str, Any]) -> str:
    return "one listener" if score["low"] is None else f"{score['low']:.1f} to {score['high']:.1f}"


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
