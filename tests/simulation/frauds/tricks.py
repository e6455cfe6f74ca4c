"""The tricks: what a dishonest venue does at one command, and what a dishonest book-keeper does to the record."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from tarazy.domain.records import (
    AccountRole,
    AdvanceTime,
    CreditDeposit,
    DepositCredited,
    HouseFunded,
    PlaceOrder,
    SetParameter,
    TradeExecuted,
    WithdrawalSettled,
)
from tarazy.spec.book import SELL
from tarazy.spec.ledger import LedgerAccount
from tarazy.spec.liabilities import leaf, liabilities_root
from tarazy.spec.state import State
from tarazy.spec.venue import Venue

from ...floor import ALICE, BOB, BTC, DAVE, MILLION, USD, decode_events
from .forger import Entry, Trick, entries_of
from .history import ERIN, HOT, History, digest

U64 = 1 << 64
Change = Callable[[State], None]


def around(before: Change, after: Change = lambda state: None) -> Trick:
    """Return a trick that changes the state before the command and again after it, without a word in the record."""

    def trick(venue: Venue, command: bytes) -> bytes:
        before(venue.state)
        events = venue.apply(command)
        after(venue.state)
        return events

    return trick


def saying(record: type[Any], **lies: Any) -> Trick:
    """Return a trick that does the command honestly and says something else about it."""

    def trick(venue: Venue, command: bytes) -> bytes:
        events = decode_events(venue.apply(command))
        return b"".join((e._replace(**lies) if isinstance(e, record) else e).pack() for e in events)

    return trick


def instead(other: Callable[[bytes], bytes]) -> Trick:
    """Return a trick that does another command than the one on record."""
    return lambda venue, command: venue.apply(other(command))


def also(event: Callable[[Venue], Any]) -> Trick:
    """Return a trick that adds an event to what the command caused."""
    return lambda venue, command: venue.apply(command) + event(venue).pack()


def credit(account: int, asset: int, minor: int) -> Trick:
    """Return a trick that lets an account have what it has not for the time of one command, and hides the debt."""

    def forget(state: State) -> None:
        available = state.ledger.balance(account, asset).available
        available.minor = max(available.minor - minor, 0)

    return around(lambda state: add(state.ledger.balance(account, asset).available, minor), forget)


def wrap(account: int, asset: int) -> Trick:
    """Return a trick that lets a balance fall below zero in 64 bits, where it is a huge one."""

    def unsigned(state: State) -> None:
        available = state.ledger.balance(account, asset).available
        available.minor = (available.minor - U64) % U64

    return around(lambda state: add(state.ledger.balance(account, asset).available, U64), unsigned)


def add(account: LedgerAccount, minor: int) -> None:
    """Change a balance as no posting could."""
    account.minor += minor


# ---------------------------------------------------------------- matching
def jump_queue(state: State) -> None:
    """Put Bob's order in front of Alice's."""
    level = state.markets[0].book.levels[SELL][-100]
    level.move_to_end(next(iter(level)))


def hide_best_price(state: State) -> None:
    """Take the best level of sellers out of sight."""
    state.markets[0].book.keys[SELL].pop()


def show_best_price(state: State) -> None:
    """Put the hidden level back."""
    state.markets[0].book.keys[SELL].append(-100)


def fabricated_fill(venue: Venue) -> TradeExecuted:
    """Return a trade that nobody ordered."""
    return TradeExecuted(1, 1, venue.next_seq - 1, 1, ALICE, BOB, 0, 1, 2, 100, 5)


def as_client(state: State) -> None:
    """Pass the house off as a client with money."""
    state.accounts[ERIN - 1].account_role = AccountRole.client
    state.ledger.balance(ERIN, USD).available.minor += 1


def as_house(state: State) -> None:
    """Call the house the house again."""
    state.accounts[ERIN - 1].account_role = AccountRole.house


# ---------------------------------------------------------------- client assets
def forget_evidence(state: State) -> None:
    """Forget that evidence was used."""
    state.evidence.pop(digest(501), None)


def as_dollars(command: bytes) -> bytes:
    """Book a deposit of bitcoin as one of dollars."""
    return CreditDeposit.unpack(command)._replace(asset_id=USD).pack()


def earn_more(state: State) -> None:
    """Pretend that more fees were earned."""
    state.ledger.asset(USD).fees_earned.minor += MILLION


def lend_to_house(state: State) -> None:
    """Put client dollars where the house's lie."""
    ledger = state.ledger
    add(ledger.custody(1, HOT, USD), -MILLION)
    add(ledger.custody(2, HOT, USD), MILLION)


