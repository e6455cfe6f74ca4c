"""Write commands as bytes with their sequence numbers and a clock that never goes back.

Privileged commands are written as signed instructions: by the desk's two people, or by its two watchers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from tarazy.domain.instructions import COMMANDS_MAX
from tarazy.domain.records import (
    RECORD_SIZE,
    AmendOrder,
    CancelOrder,
    OrderType,
    PlaceOrder,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from tarazy.market_data.acting import ActingOfficer, Desk, Packable

BUY = int(Side.buy)
SELL = int(Side.sell)
LIMIT = int(OrderType.limit)
MARKET = int(OrderType.market)
POST_ONLY = int(OrderType.post_only)
GTC = int(TimeInForce.gtc)
IOC = int(TimeInForce.ioc)
EXPIRE_TAKER = int(SelfTradePrevention.expire_taker)
MARKET_ID = 1
BATCH_COMMANDS = 2048
# No more than a frame of the sequencer holds: one instruction that is as large as it may be.
PIECE_COMMANDS = COMMANDS_MAX + 1


class CommandBatch(NamedTuple):
    """Commands, n * 96 bytes, and the joined entries of the instructions among them, in order.

    `cuts`: where it falls into pieces of at most PIECE_COMMANDS, as offsets in both.
    """

    commands: bytes
    instructions: bytes = b""
    cuts: tuple[tuple[int, int], ...] = ()

    def pieces(self) -> Iterator[CommandBatch]:
        """Yield the batch in pieces that fit into a frame each; an instruction stays with what it covers."""
        ends = ((0, 0), *self.cuts, (len(self.commands), len(self.instructions)))
        for (command, entry), (next_command, next_entry) in pairwise(ends):
            yield CommandBatch(self.commands[command:next_command], self.instructions[entry:next_entry])


class ReplayedOrder(NamedTuple):
    """What a flow knows of an order that it plays. `reference` is the client's number: the recorded order's own."""

    reference: int
    side: int
    price_ticks: int
    quantity_lots: int
    order_type: int = LIMIT
    time_in_force: int = GTC
    account_id: int = 0


class CommandWriter:
    """Collect commands into batches; `next_seq` is the number that the next one gets, `written` how many there are."""

    def __init__(self, first_seq: int = 1, ts_ns: int = 0, desk: Desk | None = None) -> None:
        self.next_seq = first_seq
        self.ts_ns = ts_ns
        self.desk = desk or Desk.of_names()
        self.pending: list[bytes] = []
        self.entries: list[bytes] = []
        self.cuts: list[tuple[int, int]] = []
        self.written = 0

    def start(self, desk: Desk, first_seq: int) -> None:
        """Write for a venue whose officers are the desk's, from this number on. Nothing was written yet."""
        self.desk, self.next_seq = desk, first_seq

    def advance(self, ts_ns: int) -> None:
        """Set the clock; a time in the past leaves it where it is."""
        if ts_ns > self.ts_ns:
            self.ts_ns = ts_ns

    def write(self, command: Packable) -> int:
        """Append a command that needs no officer; return its sequence number."""
        self.cut(1)
        return self.append(command.pack())

    def instruct(self, commands: Sequence[Packable]) -> int:
        """Append an instruction of the two people over commands; return the number of the first of these."""
        return self.sign(commands, self.desk.people)

    def watch(self, commands: Sequence[Packable]) -> int:
        """Append an instruction of the two watchers over commands; return the number of the first of these."""
        return self.sign(commands, self.desk.watchers)

    def sign(self, commands: Sequence[Packable], signers: Sequence[ActingOfficer]) -> int:
        """Append instructions over commands, as few as hold them; return the number of the first command."""
        first_seq = self.next_seq + 1
        stamp = self.ts_ns.to_bytes(8, "little")
        for records, entry in self.desk.instructions(commands, signers, self.ts_ns):
            self.cut(len(records) // RECORD_SIZE)
            self.entries.append(entry)
            for at in range(0, len(records), RECORD_SIZE):
                self.append(records[at : at + 8] + stamp + records[at + 16 : at + RECORD_SIZE])
        return first_seq

    def cut(self, coming: int) -> None:
        """Begin another piece of the batch where so many commands would not fit into this one."""
        begin = self.cuts[-1][0] if self.cuts else 0
        if len(self.pending) + coming - begin > PIECE_COMMANDS:
            self.cuts.append((len(self.pending), len(self.entries)))

    def append(self, record: bytes) -> int:
        """Append a packed command; return its sequence number."""
        self.pending.append(record)
        seq = self.next_seq
        self.next_seq = seq + 1
        self.written += 1
        return seq

    def place(self, order: ReplayedOrder) -> int:
        """Append a PlaceOrder; return its sequence number, which is the order's number."""
        return self.write(
            PlaceOrder(
                order.order_type,
                order.side,
                order.time_in_force,
                EXPIRE_TAKER,
                0,
                self.ts_ns,
                MARKET_ID,
                order.account_id,
                order.reference,
                0 if order.order_type == MARKET else order.price_ticks,
                order.quantity_lots,
            )
        )

    def cancel(self, account_id: int, reference: int) -> int:
        """Append a CancelOrder by the client's number; return its sequence number."""
        return self.write(CancelOrder(self.ts_ns, MARKET_ID, account_id, 0, reference))

    def amend(self, account_id: int, order_id: int, price_ticks: int, quantity_lots: int) -> int:
        """Append an AmendOrder; the quantity is the order's new total. Return its sequence number."""
        return self.write(AmendOrder(self.ts_ns, MARKET_ID, account_id, order_id, price_ticks, quantity_lots))

    def take_batch(self) -> CommandBatch:
        """Return the collected commands and start a new batch."""
        cuts = tuple((at * RECORD_SIZE, len(b"".join(self.entries[:entry]))) for at, entry in self.cuts)
        batch = CommandBatch(b"".join(self.pending), b"".join(self.entries), cuts)
        for collected in (self.pending, self.entries, self.cuts):
            collected.clear()
        return batch
