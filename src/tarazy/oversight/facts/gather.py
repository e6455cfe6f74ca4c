"""Facts of a facility's folder: its record is replayed, counted on the way, and its state read at the end.

The engine is handed in, so that the fastest one that is there does the replay. Every hash of the record is checked
while it is read and every digest compared, so a fact from here follows from the record or is not there. With
`until_ns` the replay ends before the first frame that begins later: the record as it was then. Beside a running writer
it is read as far as it is durable. A record without a command until then says nothing, and gives no fact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from tarazy.domain.engine import Engine
from tarazy.domain.records import COMMANDS, PRIVILEGES, RECORD_SIZE, ROLE_MACHINE, Estate, EventKind
from tarazy.journal.durable_position import PositionReader
from tarazy.journal.errors import ReplayDivergedError
from tarazy.journal.frame import Frame, FrameKind
from tarazy.journal.identity import Identity, load_identity
from tarazy.journal.reader import JournalReader
from tarazy.journal.replay import check_edition, replayed
from tarazy.journal.statement import Statement
from tarazy.oversight.facts import state_facts
from tarazy.oversight.facts.chunks import FactChunk, FrameEvents, chunk_of_rows
from tarazy.oversight.facts.counting import RecordCounts, day_of
from tarazy.oversight.facts.tables import TABLES
from tarazy.rulebook.facts import FactSet, RuleFact
from tarazy.spec.authority import signers_needed
from tarazy.spec.state import State

Sink = Callable[[str, FactChunk], None]
Progress = Callable[[int], None]
TS_AT = 1  # the second word of a command
NOTHING: Mapping[Any, Any] = MappingProxyType({})


class GatheredRecord(NamedTuple):
    """What a replay gave: facts, counts, the last command and its time, refusals by (day, reject code).

    `asset_codes` are those of digital assets, `officer_keys` in hexadecimal digits; both by number, as at the end.
    """

    facts: FactSet
    counts: RecordCounts
    commands: int
    last_ns: int
    refusals: dict[tuple[date, int], int]
    reference_asset_id: int = 0
    asset_codes: Mapping[int, str] = NOTHING
    officer_keys: Mapping[int, str] = NOTHING


def gather(
    directory: Path,
    engine: Engine,
    state_of: Callable[[Engine], State],
    *,
    until_ns: int | None = None,
    sink: Sink | None = None,
    progress: Progress | None = None,
) -> GatheredRecord:
    """Replay a facility's record and return its facts; `sink` is given every chunk of every table.

    `state_of` returns an engine's state as the readable venue's. Raises: DamageError, StorageError, WrongEditionError.
    """
    identity = load_identity(Path(directory))
    reader = JournalReader(directory, identity=identity, last_frame=durable_frame(Path(directory), identity))
    check_edition(reader.directory, reader.identity, engine)
    pass_ = _Pass(sink)
    replays = True
    try:
        for frame, events in replayed(reader.directory, _frames(reader, until_ns), engine):
            if frame.header.kind == FrameKind.statement:
                pass_.add_statement(frame)
            if frame.header.kind == FrameKind.commands:
                pass_.add(frame, events)
                if progress is not None:
                    progress(pass_.commands)
    except ReplayDivergedError:
        replays = False
    facts = FactSet([_replay_fact(pass_, replays)] if pass_.commands else ())
    reference_asset_id, names = 0, (NOTHING, NOTHING)  # of assets, keys of officers
    if replays and pass_.commands:
        state = state_of(engine)
        reference = state_facts.reference_asset(state)
        reference_asset_id = reference.asset_id if reference is not None else 0
        names = (state_facts.digital_codes(state), state_facts.officer_keys(state))
        pass_.add_state(state)
        for fact in facts_of(pass_, state, until_ns):
            facts.add(fact)
    seen = (pass_.counts, pass_.commands, pass_.last_ns, pass_.refusals)
    return GatheredRecord(facts, *seen, reference_asset_id, *names)


def durable_frame(directory: Path, identity: Identity) -> int | None:
    """Return the last frame that a living writer calls durable; None where nobody writes, and all is read."""
    with PositionReader(directory, identity.facility_id) as reader:
        position = reader.read()
        return position.frame_number if reader.writers and reader.writer_lives() else None


def _frames(reader: JournalReader, until_ns: int | None) -> Iterator[Frame]:
    """Yield the frames up to a moment."""
    for frame in reader:
        is_commands = frame.header.kind == FrameKind.commands and frame.header.command_count
        if until_ns is not None and is_commands:
            first_ns = int.from_bytes(frame.commands[8 * TS_AT : 8 * TS_AT + 8], "little")
            if first_ns > until_ns:
                return
        yield frame


class _Pass:
    """What is kept of the frames that went by."""

    def __init__(self, sink: Sink | None) -> None:
        self.counts = RecordCounts()
        self.commands = self.last_ns = 0
        self.single_signed = 0
        self.refusals: dict[tuple[date, int], int] = {}
        self.machines: set[int] = set()
        self.reports: dict[tuple[int, int], tuple[int, bool]] = {}
        self.reported: dict[tuple[int, int], int] = {}
        self._sink = sink

    def add(self, frame: Frame, events: bytes) -> None:
        """Count one frame."""
        read = FrameEvents(frame, events)
        for name, table in TABLES.items():
            chunk = read.chunk(table)
            if chunk is None:
                continue
            self.counts.add(name, chunk)
            if self._sink is not None:
                self._sink(name, chunk)
        self._count_refusals(read)
        self._keep_reports(read)
        self._count_signers(read)
        self.commands += frame.header.command_count
        if frame.header.command_count:
            self.last_ns = int(read.times_ns[-1])

    def _count_refusals(self, read: FrameEvents) -> None:
        """Count refused commands of all kinds by day and code."""
        rejected = read.of_kind(EventKind.command_rejected)
        if rejected is None:
            return
        day = day_of(int(read.times_ns[-1]))
        for code, count in zip(*np.unique(rejected["reject_code"], return_counts=True), strict=True):
            key = (day, int(code))
            self.refusals[key] = self.refusals.get(key, 0) + int(count)

    def add_statement(self, frame: Frame) -> None:
        """Give out what the facility signed of its state."""
        signed = Statement.unpack(bytes(frame.commands))
        row = (signed.frame_number, signed.state_digest, signed.liabilities_root)
        self._give("statements", [row], signed.seq, signed.ts_ns)

    def add_state(self, state: State) -> None:
        """Give out balances and custody at the end."""
        self._give("balances", state_facts.balance_rows(state), self.commands, self.last_ns)
        self._give("custody", state_facts.custody_rows(state), self.commands, self.last_ns)

    def _give(self, table: str, rows: list[Any], seq: int, ts_ns: int) -> None:
        if self._sink is not None and rows:
            self._sink(table, chunk_of_rows(TABLES[table], rows, seq, ts_ns))

    def _keep_reports(self, read: FrameEvents) -> None:
        chunk = read.chunk(TABLES["custody_reports"])
        if chunk is None:
            return
        columns = (
            "estate",
            "asset_id",
            "location",
            "ts_ns",
            "balance_matches",
            "amount_minor_low",
            "amount_minor_high",
        )
        for estate, asset, location, ts_ns, matches, low, high in zip(
            *(chunk[c].tolist() for c in columns), strict=True
        ):
            if estate == Estate.client:
                self.reports[asset, location] = (ts_ns, bool(matches))
                self.reported[asset, location] = low + (high << 64)

    def _count_signers(self, read: FrameEvents) -> None:
        """Count commands that need two signers and were done under one; what machines do, mandates bound."""
        registered = read.chunk(TABLES["officers"])
        if registered is not None:
            pairs = zip(registered["officer_id"].tolist(), registered["officer_roles"].tolist(), strict=True)
            self.machines |= {officer for officer, roles in pairs if roles & ROLE_MACHINE}
        chunk = read.chunk(TABLES["instructions"])
        if chunk is None:
            return
        rejected = read.of_kind(EventKind.command_rejected)
        refused = set(rejected["seq"].tolist()) if rejected is not None else set()
        columns = ("seq", "officer_id", "approver_id", "command_count")
        for seq, officer, approver, count in zip(*(chunk[column].tolist() for column in columns), strict=True):
            if not approver and officer not in self.machines:
                done = [each for each in range(seq + 1, seq + 1 + count) if each not in refused]
                self.single_signed += sum(_needs_two(read.frame, each) for each in done)


def _needs_two(frame: Frame, seq: int) -> bool:
    """Return whether a command needs two signers, by its content."""
    at = (seq - frame.header.first_seq) * RECORD_SIZE
    record = bytes(frame.commands[at : at + RECORD_SIZE])
    kind = int.from_bytes(record[:2], "little")
    privilege = PRIVILEGES.get(kind)
    return privilege is not None and kind in COMMANDS and signers_needed(kind, record, privilege) > 1


def _replay_fact(pass_: _Pass, replays: bool) -> RuleFact:
    return RuleFact("record_replays", replays, f"replay of {pass_.commands} commands", "replayed", _day(pass_))


def _day(pass_: _Pass) -> date:
    return day_of(pass_.last_ns) if pass_.last_ns else date(1970, 1, 1)


def facts_of(pass_: _Pass, state: State, until_ns: int | None) -> Iterator[RuleFact]:
    """Yield the facts that follow from a record: counts on the way, and the state at its end."""
    counts = pass_.counts
    source, day = f"replay up to command {pass_.commands}", _day(pass_)
    found: dict[str, Any] = {
        "record_verifies": True,
        "priority_violations": 0,
        "settlement_max_s": 0,
        **counts.found(),
        "instructions_with_one_signer": pass_.single_signed,
        "negative_balances": state_facts.negative_balances(state),
        "ledger_sums_broken": state_facts.broken_sums(state),
        "asset_positions": state_facts.positions(state),
        "custody_shares": state_facts.cold_shares(state),
        "markets": state_facts.markets(state),
        "limits_in_force": state_facts.limits(state, until_ns),
        "client_money": state_facts.client_money(state, pass_.reported),
        "reconciliations": state_facts.reconciliations(state, pass_.reports, pass_.last_ns),
    }
    reference = state_facts.reference_asset(state)
    if reference is not None:
        found["reference_scale"] = reference.scale
    if pass_.counts.first_trade_ns:
        found["operations_began"] = day_of(pass_.counts.first_trade_ns)
    for name, value in found.items():
        grade = "recorded" if name in REPORTED else "replayed"
        yield RuleFact(name, value, SOURCES.get(name, source), grade, day)


# Facts that stand because the replay reached its end: the engine stops at the first break, and a trade posts at once.
SOURCES = {
    "record_verifies": "every hash was compared while the record was read",
    "priority_violations": "the engine stops at the first trade-through or queue jump; the replay reached the end",
    "settlement_max_s": "a trade and its postings are one command",
}
# Facts that rest on what a bank or custodian reported and officers signed.
REPORTED = frozenset({"client_money", "reconciliations"})
