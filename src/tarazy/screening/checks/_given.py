"""What a constructor gave, and what holders have, as evidence: balances beyond the supply, allowances over others."""

from __future__ import annotations

from tarazy.screening.checks.base import Subject
from tarazy.screening.model import Evidence, Holder, HolderKind

SHOWN_MAX = 4


def beyond_supply(subject: Subject) -> tuple[tuple[Holder, ...], str, Evidence] | None:
    """Return who holds, in words how much, and the evidence where balances are more than the supply; else None."""
    given, owned = subject.constructed, subject.ownership
    if given is not None and given.beyond:
        accounts = given.hidden or tuple(given.balances)
        who = ", ".join(accounts[:SHOWN_MAX]) or "an account that the constructor works out"
        detail = f"the constructor gave {who} balances of {given.beyond} units beyond the supply of {given.supply}"
        return holders_of(accounts), detail, Evidence("state", detail)
    supply = subject.token.total_supply
    held = {holder.address.lower(): holder.balance for holder in (owned.holders or ()) if owned} if owned else {}
    known = sum(balance for balance in held.values() if balance)
    if supply and known > supply:
        detail = f"known holders have {known} units, more than the supply of {supply}"
        most = max(held, key=lambda account: held[account] or 0)
        return holders_of((most,)), detail, Evidence("state", detail)
    return None


def given_allowances(subject: Subject) -> tuple[tuple[Holder, ...], tuple[Evidence, ...]]:
    """Return who may spend what is another's by the constructor's gift, with the evidence."""
    found = subject.constructed.allowances if subject.constructed is not None else ()
    evidence = [
        Evidence("state", f"the constructor allows {spender} to spend {amount} units of {owner}")
        for owner, spender, amount in found[:SHOWN_MAX]
    ]
    if subject.constructed is not None and subject.constructed.computed_allowances:
        most = max(subject.constructed.computed_allowances)
        detail = f"the constructor allows somebody to spend {most} units of an account that it works out"
        evidence.append(Evidence("state", detail))
    return holders_of(tuple(spender for _, spender, _ in found)), tuple(evidence)


def unseen_gifts(subject: Subject) -> str:
    """Return why nothing can be ruled out where a constructor put amounts at places that nothing explains."""
    amounts = subject.constructed.unseen if subject.constructed is not None else ()
    if not amounts:
        return ""
    return (
        f"the constructor put {max(amounts)} at a place of storage that may be a balance or an allowance of an account "
        "that nothing shows: its source settles it"
    )


def holders_of(accounts: tuple[str, ...]) -> tuple[Holder, ...]:
    """Return accounts as holders; one that nobody read is the constructor's choice all the same."""
    found = (Holder(HolderKind.FIXED_ADDRESS, "given by the constructor", account) for account in accounts[:SHOWN_MAX])
    unread = Holder(HolderKind.FIXED_ADDRESS, "an account that the constructor works out")
    return tuple(dict.fromkeys(found)) or (unread,)
