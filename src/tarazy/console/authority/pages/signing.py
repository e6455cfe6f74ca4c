"""From a filled form to a signed act: the desk prepares it, the officer's browser signs it, the record takes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tarazy.authority.desk import ACTS, APPROVE, DECISION, DECLINE, FOUNDING, PROPOSE
from tarazy.console.authority.pages.desk import act_form, proposal_page
from tarazy.console.authority.services import AuthorityServices
from tarazy.console.layout.page_layout import Page, PageError, PageRequest, Redirect
from tarazy.console.layout.signed_acts import act_to_sign, given_in_form, officer_number, sent_act, shown_fields
from tarazy.platform.signed_acts.errors import ActRecordError, ActRefusedError
from tarazy.platform.signed_acts.fields import ActField
from tarazy.platform.signed_acts.record import UnsignedAct
from tarazy.platform.signed_acts.texts import body_from_texts, texts_from

COMMAND = "tarazy authority act DIR ..."


def prepare(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return the page on which an act is signed; the form with what was filled in where it is refused."""
    act = ACTS.get(asked.path["act"])
    if act is None:
        raise PageError(404, "No such act", f"The desk knows no act {asked.path['act']!r}.")
    texts, subject, officer = given_in_form(asked, act.fields), asked.form.text("subject"), officer_number(asked)
    try:
        body = body_from_texts(act.name, act.fields, texts)
        unsigned = services.desk.prepare(officer, act.name, subject, body)
    except ActRefusedError as error:
        return act_form(services, act, subject[:63], texts, officer, str(error))
    return to_sign(services, unsigned, act.words, act.fields)


def decide(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return the page on which a decision is signed."""
    number, verdict = asked.path["number"], asked.form.text("verdict")
    name = {"approve": APPROVE, "decline": DECLINE}.get(verdict)
    if name is None or not number.isdecimal() or len(number) > 9:
        raise PageError(422, "Not prepared", f"expected approve or decline and a number, found {verdict[:40]!r}")
    body = {"proposal": int(number), "reason": asked.form.text("reason")}
    found = services.desk.state.proposals.get(int(number))
    if found is None:
        raise PageError(404, "No such proposal", "No proposal of this number is in the record.")
    given = {"officer_id": asked.form.text("officer_id"), "verdict": verdict, "reason": asked.form.text("reason")}
    try:
        unsigned = services.desk.prepare(officer_number(asked), name, found.subject, body)
    except ActRefusedError as error:
        return proposal_page(services, found, given, str(error))
    about = shown_fields(ACTS[found.act].fields, found.body)
    return to_sign(services, unsigned, f"{verdict} proposal {number}, {ACTS[found.act].words}", DECISION, about)


def to_sign(
    services: AuthorityServices,
    unsigned: UnsignedAct,
    words: str,
    fields: Sequence[ActField],
    about: Sequence[Mapping[str, Any]] = (),
) -> Page:
    """Return everything that the signature covers, and what a decision is about."""
    officer = services.desk.state.officers[unsigned.officer_id]
    name = f"{officer.name} (officer {unsigned.officer_id})"
    return act_to_sign(unsigned, words, name, officer.public_key, COMMAND, fields, about)


def sign(services: AuthorityServices, asked: PageRequest) -> Page | Redirect:
    """Write a signed act; where it is refused, return the form from which it came with what was filled in."""
    unsigned, signature = sent_act(asked)
    try:
        officer = services.desk.state.officers.get(unsigned.officer_id)
        key = bytes.fromhex(officer.public_key) if officer else b""
        services.desk.commit(unsigned, key, signature)
    except (ActRefusedError, ActRecordError) as error:
        return once_more(services, unsigned, str(error))
    return Redirect("waiting")


def once_more(services: AuthorityServices, unsigned: UnsignedAct, refused: str) -> Page:
    """Return the form of an act that was refused after it was prepared.

    Raises: PageError where it is none that a form of the desk could have sent.
    """
    name, body, officer = unsigned.act, unsigned.body, unsigned.officer_id
    fields: Any = body
    if name in (APPROVE, DECLINE):
        number = body.get("proposal")
        found = services.desk.state.proposals.get(number) if isinstance(number, int) else None
        verdict = "approve" if name == APPROVE else "decline"
        given = {"officer_id": str(officer), "verdict": verdict, "reason": str(body.get("reason", ""))}
        if found is not None:
            return proposal_page(services, found, given, refused)
    elif name == PROPOSE:
        name, fields = str(body.get("act", "")), body.get("body")
    if name not in ACTS or name == FOUNDING or not isinstance(fields, dict):
        raise PageError(422, "Not signed", refused)
    return act_form(services, ACTS[name], unsigned.subject[:63], texts_from(fields), officer, refused)
