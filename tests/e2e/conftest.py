"""A small journal with two officers, a trade, refusals, a withdrawal, two checkpoints; the command line run on it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tarazy.cli.main import main
from tarazy.domain import records as r
from tarazy.domain.signer import KeySigner
from tarazy.facility.officers.founding import Founder, found_facility
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.market_data.acting import Desk
from tarazy.spec.venue import Venue

START_NS = 1_777_777_777_000_000_000
TRADE_SEQ, COLLAR_SEQ, POOR_SEQ, WITHDRAWAL_SEQ, LAST_SEQ = 19, 20, 21, 22, 23


def digest(number: int) -> bytes:
    """Return 32 bytes that stand for a document."""
    return number.to_bytes(32, "little")


def reference_commands() -> list[Any]:
    """Return what sets the venue up: two assets, one market, two accounts with deposits. Numbers 5 to 16."""
    btc, usd = b"BTC".ljust(16, b"\0"), b"USD".ljust(16, b"\0")
    t = START_NS
    return [
        r.RegisterAsset(r.AssetKind.digital, 8, t, btc),
        r.AdmitAsset(t, 1, digest(1)),
        r.RegisterAsset(r.AssetKind.fiat, 2, t, usd),
        r.AdmitAsset(t, 2, digest(2)),
        r.OpenMarket(t, 1, 2, 100_000, 1, digest(3)),
        r.SetMarketRules(t, 1, 1_000, 2_000, 100_000, 200_000, 60_000, 10**9, 0, 10**30),
        r.SetMarketState(r.MarketState.pre_open, 0, t, 1),
        r.SetMarketState(r.MarketState.continuous, 0, t, 1),
        r.OpenAccount(r.ClientClass.retail, r.AccountRole.client, 0, t, 1, 0, 77),
        r.OpenAccount(r.ClientClass.professional, r.AccountRole.client, 0, t, 2, 0, 78),
        r.CreditDeposit(r.CustodyLocation.bank, t, 1, 2, t, 10_000_000, digest(4)),
        r.CreditDeposit(r.CustodyLocation.cold, t, 2, 1, t, 10_000_000_000, digest(5)),
    ]


def order(ts_ns: int, account_id: int, side: int, price_ticks: int, lots: int) -> r.PlaceOrder:
    """Return a limit order."""
    stp = r.SelfTradePrevention.expire_taker
    return r.PlaceOrder(r.OrderType.limit, side, r.TimeInForce.gtc, stp, 0, ts_ns, 1, account_id, 0, price_ticks, lots)


def trading_commands() -> list[Any]:
    """Return a resting sell, a buy that trades, two refused buys and a withdrawal. Numbers 18 to 22."""
    t = START_NS + 5
    return [
        order(t, 2, r.Side.sell, 7_800, 50),
        order(t, 1, r.Side.buy, 7_900, 20),
        order(t, 1, r.Side.buy, 9_900, 20),
        order(t, 1, r.Side.buy, 7_800, 10_000_000),
        r.RequestWithdrawal(t, 1, 2, 5_000, digest(9)),
    ]


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a journal that no test changes."""
    directory = tmp_path_factory.mktemp("journal") / "facility"
    keys = [KeySigner.from_seed(bytes([number]) * 32) for number in (1, 2)]
    founders = [Founder(key) for key in keys]
    identity = found_facility(directory, "Test facility", founders, created_ns=START_NS, segment_bytes=1 << 17)
    desk = Desk(identity.facility_id, keys)
    with Sequencer.open(directory, Venue, keep_timestamps=True) as sequencer:
        signed = desk.instructions(reference_commands(), desk.people, START_NS)[0]
        sequencer.execute(signed.commands, instructions=signed.entry)
        sequencer.checkpoint()
        sequencer.execute([command.pack() for command in trading_commands()])
        sequencer.checkpoint()
    return directory


@pytest.fixture
def journal(recorded: Path, tmp_path: Path) -> Path:
    """Return a copy of the journal that a test may damage."""
    return Path(shutil.copytree(recorded, tmp_path / "facility"))


class Done(NamedTuple):
    """What one run of the command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return the object on the last line of stdout."""
        return json.loads(self.out.splitlines()[-1])


@pytest.fixture
def tarazy(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Return a function that runs a verb in this process."""

    def run(*words: object) -> Done:
        capsys.readouterr()
        try:
            code = main([str(word) for word in words])
        except SystemExit as left:
            code = int(left.code or 0)
        return Done(code, *capsys.readouterr())

    return run
