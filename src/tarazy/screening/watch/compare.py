"""What got worse between two blocks: each change says what, from what to what, and how much worse it is.

A change for the better gives nothing. Where before or after is unknown nothing is claimed; what became unknown is the
business of the notices (`token_watch`).
"""

from __future__ import annotations

from collections.abc import Iterator

from tarazy.chains.evm.contract import is_no_one
from tarazy.screening.watch.compare_holders import accounts, gates, trials
from tarazy.screening.watch.compare_market import pools, supply
from tarazy.screening.watch.comparison import Change, SnapshotComparison, nobody_or


def worse(now: SnapshotComparison) -> list[Change]:
    """Return every change for the worse, in a fixed order."""
    looks = (code, hands, trials, gates, accounts, supply, words, pools)
    return [change for look in looks for change in look(now)]


def code(now: SnapshotComparison) -> Iterator[Change]:
    """Find another code, at the address or behind it."""
    before, after = now.before, now.after
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


def hands(now: SnapshotComparison) -> Iterator[Change]:
    """Find privileges that changed hands, or came back after they were given up."""
    pairs: list[tuple[str, str | None, str | None]] = [
        ("owner", now.before.owner, now.after.owner),
        ("proxy admin", now.before.admin, now.after.admin),
        ("owner of the proxy admin", now.before.admin_owner, now.after.admin_owner),
    ]
    shown = {(nobody_or(before), nobody_or(after)) for _, before, after in pairs}
    for place, after in now.after.owner_fields.items():
        held = now.before.owner_fields.get(place)
        if place in now.before.owner_fields and (nobody_or(held), nobody_or(after)) not in shown:
            pairs.append((f"holder of privileges in storage {place}", held, after))
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


def words(now: SnapshotComparison) -> Iterator[Change]:
    """Find another name, symbol or number of decimals."""
    names = ("name", "symbol", "decimals")
    before, after = ({name: getattr(each, name) for name in names} for each in (now.before, now.after))
    changed = [name for name in names if None not in (before[name], after[name]) and before[name] != after[name]]
    if changed:
        yield Change(
            "renamed",
            " ".join(str(after[name]) for name in changed),
            f"The token changed its {' and '.join(changed)}",
            "What it calls itself is no longer what was listed.",
            {name: before[name] for name in changed},
            {name: after[name] for name in changed},
        )
