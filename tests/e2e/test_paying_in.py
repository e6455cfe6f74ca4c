"""A client on a phone sees how to pay in; what no officer signed is not told.

By hand: the reference and the client estate's account stand in the bank book; the house's own account is never shown.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tarazy.chains.adapter import NATIVE
from tarazy.domain.records import ROLE_ADMINISTRATOR, ROLE_CUSTODY, ROLE_FINANCE
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.banking.book import BankAccount, BankBook, ClientPayer, add_account, add_payer, book_beside
from tarazy.facility.custody.inventory import CustodyAsset, add_address, add_asset, add_wallet
from tarazy.facility.custody.store import CustodyStore, custody_beside
from tarazy.facility.custody.wallet_keys import SeedKeys

from ..trading_stage import Served, make_facility, served
from ..web_person import PageClient, WebPerson, new_person
from .browser import Browser
from .test_trading_account import log_in

CLIENT_IBAN, HOUSE_IBAN = "KZ86125KZT5004100100", "KZ221251234567890123"
EVM = "eip155:1"
BTC, USD = 1, 2


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Actor, WebPerson]]:
    """Serve a facility with a client of account 1, and nothing beside its record yet."""
    directory = tmp_path_factory.mktemp("paying") / "facility"
    officer = make_facility(directory).people[0].key
    person = new_person(directory, "aigul", (1,))
    with served(directory) as running:
        yield running, Actor(1, ROLE_ADMINISTRATOR | ROLE_CUSTODY | ROLE_FINANCE, officer), person


def set_up_bank(directory: Path, actor: Actor) -> None:
    """Enter an account of each estate, and the client as a payer."""
    with BankBook(book_beside(directory)) as book:
        for iban, estate in ((CLIENT_IBAN, "client"), (HOUSE_IBAN, "house")):
            add_account(book, actor, BankAccount(iban, "USD", estate, USD, "drop", "", "", ""))
        add_payer(book, actor, ClientPayer("1234567", 4_820_193_755, 1, "person", ("Aigul",), (), ""))


def set_up_custody(directory: Path, actor: Actor) -> str:
    """Open a wallet and give account 1 an address."""
    with CustodyStore(custody_beside(directory)) as store:
        add_wallet(store, actor, "hot", "client", "hot", EVM)
        add_asset(store, actor, CustodyAsset(BTC, EVM, NATIVE, 12))
        key = SeedKeys(directory.with_name("seed"), "hot").public_key(0)
        return add_address(store, actor, "hot", "deposit", account_id=1, public_key=key).address


def test_client_is_told_where_to_pay_and_by_which_reference(stage: tuple[Served, Actor, WebPerson]) -> None:
    running, actor, person = stage
    client = PageClient(running.url)
    client.log_in(person)
    page = client.get("/trade/1/wallet").text
    assert "No bank account of the house is shown here" in page
    assert "You have no address for coins here" in page
    set_up_bank(running.directory, actor)
    address = set_up_custody(running.directory, actor)
    found = client.get("/trade/1/wallet.json").json()["pay_in"]
    assert (found["reference"], found["sector_code"], found["purpose"]) == ("1234567", "15", "371")
    assert [each["account"] for each in found["accounts"]] == [CLIENT_IBAN]
    (row,) = found["addresses"]
    assert (row["network"], row["address"], row["arriving"]) == ("Ethereum", address, [{"asset": "BTC", "blocks": 12}])
    client.close()
    with Browser() as browser:
        for language in ("en", "ru", "kk"):
            phone = browser.page(390)
            log_in(phone, running.url, person, language)
            phone.open(f"{running.url}/trade/1/wallet")
            assert phone.overflow() == []
            shown = phone.text("main")
            for text in ("1234567", CLIENT_IBAN, address, "Ethereum"):
                assert text in shown
            assert HOUSE_IBAN not in shown
            assert phone.complaints == []
            phone.close()


def test_what_somebody_without_an_officer_s_key_wrote_is_not_told(stage: tuple[Served, Actor, WebPerson]) -> None:
    running, _, person = stage
    client = PageClient(running.url)
    client.log_in(person)
    before = client.get("/trade/1/wallet.json").json()["pay_in"]
    assert before["accounts"]
    assert before["addresses"]
    for path, change in (
        (book_beside(running.directory), "UPDATE acts SET body = replace(body, '125KZT', '126KZT')"),
        (custody_beside(running.directory), "UPDATE acts SET body = replace(body, '0x', '0X') WHERE act = 'address'"),
    ):
        with closing(sqlite3.connect(path)) as connection, connection:
            assert connection.execute(change).rowcount
    after = client.get("/trade/1/wallet.json").json()["pay_in"]
    assert (after["accounts"], after["addresses"], after["reference"]) == ([], [], "")
    client.close()
