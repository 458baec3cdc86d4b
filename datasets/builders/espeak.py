"""Speak one word with the eSpeak NG command: a builder's tool (GPL-3), never imported by the library."""

from __future__ import annotations

import functools
import io
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import soundfile
import soxr

from course_lib.audio.files import AudioError

EXPECTED_VERSION = "1.51"


@functools.cache
def data_folder() -> Path:
    """eSpeak NG's own data folder; raises AudioError when the command is missing or of another version."""
    command = shutil.which("espeak-ng")
    if command is None:
        raise AudioError("the builder needs the command espeak-ng (Debian package espeak-ng); install it")
    said = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"text-to-speech: (\S+)", said)
    if version is None or version.group(1) != EXPECTED_VERSION:
        raise AudioError(f"expected espeak-ng {EXPECTED_VERSION}; received: {said.strip()}")
    return Path(said.split("Data at:")[1].strip())


def variants() -> list[str]:
    """Names of the voice variants that are installed, sorted."""
    return sorted(path.name for path in (data_folder() / "voices" / "!v").iterdir())


def definition(variant: str) -> dict[str, list[str]]:
    """A variant's settings: {attribute: values}, the last line of each attribute."""
    text = (data_folder() / "voices" / "!v" / variant).read_text(encoding="utf-8", errors="replace")
    lines = [line.split() for line in text.splitlines() if line.strip() and line.strip()[0] not in "#/"]
    return {words[0]: words[1:] for words in lines}


def speak(
    word: str, *, accent: str, variant: str, pitch: int, rate: int, sr: int
) -> tuple[np.ndarray, float]:
    """Synthesise ``word`` in a process of its own: eSpeak NG carries random state from clip to clip.

    Parameters
    ----------
    pitch : int
        0 to 99; 50 is the variant's own.
    rate : int
        Words a minute.
    sr : int
        Sampling rate of the result in Hz.

    Returns
    -------
    y : np.ndarray, shape (samples,), float64
    clipped : float
        Share of samples at full scale before resampling.
    """
    if variant not in variants():
        # The command itself falls back to another voice without a word.
        raise AudioError(f"espeak-ng has no variant {variant!r}")
    voice = f"{accent}+{variant}"
    command = ["espeak-ng", "-v", voice, "-p", str(pitch), "-s", str(rate), "-a", "50", "--stdout", word]
    spoken = subprocess.run(command, capture_output=True, check=True).stdout
    y, source_sr = soundfile.read(io.BytesIO(spoken), dtype="float64")
    return soxr.resample(y, source_sr, sr, quality="HQ"), float(np.mean(np.abs(y) >= 0.9995))
