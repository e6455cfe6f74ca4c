"""The liabilities tree: its root is worked out here again from the definition on docs/concepts/liabilities.md."""

from __future__ import annotations

from hashlib import sha256

import pytest

from tarazy.domain.engine import Engine, InvariantBroken
from tarazy.spec.venue import Venue

from ...floor import ALICE, BOB, BTC, USD, Floor, open_floor
from .desk import Desk

EVIDENCE = b"\xcc" * 32
Node = tuple[bytes, int]
ZERO: Node = (bytes(32), 0)


def little(value: int, size: int) -> bytes:
    """Return a number as the tree's hashes take it."""
    return value.to_bytes(size, "little")


def digest(prefix: int, *parts: bytes) -> bytes:
    """Return the hash of parts behind their prefix byte."""
    return sha256(bytes([prefix]) + b"".join(parts)).digest()


def account_leaf(asset: int, account: int, salt: int, minor: int) -> Node:
    """Return an account's leaf."""
    return digest(0, little(asset, 4), little(account, 4), little(salt, 16), little(minor, 16)), minor


def join(left: Node, right: Node) -> Node:
    """Return the parent of two nodes."""
    if (left, right) == (ZERO, ZERO):
        return ZERO
    return digest(1, left[0], little(left[1], 16), right[0], little(right[1], 16)), left[1] + right[1]


def tree_words(positions: int, top: Node) -> bytes:
    """Return what the root says of a tree."""
    return little(positions, 8) + little(top[1], 16) + top[0]


def test_root_of_an_empty_venue_is_that_of_no_assets(engine: type[Engine]) -> None:
    assert engine().liabilities_root() == digest(2, little(0, 4))


def test_root_binds_every_account_at_its_position_and_every_receipt(empty: Floor) -> None:
    """Three accounts: positions 0 to 3; the first of them owns nothing, so that its leaf is the zero leaf."""
    desk = Desk(empty, empty.asset("BTC"))
    for _ in range(3):
        empty.account()
    desk.deposit(2, 70)
    desk.request(2, 30)
    desk.deposit(3, 5)
    receipt = desk.receive(9, EVIDENCE)
    desk.ask_return(receipt, 4)
    salts = [account.leaf_salt for account in empty.state.accounts]
    accounts = join(join(ZERO, ZERO), join(account_leaf(1, 2, salts[1], 70), account_leaf(1, 3, salts[2], 5)))
    waiting = digest(3, little(1, 4), little(receipt, 8), little(9, 16), EVIDENCE), 9
    root = digest(2, little(1, 4), little(1, 4), tree_words(4, accounts), tree_words(1, waiting))
    assert empty.venue.liabilities_root() == root


def test_trees_are_padded_to_a_power_of_two(empty: Floor) -> None:
    """Four accounts and the position 0 make five positions of eight; three receipts make four."""
    desk = Desk(empty, empty.asset("BTC"))
    for _ in range(4):
        empty.account()
    desk.deposit(4, 7)
    receipts = [desk.receive(minor, bytes([minor]) * 32) for minor in (1, 2, 3)]
    salt = empty.state.accounts[3].leaf_salt
    accounts = join(ZERO, join(join(account_leaf(1, 4, salt, 7), ZERO), ZERO))
    leaves = [
        (digest(3, little(1, 4), little(number, 8), little(minor, 16), bytes([minor]) * 32), minor)
        for number, minor in zip(receipts, (1, 2, 3), strict=True)
    ]
    waiting = join(join(leaves[0], leaves[1]), join(leaves[2], ZERO))
    root = digest(2, little(1, 4), little(1, 4), tree_words(8, accounts), tree_words(4, waiting))
    assert empty.venue.liabilities_root() == root


def test_root_changes_with_what_is_owed_and_with_nothing_else(floor: Floor) -> None:
    before = floor.venue.liabilities_root()
    floor.buy(ALICE, 5, 100)
    assert floor.venue.liabilities_root() == before
    floor.sell(BOB, 5, 100)
    traded = floor.venue.liabilities_root()
    assert traded != before
    desk = Desk(floor)
    number = desk.request(ALICE, 5)
    assert floor.venue.liabilities_root() == traded
    desk.send(number)
    assert floor.venue.liabilities_root() == traded
    desk.settle(number)
    assert floor.venue.liabilities_root() != traded


# ---------------------------------------------------------------- audit
def test_audit_of_a_sound_venue_is_silent(floor: Floor) -> None:
    desk = Desk(floor)
    desk.receive(5)
    desk.lose(3)
    floor.buy(ALICE, 5, 100)
    floor.venue.audit()


@pytest.mark.parametrize(
    ("field", "invariant"),
    [
        ("totals", "CONSERVE"),
        ("shortfall", "CONSERVE"),
        ("fees_earned", "CONSERVE"),
        ("held", "CONSERVE"),
        ("receipt", "COVER"),
        ("returning", "COVER"),
        ("order", "COVER"),
        ("pool", "SEGREGATE"),
    ],
)
def test_audit_finds_what_does_not_add_up_and_stops(engine: type[Engine], field: str, invariant: str) -> None:
    """The state is bent on the readable venue; the other engine is restored from the bent snapshot where that carries
    the fault (totals are derived when a snapshot is read)."""
    floor = open_floor(Venue)
    desk = Desk(floor)
    receipt = desk.receive(50)
    floor.buy(ALICE, 5, 100)
    assert isinstance(floor.venue, Venue)
    state = floor.venue.state
    ledger = state.ledger.asset(BTC)
    if field == "totals":
        ledger.totals[0] += 1
    elif field == "held":
        state.ledger.balance(ALICE, USD).held.minor += 1
    elif field == "receipt":
        state.receipts[receipt].amount_minor += 1
    elif field == "returning":
        state.receipts[receipt].returning_minor += 1
    elif field == "order":
        balance = state.ledger.balance(ALICE, USD)
        balance.held.minor += 1
        balance.available.minor -= 1
        state.ledger.asset(USD).totals[3] -= 1
        state.ledger.asset(USD).totals[4] += 1
    elif field == "pool":
        ledger.custody[1][0].minor += 1  # type: ignore[index]
        ledger.totals[0] += 1
    else:
        getattr(ledger, field).minor += 1
    venue: Engine = floor.venue
    if engine is not Venue and field in ("receipt", "returning", "order"):
        with pytest.raises(ValueError, match=f"the snapshot does not add up: {invariant}"):
            engine.restore(floor.venue.snapshot())
        return
    with pytest.raises(InvariantBroken, match=invariant):
        venue.audit()
    with pytest.raises(InvariantBroken, match=invariant):
        venue.apply(bytes(96))
