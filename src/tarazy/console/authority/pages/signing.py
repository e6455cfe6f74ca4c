"""From a filled form to a signed act: the desk prepares it, the officer's browser signs it, the record takes it."""

from __future__ import annotations

from tarazy.authority.desk import ACTS, APPROVE, DECLINE
from tarazy.console.authority.pages.desk import act_form
from tarazy.console.authority.services import AuthorityServices
from tarazy.console.layout.page_layout import Page, PageError, PageRequest, Redirect
from tarazy.console.layout.signed_acts import act_to_sign, given_in_form, officer_number, sent_act
from tarazy.platform.signed_acts.errors import ActRecordError, ActRefusedError
from tarazy.platform.signed_acts.record import UnsignedAct
from tarazy.platform.signed_acts.texts import body_from_texts

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
    return to_sign(services, unsigned, act.words)


def decide(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return the page on which a decision is signed."""
    number, verdict = asked.path["number"], asked.form.text("verdict")
    name = {"approve": APPROVE, "decline": DECLINE}.get(verdict)
    if name is None or not number.isdecimal() or len(number) > 9:
        raise PageError(422, "Not prepared", f"expected approve or decline and a number, found {verdict[:40]!r}")
    body = {"proposal": int(number), "reason": asked.form.text("reason")}
    found = services.desk.state.proposals.get(int(number))
    try:
        unsigned = services.desk.prepare(officer_number(asked), name, found.subject if found else "", body)
    except ActRefusedError as error:
        raise PageError(422, "Not prepared", str(error)) from error
    return to_sign(services, unsigned, f"{verdict} proposal {number}")


def to_sign(services: AuthorityServices, unsigned: UnsignedAct, words: str) -> Page:
    """Return everything that the signature covers."""
    officer = services.desk.state.officers[unsigned.officer_id]
    name = f"{officer.name} (officer {unsigned.officer_id})"
    return act_to_sign(unsigned, words, name, officer.public_key, COMMAND)


def sign(services: AuthorityServices, asked: PageRequest) -> Redirect:
    """Write a signed act."""
    unsigned, signature = sent_act(asked)
    try:
        officer = services.desk.state.officers.get(unsigned.officer_id)
        key = bytes.fromhex(officer.public_key) if officer else b""
        services.desk.commit(unsigned, key, signature)
    except ActRefusedError as error:
        raise PageError(422, "Not signed", str(error)) from error
    except ActRecordError as error:
        raise PageError(422, "Not written", str(error)) from error
    return Redirect("waiting")
