"""Whose payment is it? By the client's reference, then by account and name. Never by amount.

A payment counts only where it comes from the client itself: the name, or the IIN or BIN, of the actual payer is the
client's. A reference from a stranger's account is a third party's money and waits for a person. Two references of
different clients in one text are none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from tarazy.facility.accounts.screening.names import fold_name
from tarazy.facility.accounts.screening.score import name_score
from tarazy.facility.banking.book import ClientPayer
from tarazy.facility.banking.statements import EntryDetail, EntryParty

REFERENCE = re.compile(r"(?<!\d)\d{7}(?!\d)")


class Matched(NamedTuple):
    """A client, 0 for nobody, and why."""

    client: int
    reason: str


def match(detail: EntryDetail | None, known: Sequence[ClientPayer], score_min: int) -> Matched:
    """Return whose payment a transaction is. Units: score of a thousand."""
    if detail is None:
        return Matched(0, "several payments in one booking, or none told")
    payer = actual(detail)
    texts = " ".join((detail.remittance, detail.end_to_end_id))
    references = set(REFERENCE.findall(texts))
    named = [each for each in known if each.reference in references]
    if len(named) > 1:
        return Matched(0, f"references of {len(named)} clients")
    if named:
        if is_payer(named[0], payer, score_min):
            return Matched(named[0].client, f"reference {named[0].reference}, and the payer is the client")
        return Matched(0, f"reference of client {named[0].client}, but another payer")
    owners = [each for each in known if payer.account and payer.account in each.ibans]
    if len(owners) == 1:
        if is_payer(owners[0], payer, score_min):
            return Matched(owners[0].client, "account and name of the client, no reference")
        return Matched(0, f"account of client {owners[0].client}, but another name")
    return Matched(0, "no reference of a client" if not owners else "an account of several clients")


def actual(detail: EntryDetail) -> EntryParty:
    """Return who really pays: the actual payer where the message names one, with the account that it was paid from."""
    named = detail.actual_payer
    if not named.name and not named.identifier:
        return detail.payer
    return named._replace(account=named.account or detail.payer.account)


def is_payer(client: ClientPayer, payer: EntryParty, score_min: int) -> bool:
    """Say whether a payer is the client: the same IIN or BIN, or a name alike; another number is another person."""
    if client.identifier and payer.identifier:
        return client.identifier == payer.identifier
    return any(alike(name, payer.name, client.kind == "company") >= score_min for name in client.names)


def alike(one: str, other: str, is_company: bool) -> int:
    """Return how alike two names are, of a thousand, across scripts."""
    if not other.strip():
        return 0
    return name_score(fold_name(one, is_company=is_company), fold_name(other, is_company=is_company))
