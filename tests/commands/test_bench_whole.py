"""``course bench autoencoder`` for once with everything real: a network, its training, its scores."""

from __future__ import annotations

import json
import time

import pytest
from typer.testing import CliRunner

from course_lib import cli
from course_lib.data import splits
from course_lib.training.store import RunStore

pytestmark = pytest.mark.slow
TINY = {"network": "conv1d", "width": "4", "latent_dim": "4", "batch_size": "16", "epochs": "2"}


@pytest.fixture(scope="module")
def boards(tmp_path_factory):
    """The same command twice: (document, standard error, seconds) of each, and the store."""
    folder = tmp_path_factory.mktemp("bench")
    whole = splits.split

    def few(clips, holdout=None):
        train, test = whole(clips, holdout)
        return train.select(slice_of(len(train), 200)), test.select(slice_of(len(test), 40))

    def slice_of(count, wanted):
        return list(range(0, count, count // wanted))[:wanted]

    settings = [word for name, value in TINY.items() for word in ("--set", f"{name}={value}")]
    command = ["bench", "autoencoder", "--dataset", "digits", "--limit", "64", "--seconds", "120", *settings]
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_RUNS", str(folder / "runs"))
        patch.setenv("TF_NUM_INTRAOP_THREADS", "1")
        # What is scored, here: principal components of all clips would take longer than everything else.
        patch.setattr(splits, "split", few)
        for name in ("first", "second"):
            began = time.monotonic()
            path = folder / f"{name}.json"
            result = CliRunner().invoke(cli.app, [*command, "--strings", "1", "--json", str(path)])
            assert result.exit_code == 0, result.output
            seen.append((json.loads(path.read_text()), result.stderr, time.monotonic() - began))
        yield seen, RunStore()


def test_it_trains_and_scores(boards):
    ((document, errors, _), _), store = boards
    (entry,) = document["lessons"]["autoencoder"]["entries"]
    assert (entry["training"], entry["scoring"], entry["error"]) == ("trained", "scored", None)
    run = store.open(entry["runs"]["autoencoder"])
    assert run.config()["hyperparameters"]["width"] == 4
    assert run.status().epoch == 2
    rows = entry["result"]["rows"]
    assert list(rows) == ["model", "codec", "pca_4", "pca_8", "ceiling", "mean"]
    # Ten words of four numbers at four bits, their places and a header.
    assert 30 < rows["codec"]["bytes"] < 120
    assert 0.03 < rows["codec"]["kbit_s"] < 0.3
    # An all but untrained network is no better than four principal components, and nothing than the ceiling.
    assert rows["model"]["stoi"] <= rows["pca_8"]["stoi"] + 0.1 < rows["ceiling"]["stoi"]
    assert rows["ceiling"]["stoi"] > 0.97
    assert rows["mean"]["stoi_share"] == 0
    assert "trained on only 64 clips" in entry["result"]["protocol"]
    assert document["lessons"]["autoencoder"]["unjudged"].startswith("the bars are for fsdd")
    assert document["passed"]
    assert "trains as bench-autoencoder-digits-s0-001" in errors


def test_the_second_time_all_is_there(boards):
    (first, second), store = boards
    one, two = (seen[0]["lessons"]["autoencoder"] for seen in (first, second))
    (entry,) = two["entries"]
    assert (entry["training"], entry["scoring"]) == ("reused", "reused")
    assert entry["result"] == one["entries"][0]["result"]
    assert two["summary"] == one["summary"]
    assert len(store.names()) == 1
    assert second[2] < first[2] / 2
