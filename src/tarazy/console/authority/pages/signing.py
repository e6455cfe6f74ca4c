"""From a filled form to a signed act: the desk prepares it, the officer's browser signs it, the record takes it."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from tarazy.authority.desk import ACTS, APPROVE, DECLINE
from tarazy.console.authority.services import AuthorityServices
from tarazy.console.layout.page_layout import Page, PageError, PageRequest, Redirect
from tarazy.platform.signed_acts.errors import ActRecordError, ActRefusedError
from tarazy.platform.signed_acts.fields import is_whole
from tarazy.platform.signed_acts.record import UnsignedAct, canonical
from tarazy.platform.signed_acts.texts import body_from_texts

SIGNATURE_BYTES = 64
UNSIGNED_MAX = 1_000_000


def prepare(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return the page on which an act is signed."""
    act = ACTS.get(asked.path["act"])
    if act is None:
        raise PageError(404, "No such act", f"The desk knows no act {asked.path['act']!r}.")
    texts = {each.name: asked.form.fields.get(f"field.{each.name}", "") for each in act.fields}
    try:
        body = body_from_texts(act.name, act.fields, texts)
        unsigned = services.desk.prepare(officer_id(asked), act.name, asked.form.text("subject"), body)
    except ActRefusedError as error:
        raise PageError(422, "Not prepared", str(error)) from error
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
        unsigned = services.desk.prepare(officer_id(asked), name, found.subject if found else "", body)
    except ActRefusedError as error:
        raise PageError(422, "Not prepared", str(error)) from error
    return to_sign(services, unsigned, f"{verdict} proposal {number}")


def to_sign(services: AuthorityServices, unsigned: UnsignedAct, words: str) -> Page:
    """Return everything that the signature covers."""
    officer = services.desk.state.officers[unsigned.officer_id]
    data = {
        "words": words,
        "officer": f"{officer.name} (officer {unsigned.officer_id})",
        "public_key": officer.public_key,
        "subject": unsigned.subject,
        "fields": [{"name": name, "value": value} for name, value in flat(unsigned.body).items()],
        "unsigned": canonical(list(unsigned)),
        "message": unsigned.message.hex(),
        "digest": sha256(unsigned.message).hexdigest(),
    }
    return Page("sign_act.html", "Sign", data)


def flat(body: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an act, those of a proposal's act beside the proposal's own."""
    inner = body.get("body")
    return {"act": body["act"], **inner} if isinstance(inner, dict) and "act" in body else body


def sign(services: AuthorityServices, asked: PageRequest) -> Redirect:
    """Write a signed act."""
    try:
        unsigned, signature = sent(asked)
        officer = services.desk.state.officers.get(unsigned.officer_id)
        key = bytes.fromhex(officer.public_key) if officer else b""
        services.desk.commit(unsigned, key, signature)
    except ActRefusedError as error:
        raise PageError(422, "Not signed", str(error)) from error
    except ActRecordError as error:
        raise PageError(422, "Not written", str(error)) from error
    return Redirect("waiting")


def sent(asked: PageRequest) -> tuple[UnsignedAct, bytes]:
    """Return the act and the signature that a browser sent.

    Raises: PageError.
    """
    text = asked.form.fields.get("unsigned", "")
    wrong = PageError(422, "Not signed", "The form does not hold the act that this page showed: prepare it anew.")
    if len(text) > UNSIGNED_MAX:
        raise wrong
    try:
        parts = json.loads(text)
        unsigned = UnsignedAct(*parts)
        signature = bytes.fromhex(asked.form.text("signature"))
    except (ValueError, TypeError, RecursionError):
        raise wrong from None
    texts = (unsigned.at, unsigned.act, unsigned.subject, unsigned.previous)
    is_act = is_whole(unsigned.number) and is_whole(unsigned.officer_id) and isinstance(unsigned.body, dict)
    if not is_act or not all(isinstance(each, str) for each in texts) or len(signature) != SIGNATURE_BYTES:
        raise wrong
    return unsigned, signature


def officer_id(asked: PageRequest) -> int:
    """Return the officer that a form names.

    Raises: PageError.
    """
    text = asked.form.text("officer_id")
    if not text.isdecimal() or len(text) > 6:
        raise PageError(422, "Not prepared", f"officer_id: expected a number, found {text[:40]!r}")
    return int(text)
