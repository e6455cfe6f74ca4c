"""What the house tests look at: the files of the repository."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "tarazy"
BUILT = {".git", ".venv", "target", "var", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"}


@cache
def tracked_files() -> tuple[Path, ...]:
    """Return the files under version control, or all but what was built where there is no git."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    else:
        paths = (p for p in ROOT.rglob("*") if not BUILT & set(p.relative_to(ROOT).parts))
    return tuple(sorted(p for p in paths if p.is_file()))


def text_files(*suffixes: str) -> list[Path]:
    """Return the tracked text files, of these suffixes where any is given."""
    return [p for p in tracked_files() if (not suffixes or p.suffix in suffixes) and b"\0" not in p.read_bytes()[:4096]]


def python_files(*packages: str) -> list[Path]:
    """Return the Python files of packages under src/tarazy."""
    return sorted(path for package in packages for path in (SOURCE / package).rglob("*.py"))


def name(path: Path) -> str:
    """Return a path as failures print it."""
    return str(path.relative_to(ROOT))
