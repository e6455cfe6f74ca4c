"""The certificate of a year with imported prices; by hand: 100 BTC at 45,000,000.125 are 4,500,000,012.50 tenge."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tarazy.facility.accounts.workdays import load_calendars

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
