"""What got worse between two blocks. Each change says what, from what to what, and how much worse it is.

A change for the better gives nothing. Where before or after is unknown nothing is claimed; what became unknown is the
business of the notices (`follow`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tarazy.screening.chain.contract import is_no_one
from tarazy.screening.watch.calls import AdminCall, Named
from tarazy.screening.watch.options import PPM, Thresholds
from tarazy.screening.watch.powers import Powers, root
from tarazy.screening.watch.probes import Outcome
from tarazy.screening.watch.snapshot import Snapshot


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
class Comparison:
    """Two snapshots of one token with what happened between them.

    `recent` are the snapshots of the span before, oldest first; `first` is the one with which the watch began, so that
    a tax raised in many small steps is measured from there.
    """

    before: Snapshot
    after: Snapshot
    powers: Powers
    thresholds: Thresholds
    calls: Sequence[AdminCall] = ()
    named: Sequence[Named] = ()
    recent: Sequence[Snapshot] = ()
    first: Snapshot | None = None

    def worse(self) -> list[Change]:
        """Return every change for the worse, in a fixed order."""
        return [
            *self.code(),
            *self.hands(),
            *self.trials(),
            *self.gates(),
            *self.accounts(),
            *self.supply(),
            *self.pools(),
        ]

    def changed_slots(self) -> tuple[int, ...]:
        """Return the watched slots whose words differ, where both were read."""
        before, after = self.before.fields, self.after.fields
        return tuple(int(slot, 16) for slot in before if slot in after and before[slot] != after[slot])

    def touched(self) -> bool:
        """Return whether anything happened that a new screening should look at, worse or not."""
        same = ("code_hash", "implementation_hash", "admin", "admin_owner", "owner", "owner_fields", "gates")
        differs = any(getattr(self.before, name) != getattr(self.after, name) for name in same)
        return differs or bool(self.calls) or bool(self.changed_slots())

    def code(self) -> Iterator[Change]:
        """Find another code, at the address or behind it."""
        before, after = self.before, self.after
        if before.code_hash != after.code_hash:
            gone = not after.code_hash
            title = "The contract's code is gone" if gone else "The code at the address changed"
            yield Change(
                "code_changed",
                after.code_hash,
                title,
                "What was screened for listing is no longer what the address holds.",
                {"code_hash": before.code_hash},
                {"code_hash": after.code_hash or "none"},
            )
        elif (before.implementation, before.implementation_hash) != (after.implementation, after.implementation_hash):
            yield Change(
                "upgraded",
                f"{after.implementation} {after.implementation_hash}",
                "The token was upgraded to other code",
                "The proxy runs code that was not screened for listing.",
                {"implementation": before.implementation, "code_hash": before.implementation_hash},
                {"implementation": after.implementation, "code_hash": after.implementation_hash},
            )

    def hands(self) -> Iterator[Change]:
        """Find powers that changed hands, or came back after they were given up."""
        pairs: list[tuple[str, str | None, str | None]] = [
            ("owner", self.before.owner, self.after.owner),
            ("proxy admin", self.before.admin, self.after.admin),
            ("owner of the proxy admin", self.before.admin_owner, self.after.admin_owner),
        ]
        shown = {(nobody_or(before), nobody_or(after)) for _, before, after in pairs}
        for place, after in self.after.owner_fields.items():
            held = self.before.owner_fields.get(place)
            if place in self.before.owner_fields and (nobody_or(held), nobody_or(after)) not in shown:
                pairs.append((f"holder of powers in storage {place}", held, after))
        for what, before, after in pairs:
            if before == after or not after or is_no_one(after):
                continue
            again = not before or is_no_one(before)
            kind, verb = ("power_taken_back", "has somebody again") if again else ("power_changed_hands", "changed")
            key = what.replace(" ", "_").split("_in_")[0]
            yield Change(
                kind,
                f"{what} {after}",
                f"The {what} {verb}",
                "Powers over the token are held by somebody else than when it was last looked at.",
                {key: before or "nobody"},
                {key: after},
                slots=(int(what.rsplit(" ", 1)[1].split("+")[0], 16),) if "storage" in what else (),
            )

    def trials(self) -> Iterator[Change]:
        """Find transfers that went through before and do not now, or of which less arrives."""
        blocked = {key: pair for key, pair in self.pairs() if pair[0].moved and pair[1].moved is False}
        if blocked:
            names = sorted({key.split(" ")[0] for key in blocked})
            reasons = sorted({after.reason for _, after in blocked.values() if after.reason})
            yield Change(
                "transfers_blocked",
                "",
                "Transfers that went through are refused",
                f"Tried as strangers: {', '.join(names)}. The token says: {'; '.join(reasons) or 'nothing'}.",
                {"transfers": "go through", "tried": names},
                {"transfers": "refused", "refused": names, "reason": reasons},
                len(names),
                self.changed_slots(),
            )
        raised = [(key.split(" ")[0], tax) for key, tax in self.raised_taxes()]
        if raised:
            names = sorted({name for name, _ in raised})
            worst = max(after for _, (_, after) in raised)
            before, after = (
                {f"{name}_tax_ppm": max(tax[side] for each, tax in raised if each == name) for name in names}
                for side in (0, 1)
            )
            yield Change(
                "tax_raised",
                "",
                f"The tax on transfers rose to {percent(worst)}",
                f"Tried as strangers: {', '.join(names)}.",
                before,
                after,
                worst,
                self.changed_slots(),
            )

    def pairs(self) -> Iterator[tuple[str, tuple[Outcome, Outcome]]]:
        """Yield the trials that were made before and after."""
        for key, after in self.after.trials.items():
            before = self.before.trials.get(key)
            if before is not None:
                yield key, (before, after)

    def raised_taxes(self) -> Iterator[tuple[str, tuple[int, int]]]:
        """Yield the trials whose tax rose in this step and stands above the least known by more than the threshold."""
        for key, (before, after) in self.pairs():
            if before.tax_ppm is None or after.tax_ppm is None or after.tax_ppm <= before.tax_ppm:
                continue
            first = self.first.trials.get(key) if self.first else None
            least = min(before.tax_ppm, before.tax_ppm if first is None or first.tax_ppm is None else first.tax_ppm)
            if after.tax_ppm - least >= self.thresholds.tax_ppm:
                yield key, (least, after.tax_ppm)

    def gates(self) -> Iterator[Change]:
        """Find gates of transfers that closed, where no trial shows the effect."""
        shown = any(before.moved and after.moved is not None for _, (before, after) in self.pairs())
        for gate, after in self.after.gates.items():
            if not shown and after is False and self.before.gates.get(gate) is True:
                slot = root(gate.split(" ")[0])
                yield Change(
                    "gate_closed",
                    gate,
                    "A condition of every transfer was turned against holders",
                    f"The code lets a transfer pass only with another value in storage {gate}; none could be tried.",
                    {"gate": gate, "lets_pass": True},
                    {"gate": gate, "lets_pass": False},
                    slots=() if slot is None else (slot,),
                )

    def accounts(self) -> Iterator[Change]:
        """Find accounts that a call of this block locked in or took from."""
        everyone = any(before.moved and after.moved is False for _, (before, after) in self.pairs())
        senders = {call.sender for call in self.calls}
        for each in self.named:
            if each.send_before.moved and each.send_after.moved is False and not everyone:
                yield Change(
                    "account_blocked",
                    each.account,
                    "An account can no longer move the token",
                    f"A privileged call named the account. The token says: {each.send_after.reason}.",
                    {"account": each.account, "can_send": True},
                    {"account": each.account, "can_send": False, "reason": each.send_after.reason},
                )
            before, after = each.balance_before, each.balance_after
            if before is not None and after is not None and after < before and each.account not in senders:
                yield Change(
                    "balance_taken",
                    each.account,
                    "A privileged call took from an account's balance",
                    "The account did not send the transaction.",
                    {"account": each.account, "balance": str(before)},
                    {"account": each.account, "balance": str(after)},
                    (before - after) * PPM // before,
                )

    def supply(self) -> Iterator[Change]:
        """Find growth of the supply beyond the threshold within the span."""
        after = self.after.total_supply
        past = [each.total_supply for each in (*self.recent, self.before) if each.total_supply]
        if not after or not past or (self.before.total_supply is not None and after <= self.before.total_supply):
            return
        grown = (after - min(past)) * PPM // min(past)
        if grown >= self.thresholds.supply_ppm:
            yield Change(
                "supply_grew",
                "",
                f"The supply grew by {percent(grown)} within {self.thresholds.drain_blocks} blocks",
                "New tokens were made.",
                {"total_supply": str(min(past))},
                {"total_supply": str(after)},
                doublings(grown // self.thresholds.supply_ppm),
            )

    def pools(self) -> Iterator[Change]:
        """Find pools that lost their quote coin within the span, and liquidity that is no longer locked."""
        for pool, after in self.after.pools.items():
            past = [each.pools[pool] for each in (*self.recent, self.before) if pool in each.pools]
            if not past:
                continue
            most = max(each.quote_held for each in past)
            lost = (most - after.quote_held) * PPM // most if most else 0
            if lost >= self.thresholds.drain_ppm and after.quote_held < past[-1].quote_held:
                yield Change(
                    "pool_drained",
                    pool,
                    f"A pool lost {percent(lost)} of its quote coin within {self.thresholds.drain_blocks} blocks",
                    "Holders can sell into it for little or nothing.",
                    {"pool": pool, "quote": after.quote, "quote_held": str(most)},
                    {"pool": pool, "quote": after.quote, "quote_held": str(after.quote_held)},
                    doublings(PPM // max(1, PPM - lost)),
                )
            locked = past[-1].locked_ppm
            if locked is None or after.locked_ppm is None:
                continue
            if locked - after.locked_ppm >= self.thresholds.unlock_ppm:
                yield Change(
                    "liquidity_unlocked",
                    pool,
                    f"Liquidity of a pool is no longer locked: {percent(after.locked_ppm)} is left",
                    "Whoever holds the LP tokens may take the liquidity away.",
                    {"pool": pool, "locked_ppm": locked},
                    {"pool": pool, "locked_ppm": after.locked_ppm},
                    PPM - after.locked_ppm,
                )


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
