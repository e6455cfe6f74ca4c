"""The wallet: what is there, what is held and why, and a request to take something out."""

from __future__ import annotations

import asyncio
import secrets
from functools import partial
from typing import Any

from tarazy.console.layout.page_layout import Page, PageRequest
from tarazy.console.trading.account_view import NS_PER_S, balance_rows
from tarazy.console.trading.desk import TradingDesk
from tarazy.console.trading.holds import amount_of, hold_rows
from tarazy.console.trading.pages.login import in_words
from tarazy.console.trading.refusal_words import refusal_words, trimmed
from tarazy.console.trading.visit import Visit
from tarazy.domain.records import AccountState
from tarazy.facility.custody.chain_kinds import network_name
from tarazy.facility.gateway.native.withdrawals import OPERATIONS
from tarazy.facility.gateway.person_requests import answered_for_person, request_of
from tarazy.facility.gateway.public_reasons import withdrawal_reason
from tarazy.facility.projections.venue import ACCOUNT_STATE, ASSET_CODE
from tarazy.facility.projections.withdrawals import WithdrawalStep
from tarazy.oversight.requests.errors import DialectError
from tarazy.platform.refusals import RefusedError

WITHDRAWALS_SHOWN = 20
FIELDS = ("asset", "amount", "destination")
STATES = {
    AccountState.active: "active: it trades",
    AccountState.restricted: "restricted: it cancels and withdraws",
    AccountState.frozen: "frozen: nothing is done",
    AccountState.closed: "closed",
}
REQUEST = next(each for each in OPERATIONS if each.method == "POST")


def show(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Return the page."""
    return wallet_page(desk, visit)


def wallet_page(
    desk: TradingDesk,
    visit: Visit,
    wrong: dict[str, str] | None = None,
    done: str = "",
    form: dict[str, str] | None = None,
    status: int = 200,
) -> Page:
    """Return the page with what was wrong in a request, or what became of it."""
    words, account_id = visit.words, visit.account_id
    state = AccountState(desk.gateway.models.venue.accounts.rows[account_id][ACCOUNT_STATE])
    data = {
        "account": account_id,
        "state": words(STATES[state]),
        "balances": balance_rows(desk, account_id),
        "holds": hold_rows(desk, account_id, words),
        "withdrawals": withdrawal_rows(desk, visit),
        "pay_in": pay_in_rows(desk, account_id),
        "wait_hours": round(desk.logins.withdrawal_wait_s(visit.person) / 3_600, 1),
        "wrong": wrong or {},
        "done": done,
    }
    filled = form or {"request": str(secrets.randbelow(1 << 53) + 1)}
    view = {"filled": {name: filled.get(name, "") for name in (*FIELDS, "request")}}
    return Page("wallet.html", words("Wallet"), data, view, status=status)


def withdrawal_rows(desk: TradingDesk, visit: Visit) -> list[dict[str, Any]]:
    """Return the newest withdrawals; why one was refused in the words that its client may read."""
    rows = []
    for each in desk.gateway.history.newest_withdrawals(visit.account_id, WITHDRAWALS_SHOWN):
        destination = desk.gateway.destinations.find(each.account_id, each.destination_hash)
        reason = (withdrawal_reason(each.withdrawal_reason) or "").replace("_", " ")
        rows.append(
            {
                "number": str(each.withdrawal_id),
                **amount_of(desk, each.asset_id, each.amount_minor),
                "destination": destination or each.destination_hash,
                "step": visit.words(WithdrawalStep(each.withdrawal_state).name.replace("_", " ")),
                "reason": reason,
                "at_s": each.requested_ns // NS_PER_S,
            }
        )
    return rows


def pay_in_rows(desk: TradingDesk, account_id: int) -> dict[str, Any]:
    """Return how the account's client pays money in, and its newest address of each chain."""
    assets, money = desk.gateway.models.venue.assets.rows, desk.gateway.paying_in.money(account_id)
    found = desk.gateway.paying_in.addresses(account_id, newest=True) or []
    return {
        "receiver": desk.facility,
        "reference": money.reference if money else "",
        "accounts": [each._asdict() for each in money.accounts if each.asset_id in assets] if money else [],
        "sector_code": money.sector_code if money else "",
        "purpose": money.purpose if money else "",
        "return_days": money.return_days if money else None,
        "addresses": [
            {
                "chain": each.chain,
                "network": network_name(each.chain),
                "address": each.address,
                "arriving": [
                    {"asset": assets[asset_id][ASSET_CODE], "blocks": depth}
                    for asset_id, depth in each.arriving
                    if asset_id in assets
                ],
            }
            for each in found
        ],
    }


async def withdraw(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Ask for assets back, with a code of the second factor; sent twice, the form asks once."""
    visit.require_acting()
    form = {name: asked.form.text(name)[:300] for name in (*FIELDS, "request")}
    wrong = await refused(desk, visit, asked, form)
    page = partial(wallet_page, desk, visit)
    if wrong is not None:
        return await desk.gateway.read(visit.account_id, partial(page, wrong, form=form, status=422))
    done = visit.words("Asked for: {amount} {asset} are held until they are sent or refused.", **form_words(form))
    return await desk.gateway.read(visit.account_id, partial(page, done=done))


async def refused(desk: TradingDesk, visit: Visit, asked: PageRequest, form: dict[str, str]) -> dict[str, str] | None:
    """Order the request; return why it was refused, None where it was not."""
    words = visit.words
    if desk.logins.withdrawal_wait_s(visit.person) > 0:
        return plain_refusal(words("After a recovery no withdrawal is requested for a while."))
    try:
        code = asked.form.text("code")
        await asyncio.to_thread(desk.logins.confirm, visit.person, code, visit.network)
        terms = {name: form[name] for name in FIELDS if form[name]} | {"clientRequestId": form["request"]}
        request = request_of(desk.gateway, visit.account_id, visit.person.name, terms, visit.address)
        await answered_for_person(REQUEST.endpoint, request)
    except RefusedError as refusal:
        return plain_refusal(in_words(visit, refusal))
    except DialectError as error:
        return refusal_words(visit, error, None)
    return None


def plain_refusal(text: str) -> dict[str, str]:
    """Return a refusal that cites nothing."""
    return {"text": text, "advice": "", "rule": ""}


def form_words(form: dict[str, str]) -> dict[str, str]:
    """Return what the answer names of a request."""
    return {"amount": trimmed(form["amount"]), "asset": form["asset"]}
