"""What the code says is worth watching: privileged entry points, the fields that they write, the guards of transfers.

Known limits: where the code was not read to the end, a selector that the reading does not know counts as privileged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tarazy.screening.bytecode.facts import ContractFacts, analyse
from tarazy.screening.bytecode.layout import Layout
from tarazy.screening.bytecode.locations import Field
from tarazy.screening.bytecode.restrictions import is_bookkeeping, opening_values, restrictions
from tarazy.screening.bytecode.writer import EntryPoint

FIELDS_MAX = 64
OPEN_TO_ALL = ("0xa9059cbb", "0x23b872dd", "0x095ea7b3")  # transfer, transferFrom, approve


@dataclass(frozen=True)
class WatchedGuard:
    """A field that decides whether transfers pass. `passes` None: which values do is not known."""

    field: Field
    passes: Callable[[int], bool] | None

    def is_open(self, word: bytes) -> bool | None:
        """Return whether the guard lets pass with its slot holding this word."""
        value = (int.from_bytes(word, "big") >> self.field.low) & ((1 << self.field.bits) - 1)
        return None if self.passes is None else self.passes(value)


@dataclass(frozen=True)
class Privileges:
    """What to watch of one code. `slots` are those that privileged entry points write and that have no key."""

    layout: Layout | None = None
    complete: bool = False
    known: frozenset[str] = frozenset()  # every selector that the reading saw
    privileged: Mapping[str, EntryPoint] = field(default_factory=dict)
    slots: tuple[int, ...] = ()
    guards: tuple[WatchedGuard, ...] = ()
    owners: tuple[tuple[int, int], ...] = ()
    reason: str = ""  # why nothing is known

    def is_privileged(self, selector: str | None) -> bool:
        """Return whether a call with this selector uses a privilege."""
        if selector is None or selector in OPEN_TO_ALL:
            return False
        return selector in self.privileged or (not self.complete and selector not in self.known)

    def is_gate(self, slot: int) -> bool:
        """Return whether a slot holds a guard."""
        return any(guard.field.root == slot for guard in self.guards)


def read_privileges(code: bytes) -> Privileges:
    """Read what to watch from the code that runs."""
    if not code:
        return Privileges(reason="there is no code")
    try:
        return privileges_of(analyse(code))
    except Exception as error:  # a reader of hostile code may fail in its own ways; the watch goes on with less
        return Privileges(reason=f"the code could not be read: {type(error).__name__}: {error}")


def privileges_of(facts: ContractFacts) -> Privileges:
    """Return what to watch from the facts."""
    privileged = {
        each.selector: each
        for each in facts.entry_points
        if not each.view and each.guards and each.selector not in OPEN_TO_ALL
    }
    guards = tuple(each for each in guards_of(facts) if each.field.depth == 0 and each.field.root is not None)
    written = [root(place) for each in privileged.values() for place in each.writes if "[" not in place]
    slots = [each for each in written if each is not None] + [guard.field.root or 0 for guard in guards]
    return Privileges(
        layout=facts.layout,
        complete=facts.complete,
        known=frozenset(each.selector for each in facts.entry_points),
        privileged=privileged,
        slots=tuple(sorted(set(slots)))[:FIELDS_MAX],
        guards=guards,
        owners=facts.layout.owners,
    )


def guards_of(facts: ContractFacts) -> list[WatchedGuard]:
    """Return the fields that conditions of the standard transfers read, but for those that keep the books."""
    found: dict[Field, WatchedGuard] = {}
    for restriction in restrictions(facts):
        if is_bookkeeping(facts, restriction):
            continue
        for guard in restriction.guards:
            if guard.root not in facts.layout.balance_roots | facts.layout.allowance_roots:
                found.setdefault(guard, WatchedGuard(guard, opening_values(restriction.needed, guard)))
    return list(found.values())


def root(place: str) -> int | None:
    """Return the slot of a place as entry points name it ("0x5", "0x7[arg0]", "0x6+1"), None where it is not known."""
    text = place.split("[")[0].split("+")[0]
    try:
        return int(text, 16)
    except ValueError:
        return None
