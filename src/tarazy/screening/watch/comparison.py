"""What a comparison works on: two snapshots of a token with what happened between, and the change it may find."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tarazy.chains.evm.contract import is_no_one
from tarazy.screening.watch.calls import AdminCall, NamedAccount
from tarazy.screening.watch.privileges import Privileges
from tarazy.screening.watch.probes import ProbeOutcome
from tarazy.screening.watch.snapshot import TokenSnapshot
from tarazy.screening.watch.thresholds import PPM, Thresholds


@dataclass(frozen=True)
class Change:
    """One change for the worse. `kind` and `subject` name it; `level` grows with how bad it is."""

    kind: str
    subject: str
    title: str
    text: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    level: int = 0
    slots: tuple[int, ...] = ()  # storage that changed with it


@dataclass(frozen=True)
class SnapshotComparison:
    """Two snapshots of one token with what happened between them.

    `recent` are the snapshots of the span before, oldest first; `first` is the one with which the watch began, so that
    a tax raised in many small steps is measured from there.
    """

    before: TokenSnapshot
    after: TokenSnapshot
    privileges: Privileges
    thresholds: Thresholds
    calls: Sequence[AdminCall] = ()
    named: Sequence[NamedAccount] = ()
    recent: Sequence[TokenSnapshot] = ()
    first: TokenSnapshot | None = None
    senders: frozenset[str] = frozenset()  # of all transactions between the two

    def changed_slots(self) -> tuple[int, ...]:
        """Return the watched slots whose words differ, where both were read."""
        before, after = self.before.fields, self.after.fields
        return tuple(int(slot, 16) for slot in before if slot in after and before[slot] != after[slot])

    def touched(self) -> bool:
        """Return whether anything happened that a new screening should look at, worse or not."""
        same = ("code_hash", "implementation_hash", "admin", "admin_owner", "owner", "owner_fields", "gates")
        differs = any(getattr(self.before, name) != getattr(self.after, name) for name in same)
        return differs or bool(self.calls) or bool(self.changed_slots())

    def pairs(self) -> Iterator[tuple[str, tuple[ProbeOutcome, ProbeOutcome]]]:
        """Yield the trials that were made before and after."""
        for key, after in self.after.trials.items():
            before = self.before.trials.get(key)
            if before is not None:
                yield key, (before, after)

    def made(self) -> int:
        """Return by how much the supply grew between the two."""
        if self.before.total_supply is None or self.after.total_supply is None:
            return 0
        return max(0, self.after.total_supply - self.before.total_supply)

    def share(self, amount: int) -> int:
        """Return an amount as a part of the supply before. Units: parts per million."""
        return max(0, amount) * PPM // self.before.total_supply if self.before.total_supply else 0


def taken(account: str, before: int, after: int, title: str) -> Change:
    """Return the change that an account lost what it did not give."""
    text = "The account did not send the transaction."
    was, now = ({"account": account, "balance": str(each)} for each in (before, after))
    return Change("balance_taken", account, title, text, was, now, (before - after) * PPM // before)


def nobody_or(holder: str | None) -> str | None:
    """Return a holder, None for what stands for nobody."""
    return None if not holder or is_no_one(holder) else holder


def doublings(times: int) -> int:
    """Return how often something doubled, so that what trades move a little is not told again and again."""
    return times.bit_length()


def percent(ppm: int) -> str:
    """Return parts per million as a percentage, without a float."""
    whole, part = divmod(ppm, 10_000)
    return f"{whole}.{part // 100:02d} %".replace(".00 %", " %")
