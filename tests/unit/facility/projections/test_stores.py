"""What every database does for projections, SQLite and PostgreSQL alike: the same digests, whatever stops and dies."""

from __future__ import annotations

import random

import pytest
import sqlalchemy as sa

from tarazy.domain.engine import Engine
from tarazy.facility.database.opener import Database
from tarazy.facility.projections.balances import Balances
from tarazy.facility.projections.base import Projection
from tarazy.facility.projections.catalogue import all_projections
from tarazy.facility.projections.errors import OtherProjectorError
from tarazy.facility.projections.sql import SqlStore
from tarazy.facility.projections.sql_tables import put_rows, remove_rows, sql_table
from tarazy.facility.projections.table import Column, Table, Width
from tests.conftest import ENGINES

from .histories import History, history

COUNT = 2_500
ENGINE: type[Engine] = ENGINES.get("core", ENGINES["spec"])


@pytest.fixture(scope="module", params=range(8), ids=lambda seed: f"seed{seed}")
def played(request: pytest.FixtureRequest) -> History:
    """Return a history of each shape of world."""
    return history(ENGINE, request.param, COUNT)


def attached(store: SqlStore) -> list[Projection]:
    """Return all projections, as a store has them."""
    projections = all_projections()
    for projection in projections:
        store.attach(projection)
    return projections


def apply(projections: list[Projection], history: History, end: int) -> None:
    """Apply the first frames of a history; what a projection has it passes over."""
    for projection in projections:
        for frame, events in history.frames[:end]:
            projection.apply(frame, events)


def digests(store: SqlStore, projections: list[Projection]) -> dict[str, bytes]:
    """Return the digest of each stored projection."""
    return {projection.name: store.digest(projection) for projection in projections}


def in_memory(history: History) -> dict[str, bytes]:
    """Return the digests of projections that were never stored."""
    projections = all_projections()
    apply(projections, history, len(history.frames))
    return {projection.name: projection.digest() for projection in projections}


def test_stored_projections_have_the_digests_of_those_in_memory(played: History, database: str) -> None:
    chance, end = random.Random(1), 0
    with SqlStore(database) as store:
        projections = attached(store)
        while end < len(played.frames):
            end += chance.randrange(1, 12)
            apply(projections, played, end)
            store.store(projections)
        assert digests(store, projections) == in_memory(played)


@pytest.mark.parametrize("batch", [7, 40])
def test_projector_that_is_stopped_anywhere_and_started_again_ends_the_same(
    played: History, database: str, batch: int
) -> None:
    for start in range(0, len(played.frames), batch):
        with SqlStore(database) as store:  # a new life: memory is loaded from the database
            projections = attached(store)
            apply(projections, played, start + batch)
            store.store(projections)
            apply(projections, played, start + batch + 3)  # applied, but never stored
    with SqlStore(database) as store:
        assert digests(store, attached(store)) == in_memory(played)


def test_reset_makes_all_anew(database: str) -> None:
    with SqlStore(database) as store:
        for seed in (1, 2):
            projections = all_projections()
            for projection in projections:
                store.reset(projection)
            apply(projections, history(ENGINE, seed, COUNT), 10**6)
            store.store(projections)
        assert digests(store, projections) == in_memory(history(ENGINE, 2, COUNT))


def test_second_projector_on_one_database_is_told(database: str) -> None:
    frames = history(ENGINE, 1, COUNT).frames
    with SqlStore(database) as one, SqlStore(database) as two:
        first, second = Balances(), Balances()
        one.attach(first)
        two.attach(second)
        first.apply(*frames[0])
        one.store([first])
        second.apply(*frames[0])
        second.apply(*frames[1])
        with pytest.raises(OtherProjectorError, match="another projector"):
            two.store([second])
        assert one.digest(first) == first.digest()


def test_every_width_is_stored_exactly_and_sorts_as_a_number(database: str) -> None:
    widths = {"small": Width.u63, "middle": Width.u64, "large": Width.u128}
    edges = [0, 1, 9, 10, 2**63 - 1, 2**64 - 1, 2**128 - 1]
    largest = {Width.u63: 2**63 - 1, Width.u64: 2**64 - 1, Width.u128: 2**128 - 1}
    for name, width in widths.items():
        table = Table(name, (Column("key", width),), (Column("value", width),))
        stored = sql_table(Balances(), table)
        numbers = [number for number in edges if number <= largest[width]]
        with Database(database) as opened:
            with opened.writing() as connection:
                stored.create(connection)
                put_rows(connection, table, stored, [(number, 7) for number in reversed(numbers)])
                put_rows(connection, table, stored, [(number, number) for number in numbers])  # replaces
                put_rows(connection, table, stored, [])
                remove_rows(connection, table, stored, [(10,), (11,)])  # one is there, one is not
            with opened.reading() as connection:
                rows = connection.execute(sa.select(stored).order_by(stored.c.key)).all()
        assert [tuple(map(int, row)) for row in rows] == [(number, number) for number in numbers if number != 10]


def test_transaction_that_fails_leaves_nothing(database: str) -> None:
    frames = history(ENGINE, 1, COUNT).frames
    with SqlStore(database) as store:
        projections = attached(store)
        apply(projections, history(ENGINE, 1, COUNT), 20)
        store.store(projections)
        before = digests(store, attached(store))
        for projection in projections:
            for frame, events in frames[20:40]:
                projection.apply(frame, events)
        with Database(database) as other, other.writing() as connection:  # the last one's cursor is gone
            connection.execute(sa.text("DELETE FROM projection_cursors WHERE name = 'candles'"))
        with pytest.raises(OtherProjectorError):
            store.store(projections)
        others = [projection for projection in attached(store) if projection.name != "candles"]
        assert digests(store, others) == {name: digest for name, digest in before.items() if name != "candles"}
