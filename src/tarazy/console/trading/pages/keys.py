"""API keys of an account: made, shown once, and ended by the person whose account it is."""

from __future__ import annotations

import asyncio
from typing import Any

from tarazy.console.layout.page_layout import Page, PageRequest, Redirect
from tarazy.console.trading.desk import TradingDesk
from tarazy.console.trading.pages.login import in_words
from tarazy.console.trading.visit import Visit
from tarazy.facility.accounts.api_keys import READ, TRADE, WITHDRAW, ApiKeyError
from tarazy.facility.gateway.client_keys import SCOPE_BITS
from tarazy.facility.projections.venue import KEY_ACCOUNT, KEY_REVOKED, KEY_SCOPES, KEY_SIGNED_ONLY
from tarazy.platform.refusals import RefusedError

SCOPES = (READ, TRADE, WITHDRAW)
DAYS = (30, 90, 365)
S_PER_DAY = 86_400
KEYS_MAX = 50


def show(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Return the page."""
    return keys_page(desk, visit)


def keys_page(desk: TradingDesk, visit: Visit, wrong: str = "", made: dict[str, str] | None = None) -> Page:
    """Return the page with what was wrong, or with a key that was made."""
    account_id = visit.account_id
    rows = {"keys": key_rows(desk, account_id), "recorded": recorded_rows(desk, account_id)}
    data = {"account": account_id, **rows, "wrong": wrong}
    view = {"made": made or {}, "days": DAYS, "scopes": SCOPES}
    return Page("keys.html", visit.words("API keys"), data, view, status=422 if wrong else 200)


def key_rows(desk: TradingDesk, account_id: int) -> list[dict[str, Any]]:
    """Return the keys of an account, the newest first, without secrets."""
    now_s = desk.logins.users.clock()
    return [
        {
            "key": key.key_id,
            "label": key.label,
            "kind": "HMAC" if key.public_key is None else "Ed25519",
            "scopes": sorted(key.scopes),
            "networks": [str(each) for each in key.networks],
            "made_s": key.created_s,
            "ends_s": key.expires_s or 0,
            "is_over": key.revoked_s is not None or (key.expires_s is not None and key.expires_s <= now_s),
        }
        for key in reversed(desk.keys.list())
        if key.account_id == account_id
    ]


def recorded_rows(desk: TradingDesk, account_id: int) -> list[dict[str, Any]]:
    """Return the account's own keys as the record has them, the newest first: what these sign, the record proves.

    A key without an id is none of those that were made here: the client knows it, or somebody else registered it.
    """
    known = {key.number: key for key in desk.keys.list() if key.account_id == account_id and key.public_key}
    rows = list(desk.gateway.models.venue.client_keys.rows.items())
    return [
        {
            "number": number,
            "key": known[number].key_id if number in known else "",
            "public_key": (known[number].public_key or b"").hex() if number in known else "",
            "scopes": [scope for scope, bit in SCOPE_BITS.items() if row[KEY_SCOPES] & bit],
            "signs_everything": bool(row[KEY_SIGNED_ONLY]),
            "is_revoked": bool(row[KEY_REVOKED]),
        }
        for number, row in sorted(rows, reverse=True)
        if row[KEY_ACCOUNT] == account_id
    ]


async def make(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Make a key, with a code of the second factor; its secret is shown this once."""
    visit.require_acting()
    form, words = asked.form, visit.words
    scopes = [scope for scope in SCOPES if form.text(f"scope-{scope}")]
    networks = form.text("networks").replace(",", " ").split()
    days = int(form.text("days")) if form.text("days") in map(str, DAYS) else DAYS[0]
    in_force = [row for row in key_rows(desk, visit.account_id) if not row["is_over"]]
    if len(in_force) >= KEYS_MAX:
        return keys_page(desk, visit, words("An account has at most {count} keys in force.", count=KEYS_MAX))
    if WITHDRAW in scopes and not networks:
        return keys_page(desk, visit, words("A key that withdraws needs the addresses from which it is used."))
    if WITHDRAW in scopes and desk.logins.withdrawal_wait_s(visit.person) > 0:
        return keys_page(desk, visit, words("After a recovery no withdrawal is requested for a while."))
    try:
        await asyncio.to_thread(desk.logins.confirm, visit.person, form.text("code"), visit.network)
        terms: dict[str, Any] = {"label": form.text("label")[:80], "networks": networks, "life_s": days * S_PER_DAY}
        key, secret = desk.keys.create(visit.account_id, scopes, **terms, by=f"user {visit.person.name}")
    except RefusedError as refusal:
        return keys_page(desk, visit, in_words(visit, refusal))
    except ApiKeyError as error:
        return keys_page(desk, visit, str(error))
    return keys_page(desk, visit, made={"key": key.key_id, "secret": secret})


async def revoke(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page | Redirect:
    """End a key of this account; whoever is logged in may, so that a stolen key ends at once."""
    own = {row["key"] for row in key_rows(desk, visit.account_id) if not row["is_over"]}
    key_id = asked.form.text("key")
    if key_id not in own:
        return keys_page(desk, visit, visit.words("None of this account's keys in force has this id."))
    desk.keys.revoke(key_id, "at the page", by=f"user {visit.person.name}")
    return Redirect("keys", {"account": str(visit.account_id)})
