"""Who may only look at an account's pages acts for it on none of them, and a recovery's wait holds on each way out.

What is right: docs of the roles, `facility user new --role`: staff look; who trades is a client or the dealing desk. No
withdrawal is requested for a while after a recovery, so that a stolen password and a patient thief are not enough.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tarazy.facility.accounts.api_keys import ApiKeyStore, api_keys_folder
from tarazy.facility.accounts.logins.users import UserStore
from tarazy.journal.keys import keys_folder

from ..trading_stage import Served, make_facility, served
from ..web_person import PageClient, WebPerson, new_person

ASKED: dict[str, Any] = {"asset": "USD", "amount": "12.5", "destination": "KZ86125KZT5004100100", "request": "77"}
KEY: dict[str, Any] = {"label": "mine", "scope-read": "1", "scope-withdraw": "1", "networks": "127.0.0.1", "days": "30"}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, WebPerson, WebPerson]]:
    """Serve a facility with an officer who looks at account 1, and its client, who has just recovered the login."""
    directory = tmp_path_factory.mktemp("roles") / "facility"
    make_facility(directory)
    watcher, client = new_person(directory, "watcher", (1,), ("compliance",)), new_person(directory, "aigul", (1,))
    with closing(UserStore(api_keys_folder(keys_folder(directory)))) as users:
        users._connection.execute("UPDATE users SET recovered_s = ? WHERE name = 'aigul'", (int(time.time()),))
    with served(directory) as running:
        yield running, watcher, client


def keys_made(gateway: Served) -> int:
    """Return how many keys the facility has."""
    with closing(ApiKeyStore(api_keys_folder(keys_folder(gateway.directory)))) as keys:
        return len(keys.list())


def test_who_may_look_makes_no_key_asks_for_no_withdrawal_and_takes_no_test(
    stage: tuple[Served, WebPerson, WebPerson],
) -> None:
    gateway, watcher, _ = stage
    page = PageClient(gateway.url)
    page.log_in(watcher)
    assert page.get("/trade/1/wallet").status_code == 200
    assert page.post("/trade/1/wallet", **ASKED, code=watcher.code()).status_code == 403
    assert page.post("/trade/1/keys", **KEY, code=watcher.code()).status_code == 403
    assert page.post("/trade/1/test/begin").status_code == 403
    assert page.post("/trade/1/test").status_code == 403
    assert keys_made(gateway) == 0
    wallet = page.get("/trade/1/wallet.json").json()
    assert {row["held"] for row in wallet["balances"]} == {"0"}
    page.close()


def test_after_a_recovery_no_key_that_withdraws_is_made_either(stage: tuple[Served, WebPerson, WebPerson]) -> None:
    gateway, _, client = stage
    page = PageClient(gateway.url)
    page.log_in(client)
    page.get("/trade/1/keys")
    assert page.post("/trade/1/wallet", **ASKED, code=client.code()).status_code == 422
    refused = page.post("/trade/1/keys", **KEY, code=client.code())
    assert (refused.status_code, keys_made(gateway)) == (422, 0)
    reading: dict[str, Any] = {name: value for name, value in KEY.items() if name != "scope-withdraw"}
    assert page.post("/trade/1/keys", **reading, code=client.code()).status_code == 200
    assert keys_made(gateway) == 1
    page.close()
