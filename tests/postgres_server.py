"""A PostgreSQL server on loopback that tests start, kill and start again, and the databases that tests run on.

The programs are those of the system's package; the server will not run as root, so root runs it as `nobody`. Where
they are missing a test is skipped with the reason, but where the variable CI is set it fails instead.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from .nats_server import free_port
from .servers import unavailable

DATABASES = ("sqlite", "postgresql")
INSTALLED = "/usr/lib/postgresql"
START_S = 60
STOP_S = 20


def installed_programs() -> Path | None:
    """Return the folder with `initdb` and `postgres`, the newest version's; None where there is none."""
    folders = sorted(Path(INSTALLED).glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    if (found := shutil.which("initdb")) is not None:
        folders.append(Path(found).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def postgres_programs() -> Path:
    """Return that folder; skips the test where there is none."""
    found = installed_programs()
    if found is None:
        unavailable("PostgreSQL is not here: install the package postgresql to run this test")
        raise AssertionError
    return found


def other_user() -> dict[str, Any]:
    """Return as whom the server runs where we are root, in the words of `subprocess`."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


class PostgresServer:
    """One server with its own folder and password.

    Unless told to it never syncs: tests kill its processes, and what those have written the machine still has.
    """

    def __init__(self, programs: Path, *, syncs: bool = False) -> None:
        self._programs, self._user = programs, other_user()
        self._folder = Path(tempfile.mkdtemp(prefix="tarazy-postgres-"))
        self._password = secrets.token_hex(16)
        self._databases, self._syncs = 0, syncs
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        password_file = self._folder / "password"
        password_file.write_text(self._password)
        if self._user:
            for path in (self._folder, password_file):
                os.chown(path, self._user["user"], self._user["group"])
        words = ["-A", "scram-sha-256", "-U", "tarazy", "-E", "UTF8", "--locale", "C", "--no-sync"]
        self._run("initdb", "-D", str(self._folder / "data"), *words, "--pwfile", str(password_file))
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        """Run a program of the server to its end."""
        command = [str(self._programs / program), *arguments]
        subprocess.run(command, cwd=self._folder, check=True, capture_output=True, **self._user)

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database."""
        return f"postgresql://tarazy:{self._password}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """Return the address of a new, empty database."""
        self._databases += 1
        name = f"test_{self._databases}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        log = self._folder / "server.log"
        command = [str(self._programs / "postgres"), "-D", str(self._folder / "data"), "-p", str(self.port)]
        command += ["-h", "127.0.0.1", "-k", "", "-c", f"fsync={'on' if self._syncs else 'off'}"]
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command, cwd=self._folder, stdout=output, stderr=output, start_new_session=True, **self._user
            )
        end = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        """Say whether the server takes a connection."""
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.url(), connect_timeout=2):
            return True
        return False

    def kill(self) -> None:
        """End the server and all its own processes with SIGKILL: none of them can finish anything."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(STOP_S)

    def stop(self) -> None:
        """End the server and remove its folder."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_session() -> Iterator[PostgresServer]:
    """Return a server for the whole run: each test makes a database of its own."""
    server = PostgresServer(postgres_programs())
    yield server
    server.stop()


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    """Return a server of this test's own, to kill and start again."""
    server = PostgresServer(postgres_programs())
    yield server
    server.stop()


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return where a new database is, of each kind: tests of what is stored run on both."""
    if request.param == "sqlite":
        return str(tmp_path / "database.sqlite3")
    server: PostgresServer = request.getfixturevalue("postgres_session")
    return server.new_database()
