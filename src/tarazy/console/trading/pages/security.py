"""Security of a person's login: the second factor that is set up, passkeys, the password."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import segno
from fastapi.responses import Response
from markupsafe import Markup

from tarazy.console.layout.page_layout import Page, PageError, PageRequest, Redirect
from tarazy.console.trading.desk import TradingDesk
from tarazy.console.trading.pages.login import credential_of, in_words, is_number
from tarazy.console.trading.routing import json_answer
from tarazy.console.trading.visit import Visit
from tarazy.facility.accounts.logins.errors import UserError
from tarazy.facility.accounts.logins.one_time_codes import address_of
from tarazy.platform.refusals import RefusedError


def show(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Return the page of the login's security."""
    return security_page(desk, visit)


def security_page(desk: TradingDesk, visit: Visit, wrong: str = "", done: str = "", status: int = 200) -> Page:
    """Return the page with what is set up."""
    user = visit.person
    keys = [
        {"label": each.label, "made": moment(each.created_s), "used": moment(each.used_s) if each.used_s else ""}
        for each in desk.logins.users.passkeys(user.number)
    ]
    data = {
        "name": user.name,
        "has_authenticator": user.salt is not None,
        "spare_codes_left": desk.logins.users.spare_left(user.number),
        "passkeys": keys,
        "has_passkeys": not is_number(visit.place.name),
        "wrong": wrong,
        "done": done,
    }
    return Page("security.html", visit.words("Security"), data, status=status)


async def change_password(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Change the password; other sessions of the person end."""
    form, user = asked.form, visit.person
    terms = (user, form.fields.get("old", ""), form.fields.get("new", ""), visit.token, visit.network)
    try:
        await asyncio.to_thread(desk.logins.change_password, *terms)
    except RefusedError as refusal:
        return security_page(desk, visit, in_words(visit, refusal), status=refusal.reason.status)
    return security_page(desk, visit, done=visit.words("The password was changed; your other sessions are over."))


# ---------------------------------------------------------------- the second factor


def second_factor(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page | Redirect:
    """Return the page on which a second factor is set up for the first time."""
    if visit.person.has_second_factor:
        return Redirect("security")
    return second_factor_page(desk, visit)


def second_factor_page(desk: TradingDesk, visit: Visit, refusal: RefusedError | None = None) -> Page:
    """Return the page with the authenticator's secret; it is shown until it was confirmed."""
    user = visit.person
    secret = desk.logins.users.begin_authenticator(user)
    address = address_of(secret, user.name, desk.facility)
    picture = segno.make(address, error="m")
    data = {
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "wrong": in_words(visit, refusal) if refusal is not None else "",
        "has_passkeys": not is_number(visit.place.name),
    }
    drawn = Markup(picture.svg_inline(scale=4, border=2, light="white", dark="black"))
    view = {"picture": drawn, "authenticator": address, "typed": secret}
    status = refusal.reason.status if refusal else 200
    return Page("second_factor.html", visit.words("Second factor"), data, view, status=status)


async def set_second_factor(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Take an authenticator in use, and show the spare codes this once."""
    user = visit.person
    if user.has_second_factor:
        raise PageError(409, visit.words("Not done"), visit.words("A second factor is set up already."))
    try:
        codes = await asyncio.to_thread(desk.logins.set_authenticator, user, asked.form.text("code"), visit.network)
    except RefusedError as refusal:
        return second_factor_page(desk, visit, refusal)
    return Page("spare_codes.html", visit.words("Spare codes"), {"codes": codes})


def renew_spare_codes(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Show new spare codes this once, to who shows a code now."""
    user = visit.person
    try:
        desk.logins.confirm(user, asked.form.text("code"), visit.network)
    except RefusedError as refusal:
        return security_page(desk, visit, in_words(visit, refusal), status=refusal.reason.status)
    codes = desk.logins.users.renew_spare_codes(user)
    return Page("spare_codes.html", visit.words("Spare codes"), {"codes": codes})


# ---------------------------------------------------------------- passkeys


def passkey_options(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Response:
    """Return what a browser needs to make a passkey.

    Whoever has a second factor shows a code first, so that a stolen session adds none.
    """
    user = visit.person
    if user.salt is not None:
        desk.logins.confirm(user, asked.form.text("code"), visit.network)
    return json_answer(desk.passkeys.registration(user, visit.place))


def passkey_add(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Response:
    """Take a passkey that the browser made."""
    label = asked.form.text("label")[:60] or visit.words("Passkey")
    try:
        desk.passkeys.register(visit.person, visit.place, credential_of(asked), label)
    except UserError as error:
        return json_answer({"error": {"text": str(error)}}, 409)
    return json_answer({"done": True})


def moment(seconds: int | None) -> Any:
    """Return a time as ISO text."""
    return datetime.fromtimestamp(seconds or 0, UTC).isoformat()
