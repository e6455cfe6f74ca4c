"""Classes of clients: retail, professional, market counterparty (COB 2), and the papers and thresholds of each.

A client is retail until more is proven. To leave the protection (opt up) takes the tests and papers of the class; to
ask for more protection (opt down) takes nothing but the wish. Two officers decide either; it is reviewed by a day, and
a review that is overdue stops approvals.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import NamedTuple

from tarazy.domain.records import ClientClass
from tarazy.facility.accounts.clients import ClientRow, find_client, list_clients
from tarazy.facility.accounts.decisions import (
    DecisionRow,
    check_reason,
    find_decision,
    finish,
    post,
    propose,
    require_other_officer,
)
from tarazy.facility.accounts.errors import DecisionRefusedError, RegisterInputError
from tarazy.facility.accounts.instructions import client_status
from tarazy.facility.accounts.parties import find_party, missing_papers
from tarazy.facility.accounts.register import JUDGE, Register
from tarazy.facility.accounts.trail import Actor, canonical

CLASSES = tuple(each.name for each in ClientClass)


class ClassEvidence(NamedTuple):
    """What speaks for a class: net assets in dollars, months of work in a regulated firm in a relevant position,
    and whether an officer assessed knowledge and experience as enough."""

    net_assets_usd: int = 0
    work_history_months: int = 0
    assessed: bool = False


def classify(
    register: Register, actor: Actor, client: int, class_: str, reason: str, evidence: ClassEvidence | None = None
) -> DecisionRow:
    """Propose a class; another officer confirms it.

    Raises: DecisionRefusedError, which names every test and paper that is missing; ParameterUnsetError where the text
    of a class was never seen.
    """
    check_reason(reason)
    evidence = evidence or ClassEvidence()
    if class_ not in CLASSES:
        raise RegisterInputError("class", expected=f"one of {', '.join(CLASSES)}", found=repr(class_[:40]))
    with register.acting(actor, JUDGE):
        require_class(register, client, class_, evidence)
        return propose(register, actor, client, "class", class_, reason, canonical(evidence._asdict()))


def confirm_class(register: Register, actor: Actor, decision: int) -> DecisionRow:
    """Confirm a proposed class as the second officer; tests and papers are looked at again.

    Raises: DecisionRefusedError.
    """
    with register.acting(actor, JUDGE):
        row = find_decision(register, decision)
        require_other_officer(register, actor, row)
        require_class(register, row.client, row.value, ClassEvidence(**json.loads(row.facts)))
        done = finish(register, actor, row)
        review = review_day(register, register.today)
        register.connection.execute(
            "UPDATE clients SET class = ?, class_since = ?, review_by = ? WHERE client = ?",
            (row.value, register.moment, review.isoformat(), row.client),
        )
        client = find_client(register, row.client)
        if client.state in ("approved", "suspended"):
            post(register, done, [client_status(register, client, done.paper())])
        return done


def require_class(register: Register, client: int, class_: str, evidence: ClassEvidence) -> None:
    """Refuse a class that is not proven.

    Raises: DecisionRefusedError, ParameterUnsetError.
    """
    row = find_client(register, client)
    missing = [] if class_ == "retail" else tests_missing(register, row, class_, evidence)
    if missing:
        expected = f"what the class {class_} asks for"
        raise DecisionRefusedError(f"client {client}", expected=expected, found="; ".join(missing))


def tests_missing(register: Register, row: ClientRow, class_: str, evidence: ClassEvidence) -> list[str]:
    """Return which tests and papers of a class above retail a client does not meet."""
    parameters, today = register.parameters, register.today
    if class_ == "market_counterparty":
        wanted = parameters.words("market_counterparty.papers", today)
        return [f"the paper {paper} is missing" for paper in missing_papers(register, row.party, wanted)]
    kind = "individual" if find_party(register, row.party).facts.kind == "person" else "company"
    wanted = parameters.words(f"professional.{kind}.papers", today)
    found = [f"the paper {paper} is missing" for paper in missing_papers(register, row.party, wanted)]
    if kind == "individual":
        least = parameters.number("professional.individual.net_assets_min_usd", today)
        months = parameters.number("professional.individual.work_history_min_months", today)
        if evidence.net_assets_usd < least:
            found.append(f"net assets of USD {evidence.net_assets_usd:,} are below {least:,}")
        if not evidence.assessed and evidence.work_history_months < months:
            found.append(
                f"neither assessed knowledge nor {months} months of work, {evidence.work_history_months} stated"
            )
    return found


def review_day(register: Register, today: date) -> date:
    """Return the day by which a class of today is to be reviewed."""
    return today + timedelta(days=register.parameters.number("classification.review_days", today))


def reviews_due(register: Register, within_days: int = 0) -> list[ClientRow]:
    """Return the clients whose class is to be reviewed by a day so far ahead, the longest overdue first."""
    last = (register.today + timedelta(days=within_days)).isoformat()
    rows = [row for row in list_clients(register) if row.class_ and row.state != "closed" and row.review_by <= last]
    return sorted(rows, key=lambda row: (row.review_by, row.client))
