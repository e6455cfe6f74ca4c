"""For holders, on a phone first: a wallet's approvals and tokens, a transaction before it is signed, a revocation.

No key comes here: what is prepared is signed by the wallet in the browser, or copied to wherever the key is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tarazy.console.layout.page_layout import Fields, Page, PageAnswer, PageError, PageRequest, Redirect
from tarazy.console.screening.pages.token import read_place
from tarazy.console.screening.reading import ReadingError, read_address, read_chain
from tarazy.console.screening.services import Plain, ScreeningServices
from tarazy.platform.sanitising import cut
from tarazy.screening.holder.model import ALLOWANCE, KINDS, PIECE, THROUGH, ApprovalKey, TokenOfWallet
from tarazy.screening.holder.wording import amount_words

DATA_CHARACTERS_MAX = 2 * 128 * 1024 + 2
NUMBER_BITS = 256
NAMED_MAX = 50  # changes whose addresses are listed whole
LIVE_MS = 3_000  # how often a page asks again while verdicts are under way


def show(services: ScreeningServices, asked: PageRequest) -> PageAnswer:
    """Show the form for an address; a wallet in the browser fills it in."""
    values = {name: asked.query.get(name, "")[:200] for name in ("address", "chain")}
    if not values["address"]:
        return form_page(services, values, {})
    try:
        address = read_address(values["address"])
        chain = read_chain(values["chain"], services.chains())
    except ReadingError as error:
        return replace(form_page(services, values, {error.field: str(error)}), status=422)
    return Redirect("wallet_of", {"chain_id": str(chain.chain_id), "address": address})


def form_page(services: ScreeningServices, values: dict[str, str], wrong: dict[str, str]) -> Page:
    """Return the page with a filled form."""
    nodes = [chain for chain in services.chains() if chain.has_node]
    data = {"chains": [{"chain_id": chain.chain_id, "name": chain.name} for chain in nodes], "wrong": Fields(wrong)}
    return Page("wallet.html", "Check a wallet", data, {"values": Fields(values), "nodes": nodes}, is_translated=True)


def show_one(services: ScreeningServices, asked: PageRequest) -> PageAnswer:
    """Show a wallet: what somebody could take from it, and what it holds; an address in capitals leads to the same."""
    chain_id, wallet = read_place(asked)
    if wallet != asked.path["address"]:
        return Redirect("wallet_of", {"chain_id": str(chain_id), "address": wallet})
    data = services.wallet(chain_id, wallet)
    view = {
        "chain_name": name_of(services, chain_id),
        "holds": [holding(each) for each in data["tokens"]],
        "live_ms": LIVE_MS if data["under_way"] else 0,
    }
    return Page("wallet_of.html", f"Wallet {wallet}", data, view, is_translated=True)


def name_of(services: ScreeningServices, chain_id: int) -> str:
    """Return the name of a chain."""
    return next((chain.name for chain in services.chains() if chain.chain_id == chain_id), "unknown chain")


def holding(token: Plain) -> dict[str, Any]:
    """Return a token with what the wallet holds of it in words."""
    of = TokenOfWallet(token["address"], token["standard"], token["name"], token["symbol"], token["decimals"])
    balance = None if token["balance"] is None else int(token["balance"])
    return {**token, "words": amount_words(of, balance)}


# ------------------------------------------------------------ before signing


def sign_form(services: ScreeningServices, asked: PageRequest) -> Page:
    """Show the form for a transaction."""
    return sign_page(services, read_place(asked), {}, {}, {})


def sign_play(services: ScreeningServices, asked: PageRequest) -> Page:
    """Play the transaction of the form and show what it would do."""
    chain_id, wallet = read_place(asked)
    values = {name: asked.form.text(name)[:DATA_CHARACTERS_MAX] for name in ("to", "data", "value")}
    try:
        to = read_field(read_address, values["to"], "to")
        data, value = read_data(asked.form.text("data")), read_number(values["value"] or "0", "value")
    except ReadingError as error:
        return replace(sign_page(services, (chain_id, wallet), values, {error.field: str(error)}, {}), status=422)
    return sign_page(services, (chain_id, wallet), values, {}, services.sign(chain_id, wallet, to, data, value))


def sign_page(
    services: ScreeningServices,
    place: tuple[int, str],
    values: dict[str, str],
    wrong: dict[str, str],
    result: Plain,
) -> Page:
    """Return the page of a transaction before it is signed."""
    chain_id, wallet = place
    data = {"chain_id": chain_id, "wallet": wallet, "wrong": Fields(wrong), "result": dict(result)}
    view = {"values": Fields(values), "chain_name": name_of(services, chain_id), "named": named_in(result)}
    return Page("wallet_sign.html", "Before you sign", data, view, is_translated=True)


def named_in(result: Plain) -> dict[str, str]:
    """Return the addresses that the sentences of a result name in short, each with what it is."""
    found: dict[str, str] = {}
    outcome = result.get("outcome", {})
    for change in outcome.get("allowances", ())[:NAMED_MAX]:
        found |= {change["asset"]: "token", change["spender"]: "spender"}
        if change["through"]:
            found[change["through"]] = "through"
    for change in outcome.get("balances", ())[:NAMED_MAX]:
        if change["standard"] != "native":
            found.setdefault(change["asset"], "token")
    return found


def read_field(read: Any, text: str, field: str) -> Any:
    """Return what a reader makes of a text, with an error that names this field.

    Raises: ReadingError.
    """
    try:
        return read(text)
    except ReadingError as error:
        raise ReadingError(field, str(error)) from None


def read_data(text: str) -> bytes:
    """Return call data from hexadecimal digits; nothing for none.

    Raises: ReadingError.
    """
    digits = text.strip().removeprefix("0x").removeprefix("0X")
    if len(text) > DATA_CHARACTERS_MAX:
        raise ReadingError("data", f"expected at most {DATA_CHARACTERS_MAX // 2 - 1:,} bytes, found more")
    try:
        if not digits.isascii() or any(each.isspace() for each in digits):
            raise ValueError("not hexadecimal")
        return bytes.fromhex(digits)
    except ValueError:
        text = f"expected an even number of hex digits, found {cut(text, 40)!r}: copy it from the wallet's details"
        raise ReadingError("data", text) from None


def read_number(text: str, field: str) -> int:
    """Return a number in decimal or with 0x.

    Raises: ReadingError.
    """
    try:
        found = int(text, 16 if text[:2].lower() == "0x" else 10) if len(text) <= 80 and text.isascii() else -1
    except ValueError:
        found = -1
    if not 0 <= found < 1 << NUMBER_BITS or "_" in text:
        raise ReadingError(field, f"expected a whole number of at most 256 bits, found {cut(text, 40)!r}")
    return found


# ------------------------------------------------------------ taking back


def revoke(services: ScreeningServices, asked: PageRequest) -> Page:
    """Show the transaction that ends an approval, played on the newest block, for the wallet to sign."""
    chain_id, wallet = read_place(asked)
    key = read_key(asked.query)
    data = {"chain_id": chain_id, "wallet": wallet, **services.revoke(chain_id, wallet, key)}
    view = {
        "chain_name": name_of(services, chain_id),
        "request_text": json.dumps(data["request"]),
        "chain_hex": hex(chain_id),
    }
    return Page("wallet_revoke.html", "Take an approval back", data, view, is_translated=True)


def read_key(query: Mapping[str, str]) -> ApprovalKey:
    """Return which approval an address of this page names.

    Raises: PageError where it names none.
    """
    kind = query.get("kind", ALLOWANCE)
    try:
        token_id = read_number(query["token_id"], "token_id") if query.get("token_id") else None
        through = read_field(read_address, query["through"], "through") if query.get("through") else None
        if kind not in KINDS or (kind == PIECE) != (token_id is not None) or (kind == THROUGH) != (through is not None):
            raise ReadingError("kind", f"expected a kind of approval with its own fields, found {cut(kind, 20)!r}")
        token, spender = (read_field(read_address, query.get(name, ""), name) for name in ("token", "spender"))
    except ReadingError as error:
        raise PageError(404, "No such approval", f"{error.field}: {error}") from None
    return ApprovalKey(kind, token, spender, token_id, through)
