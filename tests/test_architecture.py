"""The house rules that a reader cannot see at a glance: who imports whom, and what must not be committed."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# A room may import from rooms of a lower rank, and from itself.
RANK = {
    "audio": 0,
    "data": 1,
    "losses": 1,
    "evaluation": 1,
    "plotting": 1,
    "layers": 2,
    "models": 3,
    "training": 4,
    "teaching": 5,
    "dashboards": 6,
    "notebooks": 7,
}
# Modules beside the rooms: paths and the version are for everybody, the command line may use everybody.
FOR_EVERYBODY = {"course_lib", "course_lib.__version__", "course_lib.paths"}


def _room(module: str) -> str | None:
    parts = module.split(".")
    if parts[0] == "dashboards":
        return "dashboards"
    if parts[0] == "course_lib" and len(parts) > 1:
        return parts[1]
    return None


def _imports(tree: ast.AST) -> set[str]:
    """Modules of this project that a syntax tree imports, at any depth."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, "imports are absolute in this project"
            found |= (
                {f"{node.module}.{alias.name}" for alias in node.names}
                if node.module
                in (
                    "course_lib",
                    "dashboards",
                )
                else {node.module}
            )
    return {name for name in found if name.split(".")[0] in ("course_lib", "dashboards")}


def _violations(room: str, tree: ast.AST) -> list[str]:
    wrong = []
    for module in sorted(_imports(tree)):
        target = _room(module)
        if module in FOR_EVERYBODY or target == room:
            continue
        if target not in RANK or RANK[target] >= RANK[room]:
            wrong.append(module)
    return wrong


def _python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def _in_room() -> list[tuple[str, Path]]:
    files = []
    for path in _python_files("course_lib", "dashboards"):
        relative = path.relative_to(ROOT)
        room = "dashboards" if relative.parts[0] == "dashboards" else relative.parts[1]
        if room in RANK:
            files.append((room, path))
    return files


@pytest.mark.parametrize(("room", "path"), _in_room(), ids=lambda value: getattr(value, "name", value))
def test_imports_point_left(room, path):
    wrong = _violations(room, ast.parse(path.read_text(encoding="utf-8")))
    assert not wrong, f"{path.relative_to(ROOT)} (room {room}) imports {wrong} from rooms not to its left"


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.name)
def test_notebooks_import_the_library_only(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = "\n".join(
        line
        for cell in cells
        if cell["cell_type"] == "code"
        for line in "".join(cell["source"]).splitlines()
        if not line.lstrip().startswith(("%", "!"))
    )
    assert not _violations("notebooks", ast.parse(code))


def test_a_wrong_arrow_is_seen():
    assert _violations("audio", ast.parse("from course_lib.models.autoencoder import Autoencoder"))
    assert _violations("data", ast.parse("import course_lib.evaluation.signal"))
    assert _violations("training", ast.parse("def f():\n    from dashboards.app import serve"))
    assert not _violations("models", ast.parse("from course_lib.losses.reconstruction import mse"))


def test_only_the_command_line_imports_commands():
    for room, path in _in_room():
        imported = _imports(ast.parse(path.read_text(encoding="utf-8")))
        assert not {m for m in imported if _room(m) in ("commands", "cli")}, f"{path} of {room}"


def test_every_python_file_is_in_a_room():
    known = {"commands", "cli.py", "paths.py", "bootstrap.py", "__init__.py", *RANK}
    strangers = {
        path.relative_to(ROOT / "course_lib").parts[0] for path in _python_files("course_lib")
    } - known
    assert not strangers
    forbidden = {"utils.py", "common.py", "helpers.py"}
    assert not [path for path in _python_files("course_lib", "dashboards", "tests") if path.name in forbidden]


@pytest.mark.parametrize("folder", ["layers", "losses", "models"])
def test_models_know_no_backend(folder):
    for path in _python_files(f"course_lib/{folder}"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            backends = {name for name in names if name.split(".")[0] in ("tensorflow", "torch", "jax")}
            assert not backends, f"{path.relative_to(ROOT)} imports {backends}; use keras.ops"


def test_light_modules_stay_light():
    """The command line's help and the dashboard server must not pay for a backend they do not use."""
    light = ["cli", "training.store", "training.worker", "training.presets"]
    imports = ", ".join(f"course_lib.{module}" for module in light)
    heavy = {"tensorflow", "keras", "jax", "torch"}
    code = f"import sys, {imports}; print(sorted({heavy} & set(sys.modules)))"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert child.stdout.strip() == "[]"


def test_help_imports_nothing_heavy():
    code = (
        "import sys, course_lib.cli; "
        "print(sorted({'numpy', 'librosa', 'panel', 'bokeh', 'sklearn', 'pydantic'} & set(sys.modules)))"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert child.stdout.strip() == "[]"


def _committed_text() -> list[tuple[str, str]]:
    listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, cwd=ROOT, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout: there is no list of committed files to look through")
    texts = []
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file():
            data = path.read_bytes()
            if b"\0" not in data[:4096]:
                texts.append((name, data.decode("utf-8", errors="replace")))
    return texts


def test_no_registry_address_is_committed():
    hosts = [
        "pythonhosted" + ".org",
        "pypi" + ".org/simple",
        "registry.npmjs" + ".org",
        "conda.anaconda" + ".org",
    ]
    found = [(name, host) for name, text in _committed_text() for host in hosts if host in text]
    assert not found


def test_notebooks_are_committed_without_outputs():
    for name, text in _committed_text():
        if name.endswith(".ipynb"):
            for cell in json.loads(text)["cells"]:
                assert not cell.get("outputs"), f"{name}: cell {cell.get('id')} has outputs; run nbstripout"
                assert cell.get("execution_count") is None, f"{name}: cell {cell.get('id')} has a count"


def test_bundled_audio_and_weights_stay_small():
    listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, cwd=ROOT, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout: there is no list of committed files to look through")
    suffixes = {".flac", ".wav", ".ogg", ".mp3", ".npz", ".h5", ".keras"}
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if Path(name).suffix in suffixes]
    assert sum(path.stat().st_size for path in paths if path.exists()) < 20e6
