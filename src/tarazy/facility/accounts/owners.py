"""Who owns a company in the end: shares through chains of companies, multiplied and added as exact fractions.

Holdings form no loop: one that would close a loop is refused, so that every chain ends. What ends at no person is
undisclosed. A person who controls, through holdings that are marked so, is an owner whatever its share.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Any, NamedTuple

from tarazy.facility.accounts.errors import NotInRegisterError, RegisterInputError
from tarazy.facility.accounts.parties import find_party
from tarazy.facility.accounts.register import INTAKE, Register
from tarazy.facility.accounts.trail import Actor

DIGITS_MAX = 40


class OwnerShare(NamedTuple):
    """A person behind a company: its share of the whole, over all chains, and whether it controls."""

    party: int
    share: Fraction
    controls: bool

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        return {"party": self.party, "share": str(self.share), "controls": self.controls}


class CompanyOwners(NamedTuple):
    """Everybody behind a company, the largest share first, and the share that ends at no person."""

    owners: tuple[OwnerShare, ...]
    undisclosed: Fraction

    def above(self, threshold: Fraction) -> list[OwnerShare]:
        """Return the beneficial owners: who reaches the threshold, or controls."""
        return [owner for owner in self.owners if owner.share >= threshold or owner.controls]


def share_from(text: str) -> Fraction:
    """Return a share above 0 and at most 1, written as 1/3 or 0.25 or 25%.

    Raises: RegisterInputError.
    """
    number, percent = (text[:-1], 100) if text.endswith("%") else (text, 1)
    try:
        if len(text) > DIGITS_MAX or "e" in text.lower():
            raise ValueError
        share = Fraction(number) / percent
    except (ValueError, ZeroDivisionError):
        share = Fraction(0)
    if not 0 < share <= 1:
        raise RegisterInputError("share", expected="more than 0, at most 1, as 1/3 or 25%", found=repr(text[:60]))
    return share


def set_holding(
    register: Register, actor: Actor, owner: int, company: int, share: Fraction, controls: bool = False
) -> None:
    """State that a party holds a share of a company. Stating it again changes it.

    Raises: RegisterInputError for a loop, for no company, and where the shares of the company pass 1.
    """
    if not 0 < share <= 1:
        raise RegisterInputError("share", expected="more than 0, at most 1", found=str(share))
    with register.acting(actor, INTAKE):
        find_party(register, owner)
        if find_party(register, company).facts.kind != "company":
            raise RegisterInputError("company", expected="a company", found=f"party {company}, a person")
        if owner == company or company in chain_above(register, owner):
            found = f"party {company}, which stands in the chain above party {owner}"
            raise RegisterInputError("holding", expected="a company that does not own its owner", found=found)
        others = [row.share for row in holdings(register, company) if row.owner != owner]
        if (total := sum(others, share)) > 1:
            raise RegisterInputError("share", expected=f"at most {1 - sum(others)} left of it", found=str(total))
        body = {"owner": owner, "share": str(share), "controls": controls}
        act = register.write(actor, "owner.set", company, body)
        row = (owner, company, str(share), int(controls), act)
        register.connection.execute("INSERT OR REPLACE INTO holdings VALUES (?, ?, ?, ?, ?)", row)


def remove_holding(register: Register, actor: Actor, owner: int, company: int) -> None:
    """State that a party holds nothing of a company any more.

    Raises: NotInRegisterError.
    """
    with register.acting(actor, INTAKE):
        if owner not in [row.owner for row in holdings(register, company)]:
            raise NotInRegisterError("holding", expected=f"one of party {owner} in {company}", found="none")
        register.write(actor, "owner.remove", company, {"owner": owner})
        register.connection.execute("DELETE FROM holdings WHERE owner = ? AND company = ?", (owner, company))


class ShareHolding(NamedTuple):
    """What one party holds of one company directly."""

    owner: int
    share: Fraction
    controls: bool


def holdings(register: Register, company: int) -> list[ShareHolding]:
    """Return who holds a company directly."""
    rows = register.all("SELECT owner, share, controls FROM holdings WHERE company = ? ORDER BY owner", (company,))
    return [ShareHolding(owner, Fraction(share), bool(controls)) for owner, share, controls in rows]


def chain_above(register: Register, party: int) -> list[int]:
    """Return every party that stands above one, the farthest last; one that several chains meet stands once."""
    found: dict[int, None] = {}
    waiting = [party]
    while waiting:
        for holding in holdings(register, waiting.pop(0)):
            if holding.owner not in found:
                found[holding.owner] = None
                waiting.append(holding.owner)
    return list(found)


def ownership(register: Register, company: int) -> CompanyOwners:
    """Return who is behind a company. Every company of the chains is visited once, after all that it holds of."""
    shares: defaultdict[int, Fraction] = defaultdict(Fraction, {company: Fraction(1)})
    controls = {company}
    for party in from_the_company_up(register, company):
        for holding in holdings(register, party):
            shares[holding.owner] += shares[party] * holding.share
            if holding.controls and party in controls:
                controls.add(holding.owner)
    people = [p for p in shares if find_party(register, p).facts.kind == "person"]
    found = [OwnerShare(party, shares[party], party in controls) for party in people]
    found.sort(key=lambda owner: (-owner.share, owner.party))
    return CompanyOwners(tuple(found), 1 - sum((owner.share for owner in found), Fraction(0)))


def from_the_company_up(register: Register, company: int) -> list[int]:
    """Return the company and all above it, each behind everything that it holds a part of."""
    done: dict[int, None] = {}
    stack = [(company, iter(holdings(register, company)))]
    while stack:
        party, above = stack[-1]
        step = next((holding.owner for holding in above if holding.owner not in done), None)
        if step is None:
            done[party] = None
            stack.pop()
        else:
            stack.append((step, iter(holdings(register, step))))
    return list(reversed(done))
