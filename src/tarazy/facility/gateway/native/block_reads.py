"""Questions about trades off the book, from the read models. Called in a thread."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from tarazy.facility.gateway.account_reads import U64, stored
from tarazy.facility.gateway.read_models import ReadModels
from tarazy.facility.projections.sql_tables import decode_row, encode_value


class BlockTrade(NamedTuple):
    """One block trade. Units: UTC nanoseconds, ticks, lots."""

    seq: int
    market_id: int
    side: int
    account_id: int
    counterparty_account_id: int
    ts_ns: int
    public_ns: int
    price_ticks: int
    quantity_lots: int
    consent_hash: str


class BlockReads:
    """The trades off the book."""

    def __init__(self, models: ReadModels) -> None:
        self._database = models.reading
        self._blocks, self._columns = stored(models.blocks, models.blocks.blocks)

    def public(self, market_id: int, after_seq: int, now_ns: int, limit: int) -> list[BlockTrade]:
        """Return the trades of a market that the public may see, behind a command, oldest first."""
        c = self._blocks.c
        query = sa.select(self._blocks).where(c.market_id == market_id, c.seq > after_seq)
        query = query.where(c.public_ns <= encode_value(U64, now_ns)).order_by(c.seq).limit(limit)
        with self._database.reading() as connection:
            return [BlockTrade(*decode_row(self._columns, row)) for row in connection.execute(query)]

    def with_consent(self, consent_hash: str) -> BlockTrade | None:
        """Return the trade that a consent brought, None where it brought none."""
        query = sa.select(self._blocks).where(self._blocks.c.consent_hash == consent_hash)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return BlockTrade(*decode_row(self._columns, row)) if row is not None else None
