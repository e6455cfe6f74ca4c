"""A database is opened with every migration done, whole or not at all."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tarazy.platform.storage.sql import NewerDatabaseError, open_database, open_to_read, statements, transaction

FIRST = "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);"
SECOND = "ALTER TABLE a ADD COLUMN y TEXT; UPDATE a SET y = 'one; and a half';"


def kept(path: Path) -> tuple[int, list[tuple[object, ...]]]:
    """Return the number of the last migration and the rows of the table."""
    connection = open_to_read(path)
    found = connection.execute("PRAGMA user_version").fetchone()[0], connection.execute("SELECT * FROM a").fetchall()
    connection.close()
    return found


def test_new_file_has_every_migration_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "room.sqlite"
    open_database(path, [FIRST, SECOND]).close()
    assert kept(path) == (2, [(1, "one; and a half")])
    assert path.stat().st_mode & 0o777 == 0o600


def test_file_of_an_earlier_release_gets_what_is_missing_and_keeps_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "room.sqlite"
    earlier = open_database(path, [FIRST])
    earlier.execute("INSERT INTO a VALUES (7)")
    earlier.close()
    for _ in range(2):  # the second opening finds nothing to do
        open_database(path, [FIRST, SECOND]).close()
        assert kept(path) == (2, [(1, "one; and a half"), (7, "one; and a half")])


def test_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "room.sqlite"
    open_database(path, [FIRST]).close()
    with pytest.raises(sqlite3.OperationalError, match="no such table: b"):
        open_database(path, [FIRST, "INSERT INTO a VALUES (2); INSERT INTO b VALUES (3);"])
    assert kept(path) == (1, [(1,)])


def test_migration_that_is_killed_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "room.sqlite"
    open_database(path, [FIRST]).close()
    endless = (
        "INSERT INTO a VALUES (2); "
        "INSERT INTO a WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c;"
    )
    program = (
        "import sys; from pathlib import Path; from tarazy.platform.storage.sql import open_database\n"
        "print('begins', flush=True); open_database(Path(sys.argv[1]), sys.argv[2:])"
    )
    with subprocess.Popen([sys.executable, "-c", program, path, FIRST, endless], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"begins\n"
        time.sleep(0.3)
        writer.send_signal(signal.SIGKILL)
    assert writer.returncode == -signal.SIGKILL
    open_database(path, [FIRST, SECOND]).close()
    assert kept(path) == (2, [(1, "one; and a half")])


def test_processes_that_open_at_once_migrate_once(tmp_path: Path) -> None:
    path = tmp_path / "room.sqlite"
    with ThreadPoolExecutor(8) as pool:
        for connection in pool.map(lambda _: open_database(path, [FIRST, SECOND]), range(8)):
            connection.close()
    assert kept(path) == (2, [(1, "one; and a half")])


def test_file_of_a_newer_release_is_refused_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "room.sqlite"
    open_database(path, [FIRST, SECOND]).close()
    with pytest.raises(NewerDatabaseError, match=r"room\.sqlite: expected at most migration 1, found 2; a newer"):
        open_database(path, [FIRST])
    assert kept(path)[0] == 2


def test_damage_is_found_where_it_is_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "room.sqlite"
    connection = open_database(path, [FIRST])
    connection.execute("CREATE TABLE filler AS SELECT hex(randomblob(100)) AS x FROM a, pragma_function_list")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray(path.read_bytes())
    content[-4_096:] = b"\xff" * 4_096
    path.write_bytes(content)
    with pytest.raises(sqlite3.DatabaseError):
        open_database(path, [FIRST], checked=True)


def test_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    connection = open_database(tmp_path / "room.sqlite", [FIRST])

    def fail_halfway() -> None:
        with transaction(connection):
            connection.execute("INSERT INTO a VALUES (2)")
            connection.execute("INSERT INTO a VALUES ('no number')")

    with pytest.raises(sqlite3.IntegrityError):
        fail_halfway()
    assert connection.execute("SELECT x FROM a").fetchall() == [(1,)]
    connection.close()


def test_statements_end_where_sqlite_ends_them() -> None:
    trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM a; SELECT 1; END;"
    assert [each.strip() for each in statements(f"{FIRST} {trigger}")] == [
        *FIRST.replace("; ", ";|").split("|"),
        trigger,
    ]
    with pytest.raises(ValueError, match="each end with a semicolon"):
        list(statements("SELECT 1; SELECT 2"))
