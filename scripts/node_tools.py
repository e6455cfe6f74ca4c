"""Install the npm tools of tools/node, once per lock file, and return the folder that holds their node_modules.

The folder is var/tools/HASH, where HASH comes from package.json and package-lock.json: a changed lock installs anew
beside the old one. `npm ci` runs in a folder of its own that is renamed when complete, so that two runs at once do no
harm and a broken run leaves nothing that looks whole.

Usage: python scripts/node_tools.py     prints the folder
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NODE = ROOT / "tools" / "node"
FILES = ("package.json", "package-lock.json", ".npmrc")
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
    digest = hashlib.sha256(b"\0".join((NODE / name).read_bytes() for name in FILES)).hexdigest()[:16]
    folder = ROOT / "var" / "tools" / digest
    if not (folder / "node_modules").is_dir():
        install(folder)
    return folder


def install(folder: Path) -> None:
    """Run `npm ci` beside a folder and move the result there.

    Raises: NodeToolsError.
    """
    npm = require("npm")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="install-", dir=folder.parent) as made:
        for name in FILES:
            shutil.copy(NODE / name, made)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        try:
            done = subprocess.run(
                command, cwd=made, capture_output=True, text=True, check=False, timeout=INSTALL_TIMEOUT_S
            )
        except subprocess.TimeoutExpired as late:
            raise NodeToolsError(f"`npm ci` took over {INSTALL_TIMEOUT_S} s; is the registry reachable?") from late
        if done.returncode:
            raise NodeToolsError(f"`npm ci` in tools/node failed ({done.returncode}):\n{done.stderr.strip()}")
        try:
            os.rename(made, folder)
            os.mkdir(made)  # for the context manager to remove
        except OSError:
            if not (folder / "node_modules").is_dir():  # else another run was faster, which is as good
                raise


if __name__ == "__main__":
    try:
        print(node_tools())
    except NodeToolsError as error:
        sys.exit(f"node_tools: {error}")
