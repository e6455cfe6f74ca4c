"""Sub-accounts: further accounts of one owner, as its first account, the master, sees them.

An owner's accounts share its limits and never trade with each other; each has its own balances and its own keys. The
dialect names a sub-account by an email address; the record knows no identities, so here the name is made of the
account's number. Assets do not move between accounts: the ledger has no
transfer type for it but legal succession, which two officers sign (docs/concepts/ledger-and-segregation.md).
Source: developers.binance.com, sub_account, "Query Sub-account List", "Query Sub-account Assets".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tarazy.domain.records import AccountState
from tarazy.facility.gateway.endpoint import Endpoint, GatewayRequest, Security
from tarazy.facility.projections.venue import ACCOUNT_STATE, ASSET_CODE, ASSET_SCALE, OWNER
from tarazy.oversight.requests.decimals import text_of
from tarazy.oversight.requests.errors import REJECTED_KEY, UNSUPPORTED_OPERATION, DialectError, illegal

NAME = re.compile(r"account-([1-9][0-9]{0,9})")
NAME_LEGAL = "^account-[1-9][0-9]{0,9}$"
PAGE_MAX = 200
FROZEN = (AccountState.frozen, AccountState.closed)
NO_TRANSFER = "Assets do not move between accounts here."
NO_TRANSFER_ADVICE = "Withdraw from one account, and deposit to the other."


def name_of_account(account_id: int) -> str:
    """Return what the dialect calls a sub-account."""
    return f"account-{account_id}"


def subs_of(asked: GatewayRequest) -> list[int]:
    """Return the sub-accounts of the account that asks.

    Raises: DialectError where it is a sub-account itself.
    """
    rows = asked.gateway.models.venue.accounts.rows
    owner = rows[asked.account_id][OWNER]
    own = sorted(account_id for account_id, row in list(rows.items()) if row[OWNER] == owner)
    if own[0] != asked.account_id:
        raise DialectError(REJECTED_KEY, "This action is for the master account.", 401)
    return own[1:]


def wanted_sub(asked: GatewayRequest, subs: list[int]) -> int:
    """Return the sub-account that is named.

    Raises: DialectError where it is none of the master's.
    """
    found = NAME.fullmatch(asked.parameters.required("email"))
    if found is None:
        raise illegal("email", NAME_LEGAL)
    if int(found[1]) not in subs:
        raise DialectError(REJECTED_KEY, "This is no sub-account of yours.", 401)
    return int(found[1])


async def list_subs(asked: GatewayRequest) -> Any:
    """Return the sub-accounts, a page at a time."""
    parameters, subs = asked.parameters, subs_of(asked)
    if parameters.has("email"):
        subs = [wanted_sub(asked, subs)]
    rows = asked.gateway.models.venue.accounts.rows
    found = [(number, rows[number][ACCOUNT_STATE] in FROZEN) for number in subs]
    if parameters.has("isFreeze"):
        wanted = parameters.flag("isFreeze", False)
        found = [each for each in found if each[1] == wanted]
    limit, page = parameters.count("limit", 1, PAGE_MAX), parameters.count("page", 1, 1 << 31)
    shown = found[(page - 1) * limit : page * limit]
    return {
        "subAccounts": [
            {
                "subUserId": number,
                "email": name_of_account(number),
                "isFreeze": is_frozen,
                "isManagedSubAccount": False,
                "isAssetManagementSubAccount": False,
            }
            for number, is_frozen in shown
        ]
    }


async def sub_assets(asked: GatewayRequest) -> Any:
    """Return what a sub-account has."""
    number = wanted_sub(asked, subs_of(asked))
    balances = await asked.read(asked.gateway.reads.balances, number)
    return {"balances": list(balances_plain(asked, balances))}


def balances_plain(asked: GatewayRequest, balances: dict[int, tuple[int, int]]) -> Iterator[dict[str, str]]:
    """Return balances that are not zero; the dialect's other two kinds are part of what is locked here."""
    for asset_id, asset in sorted(asked.gateway.models.venue.assets.rows.items()):
        free, locked = balances.get(asset_id, (0, 0))
        if free or locked:
            amounts = {"free": text_of(free, asset[ASSET_SCALE]), "locked": text_of(locked, asset[ASSET_SCALE])}
            yield {"asset": asset[ASSET_CODE], **amounts, "freeze": "0", "withdrawing": "0"}


async def refuse_transfer(asked: GatewayRequest) -> Any:
    """Refuse to move assets between accounts."""
    raise DialectError(UNSUPPORTED_OPERATION, NO_TRANSFER, advice=NO_TRANSFER_ADVICE)


TRANSFERS = ("universalTransfer", "transfer/subToSub", "transfer/subToMaster")
ENDPOINTS = {
    ("GET", "/sapi/v1/sub-account/list"): Endpoint(list_subs, Security.READ),
    ("GET", "/sapi/v3/sub-account/assets"): Endpoint(sub_assets, Security.READ, 20),
    ("GET", "/sapi/v4/sub-account/assets"): Endpoint(sub_assets, Security.READ, 20),
    **{("POST", f"/sapi/v1/sub-account/{name}"): Endpoint(refuse_transfer, Security.WITHDRAW) for name in TRANSFERS},
}
