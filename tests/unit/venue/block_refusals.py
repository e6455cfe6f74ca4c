"""One situation for every refusal of block trades; see refusals."""

from __future__ import annotations

from tarazy.domain.records import ExecuteBlockTrade, ParameterTable, SetParameter, Side
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, MARKET, Floor
from .refusals import HASH, Refused, refuses


def allow_blocks(floor: Floor, smallest_minor: int = 1_000) -> None:
    """Let the market have block trades from this value on, and give it a reference price of 100."""
    table = ParameterTable.block_value_min_minor
    floor.act(SetParameter(table, parameter_key=MARKET, parameter_value=smallest_minor, rulebook_hash=HASH))
    floor.print_at(100)


def block(**fields: int | bytes) -> ExecuteBlockTrade:
    """Return Alice's purchase of 50 lots at 100 from Bob, who quoted, with other fields."""
    trade = ExecuteBlockTrade(Side.buy, 0, MARKET, ALICE, BOB, 100, 50, b"\xc0" * 32)
    return trade._replace(**fields)  # type: ignore[arg-type]


@refuses(RejectCode.block_not_allowed)
def block_not_allowed(floor: Floor) -> Refused:
    return Refused(block(), 1, 0)


@refuses(RejectCode.block_value_too_small)
def block_value_too_small(floor: Floor) -> Refused:
    allow_blocks(floor, 5_001)
    return Refused(block(), 5_001, 5_000)


@refuses(RejectCode.block_parties_equal)
def block_parties_equal(floor: Floor) -> Refused:
    owner = floor.state.accounts[ALICE - 1].owner_id
    return Refused(block(counterparty_account_id=ALICE), 0, owner)
