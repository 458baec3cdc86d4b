"""Set the project up in ``.venv`` and run one of its tasks: ``python -m course_lib.bootstrap start``.

Standard library only, and readable by any Python 3: its first duty is to say clearly that the Python at hand
is the wrong one. A second run finds the stamp of the first and starts at once.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "latent-sound.stamp"
SUPPORTED = ((3, 12), (3, 13))
TASKS = {
    "setup": [],
    "start": [["-m", "course_lib.cli", "start"]],
    "test": [["-m", "pytest"]],
    "lint": [["-m", "ruff", "check", "."], ["-m", "ruff", "format", "--check", "."]],
    "test-backends": [["-m", "tests.backends"]],
    "bench": [["-m", "course_lib.cli", "bench"]],
    "notebooks": [["-m", "course_lib.cli", "lab", "build", "--all", "-o", "notebooks/work"]],
}


class SetupError(Exception):
    """Something that only the user can mend; the message says how."""


def say(text):
    """Print one line of progress at once."""
    print(text, file=sys.stderr, flush=True)


def supported(command):
    """Path of the interpreter that ``command`` (a list) starts if its version is supported, else None."""
    probe = "import sys; print(sys.version_info[0], sys.version_info[1], sys.executable)"
    try:
        output = subprocess.run(
            [*command, "-c", probe], capture_output=True, text=True, timeout=60, check=True
        )
        major, minor, executable = output.stdout.strip().split(" ", 2)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return executable if (int(major), int(minor)) in SUPPORTED else None


def find_python():
    """Path of a supported Python: this one, one on the path, or one that uv knows or can bring."""
    candidates = [[sys.executable], ["python3.12"], ["python3.13"], ["python3"], ["python"]]
    if os.name == "nt":
        candidates += [["py", "-3.12"], ["py", "-3.13"]]
    for candidate in candidates:
        executable = supported(candidate)
        if executable:
            return executable
    uv = shutil.which("uv")
    if uv:
        say("No Python 3.12 or 3.13 on the path: asking uv for one ...")
        if not uv_finds(uv):
            subprocess.run([uv, "python", "install", "3.12"], cwd=ROOT, capture_output=True, check=False)
        executable = uv_finds(uv)
        if executable:
            return executable
    raise SetupError(
        "Latent Sound needs Python 3.12 or 3.13 and found only {}.{}.{}: install Python 3.12 "
        "from python.org, or uv from docs.astral.sh/uv, and run this again.".format(*sys.version_info[:3])
    )


def uv_finds(uv):
    """Path of a supported Python that uv knows, or None."""
    command = [uv, "python", "find", ">=3.12,<3.14"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return found.stdout.strip() if found.returncode == 0 else None


def venv_python(venv=None):
    """Path of the interpreter inside ``.venv``, or inside another environment."""
    return (venv or VENV) / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def fingerprint():
    """Changes whenever the environment would have to be installed anew."""
    digest = hashlib.sha256(str(ROOT).encode())
    for name in ("requirements.lock", "requirements-pesq.lock", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def run(command, what):
    """Run one step of the set-up; its failure is reported in one sentence after its own words."""
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise SetupError(f"{what} failed; its own message stands above.")


def create_venv(python, venv=None):
    """Make ``.venv``, or another environment, unless one with a supported Python is there."""
    venv = venv or VENV
    inside = str(venv_python(venv))
    if Path(inside).exists() and supported([inside]):
        # An environment that uv made has no pip: without uv it can only be made anew.
        probe = [inside, "-c", "import pip"]
        if shutil.which("uv") or subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return
    if venv.exists():
        # make prefers the Python of .venv: what is about to be removed cannot make the next one.
        python = outside(python, venv)
        shutil.rmtree(venv)
    uv = shutil.which("uv")
    if uv:
        run([uv, "venv", "--quiet", "--python", python, str(venv)], "uv venv")
        return
    if subprocess.run([python, "-c", "import ensurepip"], capture_output=True, check=False).returncode != 0:
        raise SetupError(
            "This Python has no ensurepip, so it cannot make a virtual environment: install the package "
            "python3.12-venv (Debian, Ubuntu) or uv, and run this again."
        )
    run([python, "-m", "venv", str(venv)], "python -m venv")


def outside(python, venv):
    """The Python that ``python`` was made from if it lives in ``venv``, else ``python`` itself."""
    home = venv.resolve()
    if home not in Path(python).parent.resolve().parents:
        return python
    probe = "import sys; print(getattr(sys, '_base_executable', None) or sys.executable)"
    found = subprocess.run([python, "-c", probe], capture_output=True, text=True, check=False)
    base = found.stdout.strip()
    if found.returncode != 0 or not base or home in Path(base).parents:
        raise SetupError(
            f"{venv.name} cannot be made anew by its own Python: remove it and run this with another one."
        )
    return base


def installer(venv=None):
    """The command that installs packages into ``.venv``, or into another environment."""
    python, uv = str(venv_python(venv)), shutil.which("uv")
    return [uv, "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install"]


def install_lock(pip, lock="requirements.lock", *options):
    """Install every locked version, saying how far it has come: the first time takes minutes."""
    command = [*pip, *options, "--require-hashes", "-r", lock]
    if pip[1] == "pip":
        # uv draws its own progress bar.
        run(command, f"Installing {lock}")
        return
    total = sum("==" in line for line in (ROOT / lock).read_text().splitlines())
    live = sys.stderr.isatty()
    shown = "\r  {:3d} of at most {} packages: {:40.40s}" if live else "  {:3d} of at most {} packages: {}\n"
    count, last_words = 0, []
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout:
            last_words = [*last_words[-20:], line]
            if line.startswith(("Collecting ", "Installing collected")):
                name = line.split()[1].split("==")[0]
                count += name != "collected"
                if live or count % 20 == 0:
                    sys.stderr.write(
                        shown.format(count, total, name if name != "collected" else "unpacking all")
                    )
                    sys.stderr.flush()
    if live:
        sys.stderr.write("\n")
    if process.returncode != 0:
        sys.stderr.writelines(last_words)
        raise SetupError(f"Installing {lock} failed; pip's own message stands above.")


def install():
    """Install the locked versions, each checked against its hash, then the project itself."""
    pip = installer()
    say("Installing the locked packages into .venv: about 3 GB, a few minutes the first time ...")
    install_lock(pip)
    run([*pip, "--quiet", "--no-deps", "--no-build-isolation", "-e", "."], "Installing the project")
    # PESQ has no binary packages. It is one optional column of the tables, so a machine without a
    # compiler goes on without it.
    if any(shutil.which(compiler) for compiler in ("cc", "gcc", "clang", "cl")):
        pesq = ["--require-hashes", "--no-deps", "--no-build-isolation", "-r", "requirements-pesq.lock"]
        if subprocess.run([*pip, *pesq], cwd=ROOT, capture_output=True, check=False).returncode != 0:
            say("PESQ could not be compiled here; tables will show it as missing.")


def ensure():
    """Make the environment match the lock file; fast when it does already."""
    stamp = fingerprint()
    if STAMP.exists() and STAMP.read_text() == stamp and venv_python().exists():
        return
    create_venv(find_python())
    STAMP.unlink(missing_ok=True)
    install()
    STAMP.write_text(stamp)


def main(arguments=None):
    """Set up, then run the named task with the remaining arguments; the exit status is the task's."""
    arguments = sys.argv[1:] if arguments is None else arguments
    task = arguments[0] if arguments else "start"
    if task not in TASKS:
        say(f"unknown task {task!r}; expected one of {', '.join(TASKS)}")
        return 2
    try:
        ensure()
    except SetupError as error:
        say(f"error: {error}")
        return 1
    for command in TASKS[task]:
        try:
            status = subprocess.run(
                [str(venv_python()), *command, *arguments[1:]], cwd=ROOT, check=False
            ).returncode
        except KeyboardInterrupt:
            # The task got the same Ctrl-C and has ended by itself.
            return 130
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
