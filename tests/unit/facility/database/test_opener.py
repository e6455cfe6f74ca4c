"""Databases open alike, are migrated once, keep to transactions, and say in one sentence what is wrong with them."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from tarazy.facility.database.errors import AddressError, DatabaseError, LostError, OpenError
from tarazy.facility.database.migrate import FOLDER
from tarazy.facility.database.opener import Database, database_url, place
from tarazy.facility.projections.sql import CURSORS
from tests.nats_server import free_port
from tests.postgres_server import PostgresServer


def test_new_database_is_at_the_newest_migration_and_stays_there(database: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    newest = ScriptDirectory.from_config(config).get_current_head()
    for _ in range(2):
        with Database(database) as opened, opened.reading() as connection:
            assert connection.execute(sa.text("SELECT version_num FROM tarazy_migrations")).scalars().all() == [newest]
            names = {column["name"] for column in sa.inspect(connection).get_columns("projection_cursors")}
    assert names == {column.name for column in CURSORS.columns}


def test_many_that_open_a_new_database_at_once_all_can(database: str) -> None:
    failures: list[BaseException] = []

    def opening() -> None:
        try:
            Database(database).close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=opening) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_database_of_newer_software_is_refused_and_left_alone(database: str) -> None:
    with Database(database) as opened, opened.writing() as connection:
        connection.execute(sa.text("UPDATE tarazy_migrations SET version_num = '9999'"))
    with pytest.raises(OpenError, match="expected a database of this software or an older one"):
        Database(database)


def insert_all(opened: Database, names: list[str]) -> None:
    """Insert rows in one transaction."""
    insert = sa.text("INSERT INTO projection_cursors VALUES (:name, 1, 1, 1, '00')")
    with opened.writing() as connection:
        for name in names:
            connection.execute(insert, {"name": name})


def test_error_undoes_a_transaction_and_reading_sees_one_state(database: str) -> None:
    count = sa.text("SELECT count(*) FROM projection_cursors")
    with Database(database) as opened:
        insert_all(opened, ["one"])
        with pytest.raises(LostError):
            insert_all(opened, ["two", "one"])  # the second is there already
        with opened.reading() as reading:
            assert reading.execute(count).scalar() == 1
            insert_all(opened, ["three"])
            assert reading.execute(count).scalar() == 1
        with opened.reading() as reading:
            assert reading.execute(count).scalar() == 2


# Addresses as PostgreSQL's manual has them, section "Connection URIs"; what is no address of it is refused.
@pytest.mark.parametrize(
    "target", ["http://h/x", "postgresql://h", "mysql://u@h/x", "sqlite:///x", "://", "postgresql://h:x/y"]
)
def test_what_is_no_address_is_refused(target: str) -> None:
    with pytest.raises(AddressError, match="expected postgresql://USER@HOST:PORT/NAME"):
        database_url(target)


def test_password_is_never_shown(postgres_session: PostgresServer) -> None:
    address = f"postgresql://tarazy:secret-word@127.0.0.1:{postgres_session.port}/postgres?connect_timeout=3"
    assert place(database_url(address)) == f"postgresql://tarazy@127.0.0.1:{postgres_session.port}/postgres"
    with pytest.raises(DatabaseError, match="password authentication failed") as refused:
        Database(address)
    assert "secret-word" not in str(refused.value)
    with pytest.raises(AddressError) as refused:
        database_url("postgresql://tarazy:secret-word@127.0.0.1")
    assert "secret-word" not in str(refused.value)


def test_server_that_is_not_there_and_file_that_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(OpenError, match="expected a database that answers"):
        Database(f"postgresql://tarazy@127.0.0.1:{free_port()}/x")
    (tmp_path / "text").write_text("not a database" * 100)
    with pytest.raises(OpenError, match="file is not a database"):
        Database(tmp_path / "text")


PROGRAM = """
import sys
sys.modules["psycopg"] = None  # as if it were not installed
from tarazy.facility.database.opener import Database
Database("postgresql://u@127.0.0.1/x")
"""


def test_missing_driver_is_named_with_what_to_install() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "DriverMissingError" in done.stderr
    assert "pip install 'tarazy[postgresql]'" in done.stderr
