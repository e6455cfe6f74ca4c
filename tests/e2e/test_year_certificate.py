"""The certificate of a year with imported prices; by hand: 100 BTC at 45,000,000.125 are 4,500,000,012.50 tenge."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tarazy.domain.records import ROLE_CUSTODY
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.accounts.workdays import load_calendars
from tarazy.facility.custody.inventory import add_address, add_wallet
from tarazy.facility.custody.store import CustodyStore, custody_beside
from tarazy.facility.custody.wallet_keys import SeedKeys

from ..trading_stage import make_facility, new_key, served
from .test_gateway_attacks import Trader

YEAR = datetime.now(UTC).year


@pytest.mark.skipif(YEAR not in load_calendars().years, reason="no calendar of this year's working days is here")
def test_digital_asset_has_price_and_value_of_the_imported_file_and_money_has_none(tmp_path: Path) -> None:
    row = f'[[price]]\nasset = "BTC"\nday = {YEAR}-12-31\ntenge = "45000000.125"\n'
    (tmp_path / "prices.toml").write_text(f'source = "made up for a test"\n{row}')
    (tmp_path / "house.toml").write_text('[facility.gateway]\ntax_prices = "prices.toml"\n')
    make_facility(tmp_path / "facility", accounts=1)
    with served(tmp_path / "facility", "--config", str(tmp_path / "house.toml")) as running:
        client = Trader(running, *new_key(running.directory, 1))
        found = client.ask("GET", "/v1/account/year-certificate", year=YEAR).json()
    assets = {each["asset"]: each for each in found["assets"]}
    assert (assets["BTC"]["price"], assets["BTC"]["value"]) == ("45000000.125", "4500000012.50")
    assert (assets["BTC"]["priceDay"], found["priceSource"]) == (f"{YEAR}-12-31", "made up for a test")
    assert found["priceFileSha256"] != ""


def test_certificate_lists_the_account_s_deposit_addresses_as_custody_has_them(tmp_path: Path) -> None:
    directory, chain = tmp_path / "facility", "eip155:31337"
    officer = make_facility(directory, accounts=2).people[0].key
    with served(directory) as running:
        client = Trader(running, *new_key(directory, 1))
        asked = client.ask("GET", "/v1/account/year-certificate", year=YEAR)
        assert asked.json()["depositAddresses"] is None, "no custodian's file lies beside the record"
        actor, keys = Actor(1, ROLE_CUSTODY, officer), SeedKeys(tmp_path / "seed", "hot")
        with CustodyStore(custody_beside(directory)) as store:
            add_wallet(store, actor, "hot", "client", "hot", chain)
            own, other = (
                add_address(store, actor, "hot", "deposit", account_id=account, public_key=keys.public_key(account))
                for account in (1, 2)
            )
            asked = client.ask("GET", "/v1/account/year-certificate", year=YEAR)
            assert asked.json()["depositAddresses"] == [{"chain": chain, "address": own.address}]
            assert own.address != other.address
        paper = client.ask("GET", "/v1/account/year-certificate", year=YEAR, format="pdf")
        assert paper.content.startswith(b"%PDF")
