"""Programs in Go that tests run: our check with public libraries of transparency logs, the NATS server, a Bitcoin node.

Both are built from source that the Go module proxy serves, with the hashes of go.sum or of the checksum database, into
`var/go`. Where Go is missing a test is skipped with the reason, but where the variable CI is set it fails instead.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from .servers import ROOT, unavailable

PROOFCHECK = ROOT / "tests" / "interop" / "go"
BUILT = ROOT / "var" / "go"
NATS_SERVER = "github.com/nats-io/nats-server/v2"
NATS_SERVER_VERSION = "v2.15.3"
BTCD = "github.com/btcsuite/btcd"
BTCD_VERSION = "v0.24.2"
# The first version that fetches a newer toolchain by itself, when a go.mod asks for one.
GO_VERSION_MIN = (1, 21)
BUILD_S = 600


def go_program() -> str:
    """Return the Go command; skips the test where there is none that is new enough."""
    found = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if found is None:
        unavailable("go is not here: install Go 1.21 or newer to run this test")
        raise AssertionError
    words = subprocess.run([found, "version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"go(\d+)\.(\d+)", words)
    if version is None or tuple(map(int, version.groups())) < GO_VERSION_MIN:
        unavailable(f"expected Go 1.21 or newer, found {words.strip()}")
    return found


def run_go(*arguments: str, folder: Path = ROOT, **environment: str) -> str:
    """Run the Go command and return what it printed; skips the test where it fails, with its words."""
    found = go_program()
    done = subprocess.run(
        [found, *arguments],
        cwd=folder,
        env={**os.environ, "GOTOOLCHAIN": "auto", "GOWORK": "off", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=BUILD_S,
    )
    if done.returncode:
        unavailable(f"go {' '.join(arguments)}: {done.stderr.strip()[-2000:]}")
    return done.stdout


def built(name: str, *arguments: str, folder: Path = ROOT, **environment: str) -> Path:
    """Return a program under var/go, built by the Go command; runs side by side wait for one another."""
    BUILT.mkdir(parents=True, exist_ok=True)
    with (BUILT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run_go(*arguments, folder=folder, GOBIN=str(BUILT), **environment)
    return BUILT / name


@pytest.fixture(scope="session")
def proofcheck() -> Path:
    """Return the program that checks heads and proofs with libraries that are not ours."""
    return built("proofcheck", "install", "-mod=readonly", ".", folder=PROOFCHECK)


@pytest.fixture(scope="session")
def nats_server() -> Path:
    """Return the NATS server of the locked version; the first build takes about a minute."""
    program = BUILT / f"nats-server-{NATS_SERVER_VERSION}"
    if not program.exists():
        built("nats-server", "install", f"{NATS_SERVER}@{NATS_SERVER_VERSION}").rename(program)
    return program


@pytest.fixture(scope="session")
def btcd() -> Path:
    """Return a Bitcoin node of the locked version; the first build takes about a minute."""
    program = BUILT / f"btcd-{BTCD_VERSION}"
    if not program.exists():
        built("btcd", "install", f"{BTCD}@{BTCD_VERSION}").rename(program)
    return program
