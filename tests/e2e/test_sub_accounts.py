"""Sub-accounts as python-binance asks for them: who is master follows from the owner, and keys stay with their account.

Answers: developers.binance.com, sub_account, "Query Sub-account List (For Master Account)", "Query Sub-account Assets".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tarazy.domain.records import AccountRole, ClientClass, OpenAccount
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.spec.venue import Venue

from ..python_binance import end_client, python_binance
from ..trading_stage import Served, make_facility, new_key, refusals, served
from .test_gateway_attacks import ORDER, Trader

pytest.importorskip("binance")
pytestmark = pytest.mark.filterwarnings("ignore:websockets.*:DeprecationWarning")  # of python-binance's own imports
SUB, SECOND_SUB = 4, 5


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a facility on which the owner of account 1 has two more accounts."""
    directory = tmp_path_factory.mktemp("subs") / "facility"
    desk = make_facility(directory)
    with Sequencer.open(directory, Venue) as sequencer:
        owner = sequencer.engine.state.accounts[0].owner_id
        for _ in (SUB, SECOND_SUB):
            command = OpenAccount(ClientClass.professional, AccountRole.client, 0, 0, owner, 0, 7)
            signed = desk.instructions([command], desk.people, sequencer.engine.last_ts_ns)[0]
            assert not refusals(sequencer.execute(signed.commands, instructions=signed.entry))
    with served(directory) as running:
        yield running


def pointed(gateway: Served, account_id: int, **terms: Any) -> Any:
    """Return python-binance's client, pointed at the gateway."""
    return python_binance(gateway.url, *new_key(gateway.directory, account_id, **terms))


@pytest.fixture
def master(gateway: Served) -> Iterator[Any]:
    """Return the client of the owner's first account."""
    found = pointed(gateway, 1, scopes=("read", "trade", "withdraw"))
    yield found
    end_client(found)


def test_master_lists_its_sub_accounts_and_what_they_have(master: Any) -> None:
    listed = master.get_sub_account_list(limit=10)["subAccounts"]
    assert [(each["subUserId"], each["isFreeze"]) for each in listed] == [(SUB, False), (SECOND_SUB, False)]
    assert [each["subUserId"] for each in master.get_sub_account_list(page=2)["subAccounts"]] == [SECOND_SUB]
    assert master.get_sub_account_list(isFreeze="true")["subAccounts"] == []
    assert master.get_sub_account_assets(email=listed[0]["email"]) == {"balances": []}


def test_neither_a_stranger_nor_a_sub_account_sees_them(gateway: Served, master: Any) -> None:
    from binance.exceptions import BinanceAPIException

    name = master.get_sub_account_list(limit=10)["subAccounts"][0]["email"]
    for account_id in (2, SUB):
        client = pointed(gateway, account_id)
        with pytest.raises(BinanceAPIException) as refused:
            client.get_sub_account_assets(email=name)
        assert refused.value.code == -2015
        end_client(client)
    with pytest.raises(BinanceAPIException) as refused:
        master.get_sub_account_assets(email="account-2")
    assert refused.value.code == -2015


def test_keys_stay_with_their_account(gateway: Served) -> None:
    """The sub-account has nothing, so the master's order would have been taken where this one is refused."""
    sub = Trader(gateway, *new_key(gateway.directory, SUB))
    assert sub.ask("POST", "/api/v3/order", **ORDER).json()["reject"] == "insufficient_balance"
    mine = Trader(gateway, *new_key(gateway.directory, 1)).ask("POST", "/api/v3/order", **ORDER).json()
    other = sub.ask("DELETE", "/api/v3/order", symbol="BTCUSD", orderId=mine["orderId"]).json()
    assert other["code"] == -2011
    assert sub.ask("GET", "/api/v3/openOrders").json() == []


def test_transfer_between_accounts_is_refused_with_what_to_do(master: Any) -> None:
    from binance.exceptions import BinanceAPIException

    terms = {"fromAccountType": "SPOT", "toAccountType": "SPOT", "asset": "USD", "amount": "5"}
    with pytest.raises(BinanceAPIException) as refused:
        master.make_subaccount_universal_transfer(toEmail="account-4", **terms)
    assert refused.value.code == -1020
    assert "between accounts" in refused.value.message
