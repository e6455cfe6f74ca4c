"""Acts that a person signs in the browser: the form of a kind of act, what is shown to be signed, what comes back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from tarazy.console.layout.page_layout import Page, PageError, PageRequest
from tarazy.platform.signed_acts.fields import ActField, is_whole
from tarazy.platform.signed_acts.record import UnsignedAct, canonical

SIGNATURE_BYTES = 64
UNSIGNED_MAX = 2_000_000
VALUE_MAX = 200


def form_fields(fields: Sequence[ActField], given: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the fields of a form, filled in with what is given by name."""
    return [
        {
            "name": f.name,
            "words": f.words,
            "kind": f.kind,
            "form": f.form,
            "choices": f.choices,
            "required": f.is_required,
            "value": given.get(f.name, ""),
        }
        for f in fields
    ]


def given_in_query(asked: PageRequest, fields: Sequence[ActField]) -> dict[str, str]:
    """Return what an address fills in: `field.NAME`, short texts alone."""
    return {f.name: asked.query.get(f"field.{f.name}", "")[:VALUE_MAX] for f in fields}


def given_in_form(asked: PageRequest, fields: Sequence[ActField]) -> dict[str, str]:
    """Return what was filled in."""
    return {f.name: asked.form.fields.get(f"field.{f.name}", "") for f in fields}


def shown_fields(fields: Sequence[ActField], body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of a body with what each means, in the order of the act; a field of no act by its name."""
    words = {each.name: each.words for each in fields}
    order = [*(name for name in words if name in body), *(name for name in body if name not in words)]
    return [{"name": name, "words": words.get(name, ""), "value": body[name]} for name in order]


def act_to_sign(
    unsigned: UnsignedAct,
    words: str,
    officer: str,
    public_key: str,
    command: str,
    fields: Sequence[ActField] = (),
    about: Sequence[Mapping[str, Any]] = (),
) -> Page:
    """Return the page with everything that the signature covers; `command` is how to act without a browser.

    `about`: fields of what the act decides on, which the signature covers by its number alone.
    """
    data = {
        "words": words,
        "officer": officer,
        "public_key": public_key,
        "subject": unsigned.subject,
        "fields": shown_fields(fields, flat(unsigned.body)),
        "about": list(about),
        "unsigned": canonical(list(unsigned)),
        "message": unsigned.message.hex(),
        "digest": sha256(unsigned.message).hexdigest(),
        "command": command,
    }
    return Page("sign_act.html", "Sign", data)


def flat(body: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an act, those of a proposal's act beside the proposal's own."""
    inner = body.get("body")
    return {"act": body["act"], **inner} if isinstance(inner, dict) and "act" in body else body


def sent_act(asked: PageRequest) -> tuple[UnsignedAct, bytes]:
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


def officer_number(asked: PageRequest) -> int:
    """Return the officer that a form names.

    Raises: PageError.
    """
    text = asked.form.text("officer_id")
    if not text.isascii() or not text.isdecimal() or len(text) > 6:
        raise PageError(422, "Not prepared", f"officer_id: expected a number, found {text[:40]!r}")
    return int(text)
