"""What got worse for those who hold the token: refused or taxed transfers, closed gates, accounts locked or emptied."""

from __future__ import annotations

from collections.abc import Iterator

from tarazy.screening.watch.comparison import Change, SnapshotComparison, doublings, percent, taken
from tarazy.screening.watch.privileges import root


def trials(now: SnapshotComparison) -> Iterator[Change]:
    """Find transfers that went through before and do not now, or of which less arrives."""
    blocked = {key: pair for key, pair in now.pairs() if pair[0].moved and pair[1].moved is False}
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
            now.changed_slots(),
        )
    raised = [(key.split(" ")[0], tax) for key, tax in raised_taxes(now)]
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
            now.changed_slots(),
        )


def raised_taxes(now: SnapshotComparison) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the trials whose tax rose in this step and stands above the least known by more than the threshold."""
    for key, (before, after) in now.pairs():
        if before.tax_ppm is None or after.tax_ppm is None or after.tax_ppm <= before.tax_ppm:
            continue
        first = now.first.trials.get(key) if now.first else None
        least = min(before.tax_ppm, before.tax_ppm if first is None or first.tax_ppm is None else first.tax_ppm)
        if after.tax_ppm - least >= now.thresholds.tax_ppm:
            yield key, (least, after.tax_ppm)


def gates(now: SnapshotComparison) -> Iterator[Change]:
    """Find gates of transfers that closed, where no trial shows the effect."""
    shown = any(before.moved and after.moved is not None for _, (before, after) in now.pairs())
    for gate, after in now.after.gates.items():
        if not shown and after is False and now.before.gates.get(gate) is True:
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


def accounts(now: SnapshotComparison) -> Iterator[Change]:
    """Find accounts that a call of this block locked in, took from or gave to."""
    everyone = any(before.moved and after.moved is False for _, (before, after) in now.pairs())
    callers = {call.sender for call in now.calls}
    told: set[str] = set()
    for each in now.named:
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
        if before is None or after is None:
            continue
        if after < before and each.account not in callers:
            told.add(each.account)
            yield taken(each.account, before, after, "A privileged call took from an account's balance")
            continue
        gained = now.share(after - before - now.made())
        if each.account in callers and gained >= now.thresholds.supply_ppm:
            yield Change(
                "balance_grew",
                each.account,
                "A privileged call added to the caller's own balance",
                f"By {percent(gained)} of the supply in one block, beyond what the supply shows as made.",
                {"account": each.account, "balance": str(before)},
                {"account": each.account, "balance": str(after)},
                doublings(gained // now.thresholds.supply_ppm),
            )
    for key, (earlier, later) in now.pairs():
        account = key.split(" ")[1]
        fell = earlier.held and later.held is not None and later.held < earlier.held
        if fell and key.startswith("send ") and account not in now.senders | told:
            yield taken(
                account, earlier.held or 0, later.held or 0, "A holder's balance fell without the holder's doing"
            )
