"""Two engines side by side: the same commands must give the same events, the same snapshots, the same errors.

A difference is narrowed down from the last snapshot that both agreed on: the first command that differs is found, then
as many of the commands before it as possible are replaced by mere moments (so that numbers stay), and what is left is
saved with that snapshot.
"""

from __future__ import annotations

from pathlib import Path

from tarazy.domain.engine import Engine
from tarazy.domain.records import COMMANDS, RECORD_SIZE, AdvanceTime

from ..floor import decode_events

Engines = tuple[type[Engine], type[Engine]]


class TwinsDifferError(Exception):
    """The engines disagree. `report` says where and how."""

    def __init__(self, report: str) -> None:
        super().__init__(report)
        self.report = report


def outcome(engine: Engine, commands: bytes) -> bytes:
    """Return the events, or the error in words; a panic of the core is an outcome too."""
    try:
        return engine.apply(commands)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return f"{type(error).__name__}: {error}".encode()


def records(data: bytes) -> list[bytes]:
    """Return the commands one by one."""
    return [data[at : at + RECORD_SIZE] for at in range(0, len(data), RECORD_SIZE)]


class Twins:
    """Both engines, fed in step."""

    def __init__(self, engines: Engines, where: Path, title: str) -> None:
        self.engines = engines
        self.pair = (engines[0](), engines[1]())
        self.where, self.title = where, title
        self.anchor = self.pair[0].snapshot()
        self.since: list[bytes] = []

    def apply(self, commands: bytes) -> bytes:
        """Apply commands to both and return their events.

        Raises: TwinsDifferError.
        """
        self.since.append(commands)
        events, other = (outcome(engine, commands) for engine in self.pair)
        if events != other or len(events) % RECORD_SIZE:
            raise TwinsDifferError(self.narrow("events"))
        return events

    def compare_states(self) -> bytes:
        """Audit both, compare their snapshots and liabilities roots, and return the snapshot.

        Raises: TwinsDifferError; InvariantBroken where a state does not add up.
        """
        first, second = (engine.snapshot() for engine in self.pair)
        if first != second or self.pair[0].next_seq != self.pair[1].next_seq:
            raise TwinsDifferError(self.narrow("snapshots"))
        for engine in self.pair:
            engine.audit()
        if self.pair[0].liabilities_root() != self.pair[1].liabilities_root():
            raise TwinsDifferError(f"{self.title}: liabilities roots differ at {self.pair[0].next_seq}")
        self.anchor, self.since = first, []
        return first

    def swap(self) -> None:
        """Restore each engine from the other's snapshot and go on with those."""
        first, second = self.pair
        self.pair = (self.engines[0].restore(second.snapshot()), self.engines[1].restore(first.snapshot()))
        self.compare_states()

    def narrow(self, what: str) -> str:
        """Return the report on a difference since the anchor, and save what reproduces it."""
        commands = records(b"".join(self.since))
        found = first_difference(self.engines, self.anchor, commands)
        self.where.mkdir(parents=True, exist_ok=True)
        (self.where / "anchor.snap").write_bytes(self.anchor)
        (self.where / "commands.bin").write_bytes(b"".join(commands))
        if found is None:
            return f"{self.title}: {what} differ, but not when replayed from the last common snapshot; see {self.where}"
        kept = shrink(self.engines, self.anchor, commands[: found + 1])
        (self.where / "shrunk.bin").write_bytes(b"".join(kept))
        return f"{self.title}: {what} differ\n{describe(self.engines, self.anchor, kept)}\nsaved in {self.where}"


def first_difference(engines: Engines, anchor: bytes, commands: list[bytes]) -> int | None:
    """Return the index of the first command after which the engines differ in events or state, or None."""
    pair = [engine.restore(anchor) for engine in engines]
    for index, command in enumerate(commands):
        first, second = (outcome(engine, command) for engine in pair)
        if first != second or len(first) % RECORD_SIZE or pair[0].snapshot() != pair[1].snapshot():
            return index
    return None


def differs_at_the_end(engines: Engines, anchor: bytes, commands: list[bytes]) -> bool:
    """Return whether the engines differ after these commands and agreed before the last."""
    pair = [engine.restore(anchor) for engine in engines]
    before = [outcome(engine, b"".join(commands[:-1])) for engine in pair]
    if before[0] != before[1] or len(before[0]) % RECORD_SIZE or pair[0].snapshot() != pair[1].snapshot():
        return False
    first, second = (outcome(engine, commands[-1]) for engine in pair)
    return first != second or len(first) % RECORD_SIZE != 0 or pair[0].snapshot() != pair[1].snapshot()


def shrink(engines: Engines, anchor: bytes, commands: list[bytes]) -> list[bytes]:
    """Replace by moments all commands that the difference at the end does not need."""
    size = len(commands) // 2
    while size:
        for start in range(0, len(commands) - 1, size):
            stop = min(start + size, len(commands) - 1)
            moments = [AdvanceTime(int.from_bytes(c[8:16], "little")).pack() for c in commands[start:stop]]
            if moments == commands[start:stop]:
                continue
            tried = commands[:start] + moments + commands[stop:]
            if differs_at_the_end(engines, anchor, tried):
                commands = tried
        size //= 2
    return commands


def describe(engines: Engines, anchor: bytes, commands: list[bytes]) -> str:
    """Return the commands that matter in words, and what both engines made of the last."""
    pair = [engine.restore(anchor) for engine in engines]
    seq, lines = pair[0].next_seq, []
    for index, command in enumerate(commands[:-1]):
        if command[0] != 9:
            lines.append(f"  {seq + index} {words(command)}")
    for engine in pair:
        outcome(engine, b"".join(commands[:-1]))
    lines.append(f"> {seq + len(commands) - 1} {words(commands[-1])}")
    for engine in pair:
        result = outcome(engine, commands[-1])
        lines.append(f"{engine.name}, snapshot of {len(engine.snapshot())} bytes:")
        told = decode_events(result) if not len(result) % RECORD_SIZE else [result.decode()]
        lines += [f"    {line}" for line in told]
    return "\n".join(lines)


def words(command: bytes) -> str:
    """Return a command decoded, or in hexadecimal where it is none."""
    record = COMMANDS.get(int.from_bytes(command[:2], "little"))
    return str(record.unpack(command)) if record else command.hex()
