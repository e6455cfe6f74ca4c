"""The package as others install it: one wheel, and throw-away environments with one extra each."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

# A wheel that is only looked at and tried need not be fast.
QUICK = {
    "CARGO_PROFILE_RELEASE_LTO": "off",
    "CARGO_PROFILE_RELEASE_OPT_LEVEL": "1",
    "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16",
    "CARGO_PROFILE_RELEASE_DEBUG": "0",
}
ROOT = Path(__file__).resolve().parents[2]
PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")


def run(*command: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program without this repository on its path."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TARAZY"))}
    return subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, env=surroundings, cwd=cwd
    )


def build_wheels(folder: Path) -> list[Path]:
    """Build both packages as `make wheels` does, but for the optimiser.

    Without cargo the test is skipped, but under CI it fails.
    """
    if shutil.which("cargo") is None and not os.environ.get("CI"):
        pytest.skip("the portable wheel needs cargo")
    surroundings = os.environ | QUICK | {"BIN": str(Path(sys.executable).parent)}
    done = subprocess.run(
        [ROOT / "scripts" / "build_wheels.sh", folder], capture_output=True, text=True, env=surroundings, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return sorted(folder.glob("*.whl"))


def build_wheel(folder: Path) -> Path:
    """Build the wheel of tarazy alone."""
    done = run(*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("tarazy-*.whl")
    return wheel


def constraints(folder: Path) -> Path:
    """Write the locked versions without their hashes, which pip would ask of our own wheel too."""
    path = folder / "constraints.txt"
    locked = re.findall(r"^([\w.-]+==[^\\\n]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    path.write_text("\n".join(locked) + "\n")
    return path


def environment(folder: Path, wheel: Path, extra: str) -> Path:
    """Install the wheel with one extra (or none) into a new environment and return its Python.

    Without a registry the test is skipped, but under CI it fails.
    """
    place = folder / (extra or "bare")
    place.parent.mkdir(exist_ok=True)
    venv.create(place, with_pip=False)
    python = place / "bin" / "python"
    wanted = f"tarazy[{extra}] @ {wheel.as_uri()}" if extra else wheel
    done = run(*PIP, "--python", python, "install", "--constraint", constraints(folder), wanted)
    if "No matching distribution" in done.stderr and not os.environ.get("CI"):
        pytest.skip(f"the packages of {extra or 'the bare install'} cannot be had: {done.stderr.strip()[-200:]}")
    assert done.returncode == 0, done.stderr
    return python
