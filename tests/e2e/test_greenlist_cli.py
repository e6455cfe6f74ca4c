"""The criteria on real markets: what failed in reality falls out by the criteria, on the survey that shows it.

The data's licence keeps it out of the product; the test skips where it is not beside the repository.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PLACES = (os.environ.get("TARAZY_CAPS", ""), *(f"{up}/shared/data/caps" for up in Path(__file__).resolve().parents[2:]))
DATA = next((Path(place) for place in PLACES if place and Path(place).is_dir()), None)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Run the verb on the real data."""
    if DATA is None:
        pytest.skip("the market data is not here: put it at ../shared/data/caps or set TARAZY_CAPS")
    picture = tmp_path_factory.mktemp("greenlist") / "list.svg"
    command = [
        sys.executable,
        "-m",
        "tarazy.cli.main",
        "greenlist",
        "backtest",
        "--data",
        str(DATA),
        "--picture",
        str(picture),
    ]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, timeout=300, check=True)
    assert picture.read_text().startswith("<svg")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def stays(report: dict[str, Any], asset: str) -> list[tuple[str, str | None, str]]:
    """Return (listed on, removed on, how) of each stay."""
    return [(e["listed_on"], e["removed_on"], e["how"]) for e in report["entries"] if e["asset"] == asset]


def test_luna_goes_with_the_first_survey_after_may_2022_and_the_later_coin_of_its_symbol_never_enters(
    report: dict[str, Any],
) -> None:
    ((listed, removed, how),) = stays(report, "LUNA")
    assert listed < "2022-05-01"
    assert (removed, how) == ("2022-06-01", "suspended")


def test_ftt_goes_with_the_first_survey_after_november_2022(report: dict[str, Any]) -> None:
    ((listed, removed, how),) = stays(report, "FTT")
    assert listed < "2022-11-01"
    assert (removed, how) == ("2022-12-01", "suspended")


def test_the_made_up_asset_of_april_2020_never_enters(report: dict[str, Any]) -> None:
    assert stays(report, "TAGZ5") == []
    (refused,) = [each for each in report["refused"] if each["asset"] == "TAGZ5"]
    assert "liquidity.turnover" in {each["criterion"] for each in refused["evidence"]}


def test_bitcoin_and_ether_stay_from_the_first_meeting_that_knows_their_volume(report: dict[str, Any]) -> None:
    # Volume is known from 2020-01-01; three surveys make a median; the next meeting is 2020-04-01.
    assert stays(report, "BTC") == stays(report, "ETH") == [("2020-04-01", None, "listed")]


def test_stablecoins_and_wrapped_coins_are_known_by_their_prices(report: dict[str, Any]) -> None:
    classes = {e["asset"]: {f["criterion"] for f in e["evidence"]} for e in report["refused"]}
    for asset in ("USDT", "USDC", "DAI", "BUSD", "TUSD", "UST"):
        assert stays(report, asset) == []
        assert "class.fixed_value" in classes[asset]
    for asset in ("WBTC", "BTCB"):
        assert stays(report, asset) == []
        assert "class.wrapped" in classes[asset]
