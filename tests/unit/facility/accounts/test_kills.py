"""A writer that is killed: what it acknowledged is there, what it did not is there whole or not at all."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tarazy.facility.accounts.clients import list_clients
from tarazy.facility.accounts.register import Register
from tarazy.facility.accounts.screening.imports import imports
from tarazy.facility.accounts.trail import acts, verify_trail

from .desk import KEYS, Desk

ENTERS = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.unit.facility.accounts.desk import Desk
desk = Desk(Path(sys.argv[1]))
while True:
    client, party = desk.applicant()
    desk.make_retail(client)
    print(client, flush=True)
"""
IMPORTS = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.unit.facility.accounts.desk import Desk
desk = Desk(Path(sys.argv[1]))
entry = "<INDIVIDUAL><FIRST_NAME>A{0}</FIRST_NAME><SECOND_NAME>B</SECOND_NAME>"
entry += "<REFERENCE_NUMBER>{0}</REFERENCE_NUMBER></INDIVIDUAL>"
for turn in range(10_000):
    print(desk.un(people="".join(entry.format(n + turn * 50) for n in range(2_000))), flush=True)
"""
ROOT = Path(__file__).parents[4]


def killed(program: str, folder: Path, wait_s: float) -> list[str]:
    """Run a program, kill it a while after its first line, and return what it had acknowledged."""
    command = [sys.executable, "-c", program, str(folder), str(ROOT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline()]
        time.sleep(wait_s)
        writer.send_signal(signal.SIGKILL)
        lines += writer.stdout.readlines()
    assert writer.returncode == -signal.SIGKILL
    return [line.strip() for line in lines if line.endswith("\n")]


@pytest.mark.parametrize("wait_s", [0.05, 0.21, 0.47])
def test_clients_that_were_acknowledged_are_whole(tmp_path: Path, wait_s: float) -> None:
    known = killed(ENTERS, tmp_path, wait_s)
    with Register(tmp_path / "venue.clients") as register:
        verify_trail(register.connection, KEYS)
        rows = {str(row.client): row for row in list_clients(register)}
        assert {client for client in known if rows[client].class_ == "retail"} == set(known)
        done = [act.act for act in acts(register.connection)]
        assert done.count("client.new") == len(rows)
        assert done.count("class.done") == sum(row.class_ == "retail" for row in rows.values())


@pytest.mark.parametrize("wait_s", [0.02, 0.11, 0.33])
def test_a_list_is_there_whole_or_not_at_all(tmp_path: Path, wait_s: float) -> None:
    known = killed(IMPORTS, tmp_path, wait_s)
    desk = Desk(tmp_path)
    rows = imports(desk.register)
    assert [str(row.import_) for row in rows][: len(known)] == known
    for row in rows:
        count = "SELECT count(*) FROM listed WHERE since <= ? AND (until = 0 OR until > ?)"
        assert desk.register.all(count, (row.import_, row.import_)) == [(row.entries,)]
        assert desk.documents.states([row.sha256]) == {row.sha256: "present"}
    verify_trail(desk.register.connection, KEYS)
    desk.un(
        people="".join(
            f"<INDIVIDUAL><FIRST_NAME>N{n}</FIRST_NAME><SECOND_NAME>M</SECOND_NAME><REFERENCE_NUMBER>Z{n}</REFERENCE_NUMBER></INDIVIDUAL>"
            for n in range(1_500)
        )
    )
    assert imports(desk.register)[-1].entries == 1_500
    desk.register.close()


def test_two_writers_at_once_make_one_chain(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ENTERS, str(tmp_path), str(ROOT)]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()
    time.sleep(0.3)
    for writer in writers:
        writer.kill()
        writer.communicate()
    with Register(tmp_path / "venue.clients") as register:
        verify_trail(register.connection, KEYS)


def test_a_file_that_is_no_register_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "venue.clients"
    path.write_bytes(b"no database, but a text that is long enough to be looked at" * 20)
    with pytest.raises(Exception, match="expected a register of clients") as refused:
        Register(path)
    assert isinstance(refused.value.__cause__, sqlite3.DatabaseError)
