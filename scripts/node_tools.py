"""Install the npm tools of tools/node, once per lock file, and print the folder that holds their node_modules.

The folder is var/tools/HASH, where HASH comes from package.json and package-lock.json: a changed lock installs anew
beside the old one. Runs at once wait for one another, and only a complete installation is marked as such; the fixture
`node_tools` of tests/servers.py shares folder, lock and mark.

Usage: python scripts/node_tools.py
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NODE = ROOT / "tools" / "node"
FILES = ("package.json", "package-lock.json")
INSTALL_TIMEOUT_S = 600


class NodeToolsError(Exception):
    """The npm tools cannot be had here; the text says what is missing and what to do."""


def require(program: str) -> str:
    """Return the path of a program.

    Raises: NodeToolsError.
    """
    found = shutil.which(program)
    if not found:
        raise NodeToolsError(f"expected `{program}` on the path, found none; install Node.js 18 or newer with npm")
    return found


def node_tools() -> Path:
    """Return the folder with the locked npm packages; install them where they are not there yet.

    Raises: NodeToolsError.
    """
    digest = hashlib.sha256(b"".join((NODE / name).read_bytes() for name in FILES)).hexdigest()[:16]
    folder = ROOT / "var" / "tools" / digest
    if (folder / ".complete").exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{digest}.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not (folder / ".complete").exists():
            install(folder)
    return folder


def install(folder: Path) -> None:
    """Run `npm ci` in a folder made anew.

    Raises: NodeToolsError.
    """
    npm = require("npm")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in FILES:
        shutil.copy(NODE / name, folder)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=INSTALL_TIMEOUT_S
        )
    except subprocess.TimeoutExpired as late:
        raise NodeToolsError(f"`npm ci` took over {INSTALL_TIMEOUT_S} s; is the registry reachable?") from late
    if done.returncode:
        raise NodeToolsError(f"`npm ci` of tools/node failed ({done.returncode}):\n{done.stderr.strip()}")
    (folder / ".complete").touch()


if __name__ == "__main__":
    try:
        print(node_tools())
    except NodeToolsError as error:
        sys.exit(f"node_tools: {error}")
