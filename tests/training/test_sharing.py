"""Runs that travel: what goes along, what stays, and what is refused at the border."""

from __future__ import annotations

import io
import json
import platform
import shutil
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from course_lib.training.durable import read_json, sha256, write_json
from course_lib.training.sharing.packing import export_run
from course_lib.training.sharing.unpacking import import_run
from course_lib.training.status import read_status, write_status
from course_lib.training.store import Run, RunError, RunStore

sys.path.insert(0, str(Path(__file__).parent))

from fake_run import fake_run
from untrained_run import untrained_run


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Run:
    root = tmp_path_factory.mktemp("here")
    run = fake_run(root, "mine", epochs=2, batches=10, limit=16)
    (run.path / "log.txt").write_text(f"Traceback in {Path.home()}/secret.py")
    write_json(run.path / "evaluation.json", {"rows": {"model": {"stoi": 0.9}}, "from": str(run.path / "x")})
    status = read_status(run.path)
    write_status(run.path, replace(status, message=f"written to {run.path}/previews"))
    return run


@pytest.fixture
def zipped(run, tmp_path) -> Path:
    path = tmp_path / "mine.zip"
    export_run(run, path)
    return path


def rewrite(path: Path, change) -> Path:
    """The archive with ``change(entries)`` applied to its name -> bytes, manifest included."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def add(entries, name: str, data: bytes) -> None:
    """An entry that the manifest knows."""
    manifest = json.loads(entries["manifest.json"])
    entries[name] = data
    entries["manifest.json"] = json.dumps(manifest | {"files": manifest["files"] | {name: sha256(data)}})


def test_there_and_back(run, zipped, tmp_path):
    store = RunStore(tmp_path / "there")
    imported = import_run(zipped, store)
    assert imported.name == "mine"
    assert imported.history() == run.history()
    assert [preview.step for preview in imported.previews()] == [preview.step for preview in run.previews()]
    ours, theirs = run.previews()[-1], imported.previews()[-1]
    assert theirs.path(0, "output").read_bytes() == ours.path(0, "output").read_bytes()
    assert imported.status().state == "done"
    assert store.list()[0].name == "mine"
    again = import_run(zipped, store, name="yours")
    assert again.config()["name"] == "yours"
    assert sorted(path.name for path in store.root.iterdir()) == ["mine", "yours"]


def test_nothing_of_the_machine_goes_along(run, zipped):
    with zipfile.ZipFile(zipped) as archive:
        names = archive.namelist()
        text = b"".join(archive.read(name) for name in names if not name.endswith((".wav", ".npz"))).decode()
    assert not {"log.txt", ".lock", "control.json"} & set(names)
    assert "previews" in text
    for secret in (str(run.path.parent), str(Path.home()) + "/", f'"{platform.node()}"'):
        assert secret not in text
    with zipfile.ZipFile(zipped) as archive:
        assert json.loads(archive.read("status.json"))["pid"] is None
        assert json.loads(archive.read("evaluation.json"))["from"] == "x"
        assert "host" not in json.loads(archive.read("config.json"))["machine"]


def test_the_same_run_gives_the_same_bytes(run, zipped, tmp_path):
    export_run(run, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == zipped.read_bytes()


def test_a_model_still_works_where_it_arrives(tmp_path):
    untrained_run(tmp_path / "here", "autoencoder", "small")
    here = RunStore(tmp_path / "here").open("small")
    export_run(here, tmp_path / "small.zip")
    there = import_run(tmp_path / "small.zip", RunStore(tmp_path / "there"))
    features = np.zeros((1, *here.load_model().decoder.output_shape[1:]), np.float32)
    np.testing.assert_array_equal(
        there.load_model().reconstruct(features), here.load_model().reconstruct(features)
    )


def test_an_unfinished_run_takes_its_newest_checkpoint_along(run, tmp_path):
    root = tmp_path / "here"
    shutil.copytree(run.path, root / "mine")
    halted = Run(root / "mine")
    from course_lib.training.checkpoints import Checkpoint, save_checkpoint

    for epoch in (1, 2):
        arrays = {"model/x": np.arange(epoch)}
        save_checkpoint(halted.path / "checkpoints", Checkpoint(epoch, 0, 10 * epoch, 1.0, arrays))
    export_run(halted, tmp_path / "done.zip")
    write_status(halted.path, replace(read_status(halted.path), state="stopped"))
    export_run(halted, tmp_path / "halted.zip")
    kept = [
        {Path(name).stem for name in zipfile.ZipFile(tmp_path / f"{which}.zip").namelist() if "check" in name}
        for which in ("done", "halted")
    ]
    assert kept == [set(), {"epoch-000002"}]


def test_a_live_run_and_a_taken_file_are_refused(run, zipped, tmp_path):
    with pytest.raises(RunError, match=r"mine\.zip is there already; .* --overwrite"):
        export_run(run, zipped)
    export_run(run, zipped, overwrite=True)
    with pytest.raises(RunError, match=r"an exported run is a \.zip file; received .*mine\.tar"):
        export_run(run, tmp_path / "mine.tar")
    live = fake_run(tmp_path / "runs", "live", epochs=1, batches=10, state="running", limit=16)
    with pytest.raises(RunError, match="run live is running; export it when it is over"):
        export_run(live, tmp_path / "live.zip")
    assert not (tmp_path / "live.zip").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda e: add(e, "../../evil.json", b"{}"), "does not belong to a run"),
        (lambda e: add(e, "/etc/evil.json", b"{}"), "does not belong to a run"),
        (lambda e: add(e, "model/code.py", b"evil"), r"holds 'model/code\.py', which does not belong"),
        (lambda e: add(e, ".hidden.json", b"{}"), "does not belong to a run"),
        (lambda e: e.update({"history.csv": b"changed"}), r"history\.csv in .* is damaged"),
        (lambda e: e.pop("history.csv"), r"do not agree about 'history\.csv'"),
        (lambda e: e.update({"more.json": b"{}"}), r"do not agree about 'more\.json'"),
        (lambda e: e.pop("manifest.json"), "is not an exported run; make one with: course runs export"),
        (lambda e: e.update({"manifest.json": b"[]"}), "is not an exported run"),
        (
            lambda e: e.update({"manifest.json": e["manifest.json"].replace(b'"schema": 1', b'"schema": 2')}),
            "was exported in format 2; this version reads format 1: update the course",
        ),
        (lambda e: add(e, "config.json", b'{"schema": 9}'), "is written in schema 9"),
        (lambda e: add(e, "config.json", b"nonsense"), r"holds no readable config\.json"),
    ],
)
def test_what_is_wrong_is_named_and_leaves_nothing(zipped, tmp_path, change, message):
    store = RunStore(tmp_path / "there")
    with pytest.raises(RunError, match=message):
        import_run(rewrite(zipped, change), store)
    assert not store.root.exists() or not list(store.root.iterdir())
    assert not (tmp_path / "evil.json").exists()


def test_no_zip_a_cut_one_and_a_missing_one(zipped, tmp_path):
    store = RunStore(tmp_path / "there")
    (tmp_path / "text.zip").write_text("no zip")
    with pytest.raises(RunError, match=r"text\.zip is no zip file"):
        import_run(tmp_path / "text.zip", store)
    (tmp_path / "cut.zip").write_bytes(zipped.read_bytes()[:-2000])
    with pytest.raises(RunError, match=r"cut\.zip is no zip file, or a damaged one"):
        import_run(tmp_path / "cut.zip", store)
    with pytest.raises(RunError, match="there is no file"):
        import_run(tmp_path / "none.zip", store)
    import_run(zipped, store)
    with pytest.raises(RunError, match="a run named mine exists"):
        import_run(zipped, store)
    with pytest.raises(RunError, match=r"run name '\.\./up' is not usable"):
        import_run(zipped, store, name="../up")


def test_a_bomb_is_not_unpacked(zipped, tmp_path, monkeypatch):
    from course_lib.training.sharing import unpacking

    monkeypatch.setattr(unpacking, "MAX_BYTES", 1000)
    with pytest.raises(RunError, match="is too large for a run"):
        import_run(zipped, RunStore(tmp_path / "there"))


def test_a_preview_that_points_elsewhere_is_not_shown(zipped, tmp_path):
    (tmp_path / "secret.wav").write_bytes(b"secret")

    def point_outside(entries):
        name = next(name for name in entries if name.endswith("index.json"))
        index = json.loads(entries[name])
        index["clips"][0]["output"] = "../../../../secret.wav"
        add(entries, name, json.dumps(index).encode())

    count = len(import_run(zipped, RunStore(tmp_path / "a")).previews())
    imported = import_run(rewrite(zipped, point_outside), RunStore(tmp_path / "b"))
    assert len(imported.previews()) == count - 1
    assert all(
        preview.path(0, "output").resolve().is_relative_to(imported.path) for preview in imported.previews()
    )


def test_a_zip_that_lies_about_its_sizes_is_damaged(zipped):
    data = bytearray(zipped.read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        entry = archive.getinfo("history.csv")
    at = data.rindex(b"history.csv") - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    data[at + 24 : at + 28] = (entry.file_size - 5).to_bytes(4, "little")
    zipped.write_bytes(bytes(data))
    with pytest.raises(RunError, match="damaged"):
        import_run(zipped, RunStore(zipped.parent / "there"))


def test_read_json_of_the_store_is_what_was_exported(run, zipped, tmp_path):
    imported = import_run(zipped, RunStore(tmp_path / "there"))
    ours, theirs = run.config(), imported.config()
    ours["machine"].pop("host")
    assert theirs == ours
    assert read_json(imported.path / "manifest.json") is None