def own_client_money(state: State) -> None:
    """Put client dollars where the house's lie and call them its own."""
    lend_to_house(state)
    add(state.ledger.asset(USD).house_equity, MILLION)


def drop_dave(state: State) -> None:
    """Delete what is owed to the client who never looks."""
    for asset in (BTC, USD):
        state.ledger.balances.pop(DAVE << 32 | asset, None)


def borrow_reserves(state: State) -> None:
    """Show reserves that are there for a moment only."""
    add(state.ledger.custody(1, HOT, BTC), MILLION)


def return_reserves(state: State) -> None:
    """Give the borrowed reserves back."""
    add(state.ledger.custody(1, HOT, BTC), -MILLION)


def dress_window(venue: Venue, command: bytes) -> Entry:
    """State what the reserves are while they are borrowed."""
    events = venue.apply(command)
    borrow_reserves(venue.state)
    entry = Entry(command, events, venue.state_digest(), venue.liabilities_root())
    return_reserves(venue.state)
    return entry


# ---------------------------------------------------------------- liabilities
def root_without_dave(venue: Venue, command: bytes) -> Entry:
    """State a root that leaves Dave out, on a state that does not."""
    events = venue.apply(command)
    kept = {key: b for key, b in venue.state.ledger.balances.items() if key >> 32 == DAVE}
    for key in kept:
        del venue.state.ledger.balances[key]
    root = liabilities_root(venue.state)
    venue.state.ledger.balances.update(kept)
    return Entry(command, events, venue.state_digest(), root)


def root_of_sums_only(venue: Venue, command: bytes) -> Entry:
    """State a root whose nodes bind the sum of their children and not the children, so that one can be understated."""
    events = venue.apply(command)
    nodes = [leaf(key & 0xFFFF, key >> 32, 0, 1) for key in sorted(venue.state.ledger.balances)]
    while len(nodes) > 1:
        pairs = [(*nodes[i : i + 2],) for i in range(0, len(nodes), 2)]
        sums = [sum(amount for _, amount in pair) for pair in pairs]
        nodes = [(sha256(minor.to_bytes(16, "little")).digest(), minor) for minor in sums]
    return Entry(command, events, venue.state_digest(), nodes[0][0])


def root_with_a_shared_leaf(venue: Venue, command: bytes) -> Entry:
    """State a root in which Carol and Dave are shown one and the same leaf."""
    events = venue.apply(command)
    dave = venue.state.accounts[DAVE - 1]
    salt, dave.leaf_salt = dave.leaf_salt, venue.state.accounts[DAVE - 2].leaf_salt
    root = liabilities_root(venue.state)
    dave.leaf_salt = salt
    return Entry(command, events, venue.state_digest(), root)


# ---------------------------------------------------------------- the record
def swapped(history: History) -> list[Entry]:
    """Swap two orders of the queue and claim what the true order caused."""
    entries = entries_of(history.commands)
    at = history["first in the queue"] - 1
    first, second = entries[at : at + 2]
    times = [entry.commands[8:16] for entry in (first, second)]
    commands = [retimed(second.commands, times[0]), retimed(first.commands, times[1])]
    entries[at : at + 2] = [Entry(commands[0], first.events), Entry(commands[1], second.events)]
    return entries


def dropped(history: History) -> list[Entry]:
    """Drop an order from the record and claim what was caused with it."""
    entries = entries_of(history.commands)
    del entries[history["first in the queue"] - 1]
    return entries


def backdated(history: History) -> list[Entry]:
    """Put an order in before one that came first, and claim that it had been there."""
    entries = entries_of(history.commands)
    at = history["first in the queue"] - 1
    late = PlaceOrder(1, SELL, 1, 1, 0, 0, 1, BOB, 0, 100, 10).pack()
    entries.insert(at, Entry(retimed(late, entries[at].commands[8:16]), entries[at].events))
    return entries


