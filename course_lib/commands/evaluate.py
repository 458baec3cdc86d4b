"""``course evaluate``: a finished run on the scoreboard."""

from __future__ import annotations

from typing import Annotated, Any

import typer

# What an autoencoder of 64 numbers must reach on FSDD with george held out (see `course bench autoencoder`).
BARS = {"stoi": 0.84, "pesq_nb": 1.65}
METRICS = {
    "stoi": ("STOI ↑", "{:.3f}"),
    "pesq_nb": ("PESQ-NB ↑", "{:.2f}"),
    "log_mel_l1": ("log-mel ↓", "{:.3f}"),
    "mae_features": ("MAE ↓", "{:.3f}"),
}


def evaluate(
    name: Annotated[str, typer.Argument(help="Name of the run (course runs list).")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON.")] = False,
    strings: Annotated[
        int | None, typer.Option(min=1, help="Score only this many ten-digit strings, for a quick look.")
    ] = None,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Score the newest weights of a run that is not done.")
    ] = False,
) -> None:
    """Score a run's reconstructions of held-out digits beside PCA, the ceiling and the mean."""
    import json

    from rich.console import Console

    from course_lib.training.durable import write_json
    from course_lib.training.store import RunStore

    run = RunStore().open(name)
    require_done(run, unfinished=unfinished)
    progress = Console(stderr=True)
    with progress.status("Loading the run ...") as status:
        result = evaluate_run(run, n_strings=strings, on_row=lambda row: status.update(f"Scoring {row} ..."))
    path = run.path / "evaluation.json"
    write_json(path, result)
    if as_json:
        typer.echo(json.dumps(result, indent=2))
    else:
        Console().print(table(result), soft_wrap=False)
        typer.echo(f"Written to {path}")


def require_done(run, *, unfinished: bool = False) -> None:
    """RunError unless the run is done, or has weights and ``unfinished`` allows them."""
    from course_lib.training.errors import RunError

    status = run.status()
    if status.state == "done" or unfinished:
        return
    remedy = {
        "failed": f"see why by `course runs show {run.name}`",
        "stopped": f"go on by `course train autoencoder --run {run.name} --resume`",
    }.get(status.state, "wait for its end")
    raise RunError(
        f"run {run.name} is {status.state} at epoch {status.epoch} of {status.epochs}; {remedy}, "
        "or score its newest weights by --unfinished"
    )


def evaluate_run(run, *, n_strings: int | None = None, on_row=None) -> dict[str, Any]:
    """The scoreboard of one run, JSON-ready: :mod:`course_lib.evaluation.reconstruction` and where from.

    Raises
    ------
    RunError
        The data set is not the one that the run was trained on; no weights; a preset without a
        ``reconstruct``.
    """
    import time

    from course_lib.data import catalog, splits
    from course_lib.evaluation import reconstruction
    from course_lib.training.errors import RunError
    from course_lib.training.quiet import quiet_stderr

    config = run.config()
    settings = config["dataset"]
    representation = run.representation()
    clips = catalog.load(settings["name"], sr=representation.sr, n_samples=representation.n_samples)
    if settings.get("sha256") not in (None, clips.sha256):
        raise RunError(
            f"run {run.name} was trained on another edition of {settings['name']} "
            f"({settings['sha256'][:12]}, here {clips.sha256[:12]}): its split and scaling do not fit; "
            "train it again"
        )
    train, test = splits.split(clips, settings.get("holdout") or None)
    with quiet_stderr():
        model = run.load_model()
    if not hasattr(model, "reconstruct"):
        raise RunError(f"run {run.name} holds a {type(model).__name__}, which reconstructs nothing")
    components = int(getattr(model, "latent_dim", None) or config["hyperparameters"].get("latent_dim", 64))
    began = time.monotonic()
    result = reconstruction.evaluate(
        model.reconstruct,
        train,
        test,
        representation,
        components=components,
        n_strings=n_strings,
        on_row=on_row,
    )
    status = run.status()
    if config.get("limit_clips"):
        result["protocol"] += f" The model itself was trained on only {settings['train']} clips."
    held_out = ", ".join(settings.get("holdout") or []) or "the data set's own test split"
    return {
        "run": run.name,
        "preset": config["preset"],
        "dataset": settings["name"],
        "held_out": held_out,
        "epochs": status.epoch,
        "train_seconds": round(status.elapsed_s, 1),
        "evaluation_seconds": round(time.monotonic() - began, 1),
        **result,
    }


def bars_for(result: dict[str, Any]) -> dict[str, float]:
    """The course's bars where they are defined: 64 numbers, FSDD, george held out. Empty elsewhere."""
    same = (result["dataset"], result["held_out"], result["settings"]["components"]) == ("fsdd", "george", 64)
    return dict(BARS) if same else {}


def table(result: dict[str, Any]):
    """The scoreboard as a rich table; the protocol and, where they hold, the bars are its caption."""
    from rich import box
    from rich.table import Table

    from course_lib.evaluation.intelligibility import PESQ_MISSING

    bars = bars_for(result)
    caption = (
        "↑ higher is better, ↓ lower is better. log-mel: L1 in nepers, MAE in the features' own unit. "
        f"{result['protocol']}"
    )
    if bars:
        caption += f" Bars for the model: STOI ≥ {bars['stoi']}, PESQ-NB ≥ {bars['pesq_nb']}."
    view = Table(
        title=f"{result['run']}: {result['dataset']}, held out: {result['held_out']}",
        title_justify="left",
        caption=caption,
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    view.add_column("system", no_wrap=True)
    for heading, _ in METRICS.values():
        view.add_column(heading, justify="right", no_wrap=True)
    missing = "n/a (silent)" if result["settings"]["pesq"] else PESQ_MISSING
    for name, row in result["rows"].items():
        cells = [_cell(row, metric, missing, bars if name == "model" else {}) for metric in METRICS]
        view.add_row(title(name, result), *cells, style="bold" if name == "model" else None)
    return view


def title(name: str, result: dict[str, Any]) -> str:
    """A row's name for people."""
    k = result["settings"]["components"]
    if name.startswith("pca_"):
        return f"PCA, {name.removeprefix('pca_')} numbers"
    return {
        "model": f"{result['preset']}, {k} numbers",
        "ceiling": "representation (ceiling)",
        "mean": "mean of training clips",
    }[name]


def _cell(row: dict[str, Any], metric: str, missing: str, bars: dict[str, float]) -> str:
    value = row[metric]
    if value is None:
        return missing
    text = METRICS[metric][1].format(value)
    error = row.get(f"{metric}_se")
    if error is not None:
        text += f" ± {error:.3f}"
    if metric in bars:
        met = value >= bars[metric]
        text = f"[{'green' if met else 'red'}]{text} {'✓' if met else '✗'}[/]"
    return text
