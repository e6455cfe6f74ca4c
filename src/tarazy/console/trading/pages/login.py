"""Logging in and out, an invitation that is taken up, and the recovery of a lost second factor."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

from fastapi.responses import Response

from tarazy.console.layout.login import own_path
from tarazy.console.layout.page_layout import Page, PageRequest, Redirect
from tarazy.console.trading.desk import TradingDesk
from tarazy.console.trading.routing import NewSession, json_answer
from tarazy.console.trading.visit import Visit
from tarazy.platform.refusals import RefusedError

PASSKEY_CHARS_MAX = 20_000


def show(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Return the page to log in."""
    return login_page(visit, own_path(asked.query.get("next", "")))


def login_page(visit: Visit, back: str, refusal: RefusedError | None = None, name: str = "") -> Page:
    """Return the page to log in, with what was wrong."""
    wrong = in_words(visit, refusal) if refusal is not None else ""
    data = {"wrong": wrong, "next": back, "name": name, "has_passkeys": not is_number(visit.place.name)}
    return Page("login_trader.html", visit.words("Log in"), data, status=refusal.reason.status if refusal else 200)


async def log_in(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page | NewSession:
    """Begin a session with name, password and code; the one that this browser had ends."""
    form = asked.form
    terms = (form.text("name"), form.fields.get("password", ""), form.text("code"), visit.network)
    try:
        token = await asyncio.to_thread(desk.logins.begin, *terms)
    except RefusedError as refusal:
        return login_page(visit, own_path(form.text("next")), refusal, form.text("name")[:64])
    desk.logins.end(visit.token)
    return NewSession(token, own_path(form.text("next")))


def log_out(desk: TradingDesk, visit: Visit, asked: PageRequest) -> NewSession:
    """End the session."""
    desk.logins.end(visit.token)
    return NewSession("", Redirect("login"))


# ---------------------------------------------------------------- passkeys


def passkey_challenge(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Response:
    """Return what a browser signs to log in."""
    return json_answer(desk.passkeys.challenge(visit.place))


async def passkey_log_in(desk: TradingDesk, visit: Visit, asked: PageRequest) -> NewSession:
    """Begin a session with what a passkey signed; where it leads is followed by the script."""
    token = await asyncio.to_thread(desk.passkeys.begin, visit.place, credential_of(asked), visit.network)
    desk.logins.end(visit.token)
    return NewSession(token, own_path(asked.form.text("next")))


def credential_of(asked: PageRequest) -> dict[str, Any]:
    """Return what the browser's authenticator said; anything else is refused where it is verified."""
    try:
        found = json.loads(asked.form.text("credential")[:PASSKEY_CHARS_MAX])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


# ---------------------------------------------------------------- invitations


def invitation(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Return the page on which an invited person chooses a password."""
    return invitation_page(visit)


def invitation_page(visit: Visit, refusal: RefusedError | None = None, name: str = "") -> Page:
    """Return the page of an invitation, with what was wrong."""
    data = {"wrong": in_words(visit, refusal) if refusal is not None else "", "name": name}
    status = refusal.reason.status if refusal else 200
    return Page("invitation.html", visit.words("Invitation"), data, status=status)


async def accept(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page | NewSession:
    """Take an invitation up."""
    form = asked.form
    terms = (form.text("name"), form.text("invitation")[:100], form.fields.get("password", ""), visit.network)
    try:
        token = await asyncio.to_thread(desk.logins.accept, *terms)
    except RefusedError as refusal:
        return invitation_page(visit, refusal, form.text("name")[:64])
    desk.logins.end(visit.token)
    return NewSession(token, Redirect("second_factor"))


# ---------------------------------------------------------------- recovery


def recovery(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Return the page on which a lost second factor is recovered."""
    return recovery_page(desk, visit)


def recovery_page(
    desk: TradingDesk, visit: Visit, refusal: RefusedError | None = None, name: str = "", due_s: int = 0
) -> Page:
    """Return the page of a recovery: what it takes, and from when on it can be finished."""
    data = {
        "wrong": in_words(visit, refusal) if refusal is not None else "",
        "name": name,
        "wait_hours": f"{desk.logins.section.recovery_hours:g}",
        "due": datetime.fromtimestamp(due_s, UTC).isoformat() if due_s else "",
    }
    status = refusal.reason.status if refusal else 200
    return Page("recovery.html", visit.words("Lost second factor"), data, status=status)


async def ask_recovery(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page | NewSession:
    """Begin a recovery or, where its wait is over, finish it."""
    form, logins = asked.form, desk.logins
    name = form.text("name")[:64]
    terms = (name, form.fields.get("password", ""), visit.network)
    try:
        if form.text("act") == "finish":
            return NewSession(await asyncio.to_thread(logins.finish_recovery, *terms), Redirect("second_factor"))
        due_s = await asyncio.to_thread(logins.ask_recovery, *terms)
    except RefusedError as refusal:
        return recovery_page(desk, visit, refusal, name)
    return recovery_page(desk, visit, None, name, due_s)


def in_words(visit: Visit, refusal: RefusedError) -> str:
    """Return why somebody was refused, in the visitor's language."""
    meaning = visit.words(refusal.reason.meaning)
    return f"{meaning}: {refusal.detail}" if refusal.detail else f"{meaning}."


def is_number(name: str) -> bool:
    """Say whether a page was asked by a number, for which browsers give no passkeys."""
    return name.replace(".", "").isdecimal() or ":" in name or name.startswith("[")