def larger_deposit(history: History) -> list[Entry]:
    """Write a larger deposit into the record afterwards."""
    entries = entries_of(history.commands)
    at = history["deposit"] - 1
    command = CreditDeposit.unpack(entries[at].commands)._replace(amount_minor=500_000)
    entries[at] = entries[at]._replace(commands=command.pack())
    return entries


def hushed(history: History) -> list[Entry]:
    """Replace an order that was taken by a moment in which nothing happened, and keep what followed."""
    entries = entries_of(history.commands)
    at = history["first in the queue"] - 1
    moment = AdvanceTime(int.from_bytes(entries[at].commands[8:16], "little")).pack()
    entries[at] = Entry(moment, b"")
    return entries


def retimed(command: bytes, ts_ns: bytes) -> bytes:
    """Return a command at another time."""
    return command[:8] + ts_ns + command[16:]


# What the dishonest venue does: the name of the command at which it cheats, and the trick.
VENUE_TRICKS: dict[str, tuple[str, Trick]] = {
    "negative balance: a client sells what it does not have": ("sell above holding", credit(DAVE, BTC, 2 * MILLION)),
    "hidden credit: one account buys without money": ("buy on credit", credit(DAVE, USD, 100 * MILLION)),
    "wrapped balance: a withdrawal above the balance": ("too large withdrawal", wrap(DAVE, USD)),
    "queue jump": ("fill", around(jump_queue)),
    "trade-through: a worse price trades first": ("fill", around(hide_best_price, show_best_price)),
    "fabricated fill": ("quiet moment", also(fabricated_fill)),
    "fill at another price than the book's": ("fill", saying(TradeExecuted, price_ticks=99)),
    "fees above the schedule": ("fill", saying(TradeExecuted, taker_fee_minor=9)),
    "house trading": ("house order", around(as_client, as_house)),
    "one piece of evidence, two deposits": ("same evidence again", around(forget_evidence)),
    "deposit credited above its evidence": ("deposit", saying(DepositCredited, amount_minor=900)),
    "asset substitution": ("deposit", instead(as_dollars)),
    "withdrawal paid from another account": ("withdrawal leaves", saying(WithdrawalSettled, account_id=DAVE)),
    "fees over-swept": ("sweep above the fees", around(earn_more)),
    "house draws client money": ("house draws", around(own_client_money)),
    "invented own funds": ("own funds of the house", saying(HouseFunded, amount_minor=40 * MILLION)),
    "rule changed without a rulebook": (
        "parameter without a hash",
        instead(lambda command: SetParameter.unpack(command)._replace(rulebook_hash=digest(1)).pack()),
    ),
    "user left out of the liabilities": ("last checkpoint", root_without_dave),
    "tree that binds sums only": ("last checkpoint", root_of_sums_only),
    "one leaf for two users": ("last checkpoint", root_with_a_shared_leaf),
    "window dressing": ("last checkpoint", dress_window),
}
# What happens silently at one command and shows in the record at a later one: where, the trick, where it shows.
SILENT_TRICKS: dict[str, tuple[str, Trick, str]] = {
    "missing liabilities: a balance is deleted": ("quiet moment", around(drop_dave), "too large withdrawal"),
    "client money lent to the house": ("move", around(lend_to_house), "last checkpoint"),
    "reserves moved after the signature": ("day after", around(return_reserves), "checkpoint of the day after"),
    "fee rate changed without a command": (
        "quiet moment",
        around(lambda state: state.markets[0].derive_rates([MILLION] * 16, None)),
        "fees are paid",
    ),
}
# What the dishonest book-keeper writes: the record, and where the first false event is.
RECORD_TRICKS: dict[str, tuple[Callable[[History], list[Entry]], str]] = {
    "reordered commands": (swapped, "first in the queue"),
    "dropped command": (dropped, "first in the queue"),
    "backdated order": (backdated, "first in the queue"),
    "deposit enlarged afterwards": (larger_deposit, "deposit"),
    "order hushed up": (hushed, "fill"),
}
