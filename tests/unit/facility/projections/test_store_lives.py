"""Projectors and databases that are killed in the middle of their work, again and again: the digest is the same."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tarazy.facility.database.errors import DatabaseError
from tarazy.facility.projections.catalogue import all_projections
from tarazy.facility.projections.sql import SqlStore
from tests.postgres_server import PostgresServer

from .histories import History, history
from .test_projector import Facility, fresh
from .test_stores import COUNT, ENGINE, apply, attached, digests, in_memory

LIVES = 6


def command(directory: Path, database: str) -> list[str]:
    """Return how a projector is started."""
    verb = ["projections", "follow", str(directory), "--sql", database]
    return [sys.executable, "-m", "tarazy.cli.main", *verb]


def end(directory: Path, database: str) -> dict[str, Any]:
    """Let a projector finish; return the digests that it says."""
    done = subprocess.run(
        [*command(directory, database), "--once", "--json"], capture_output=True, text=True, check=True
    )
    said = json.loads(done.stdout.splitlines()[-1])["projections"]
    return {name: each["digest"] for name, each in said.items()}


def live(facility: Facility, database: str, life: int, kill: Callable[[subprocess.Popen[str]], None]) -> str:
    """Run a projector beside the writer and kill something in the middle; return what it said."""
    projector = subprocess.Popen(
        command(facility.directory, database), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    facility.write(life * 1_000, 200)
    assert projector.stderr is not None
    begun = projector.stderr.readline()
    assert "events applied" in begun, begun
    facility.write(life * 1_000 + 200, 200, size=5)
    kill(projector)
    return projector.communicate(timeout=60)[1]


@pytest.mark.slow
def test_projector_that_is_killed_again_and_again_ends_as_a_rebuild(tmp_path: Path, database: str) -> None:
    chance, facility = random.Random(1), Facility(tmp_path / "facility")

    def kill(projector: subprocess.Popen[str]) -> None:
        time.sleep(chance.random() * 0.1)
        projector.kill()

    for life in range(LIVES):
        live(facility, database, life, kill)
    facility.close()
    assert end(facility.directory, database) == fresh(facility.directory)


@pytest.mark.slow
def test_database_that_is_killed_again_and_again_ends_as_a_rebuild(tmp_path: Path, postgres: PostgresServer) -> None:
    chance, facility, database = random.Random(2), Facility(tmp_path / "facility"), postgres.new_database()

    def kill(projector: subprocess.Popen[str]) -> None:
        time.sleep(chance.random() * 0.1)
        postgres.kill()
        facility.write(life * 1_000 + 400, 100)  # it meets this without its database, and ends

    for life in range(LIVES):
        assert "the database failed" in live(facility, database, life, kill)
        postgres.start()
    facility.close()
    assert end(facility.directory, database) == fresh(facility.directory)


def work_for_ever(store: SqlStore, played: History) -> None:
    """Store frame after frame, and begin anew at the end."""
    while True:
        projections = attached(store)
        for end in range(projections[0].cursor.frame_number, len(played.frames) + 1):
            apply(projections, played, end)
            store.store(projections)
        for projection in all_projections():
            store.reset(projection)


def test_server_that_dies_within_a_transaction_leaves_whole_projections(postgres: PostgresServer) -> None:
    chance, played, database = random.Random(3), history(ENGINE, 4, COUNT), postgres.new_database()
    for _ in range(LIVES):
        with SqlStore(database) as store:
            dying = threading.Timer(chance.random() * 0.4, postgres.kill)
            dying.start()
            with pytest.raises(DatabaseError, match="the database failed"):
                work_for_ever(store, played)
            dying.join()
        with pytest.raises(DatabaseError, match="cannot be opened"):
            SqlStore(database)
        postgres.start()
    with SqlStore(database) as store:
        projections = attached(store)
        apply(projections, played, len(played.frames))
        store.store(projections)
        assert digests(store, projections) == in_memory(played)
