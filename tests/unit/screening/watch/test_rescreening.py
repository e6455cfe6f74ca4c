"""The screening beside the watch: made anew when something happened, in time; what got worse stands in the alert."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tarazy.chains.evm.blocks import Block
from tarazy.screening.model import Answer, Capability, Finding, Report, SimulatedTrade, Simulation, Verdict
from tarazy.screening.request import ScreenRequest
from tarazy.screening.screen import screen
from tarazy.screening.watch.options import ListedToken
from tarazy.screening.watch.rescreen import summary, worse

from ....watching import LISTED, PROXIES, World, make_world


@pytest.fixture
def world(anvil: str, tmp_path: Path) -> World:
    """Return a token that trades freely."""
    return make_world(anvil, tmp_path / "watch")


def report(verdict: str, tax_ppm: int | None = 0, **answers: str) -> Report:
    """Return a report with these answers."""
    capabilities = {name: Capability(name, Answer(answer), "so it is") for name, answer in answers.items()}
    trade = SimulatedTrade("sell", "v2", tax_ppm is not None, tax_ppm)
    return Report(
        id="r1",
        input="chain",
        chain_id=31337,
        address=None,
        code_hash="",
        body_hash="",
        code_bytes=0,
        screened_at="",
        software="",
        block_number=1,
        block_hash=None,
        capabilities=capabilities,
        simulation=Simulation("revm", "forked", trades=(trade,)),
        verdict=Verdict(verdict, "house", "2026-01-01", (Finding("a", "pass", "info", "", ""),)),
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (report("clear"), report("clear"), {}),
        (report("clear"), report("malicious"), {"verdict": "malicious"}),
        (report("clear"), report("unknown"), {"verdict": "unknown"}),
        (report("malicious"), report("caution"), {}),
        (report("clear", mint="no"), report("clear", mint="yes"), {"mint": "yes"}),
        (report("clear", mint="no"), report("clear", mint="unknown"), {"mint": "unknown"}),
        (report("clear", mint="yes"), report("clear", mint="no"), {}),
        (report("clear"), report("clear", mint="yes"), {}),
        (report("clear", 0), report("clear", None), {"simulated v2 sell": "refused"}),
        (report("clear", 1_000), report("clear", 2_500), {"simulated v2 sell tax_ppm": 2_500}),
        (report("clear", 1_000), report("clear", 1_500), {}),
        (report("clear", None), report("clear", 0), {}),
    ],
)
def test_only_what_got_worse_is_told(before: Report, after: Report, expected: dict[str, Any]) -> None:
    was, now = worse(summary(before), summary(after), 1_000)
    assert now == expected
    assert was.keys() == now.keys()


def test_upgrade_that_brings_powers_shows_them_in_the_alert(anvil: str, tmp_path: Path) -> None:
    world = make_world(anvil, tmp_path / "watch", proxied=True)
    powerless = world.chain.deploy(PROXIES, "Beacon", world.token)  # any code without the powers of a token
    world.do("upgradeTo(address)", powerless, sender=world.chain.accounts[9])

    def look(token: ListedToken, block: Block) -> Report:
        request = ScreenRequest(
            id=f"at-{block.number}", rpc_url=anvil, address=token.address, block=block.number, simulate=False
        )
        return screen(request)

    listed = ListedToken(world.token, 7)
    with world.watcher(screen=look, tokens=[listed]) as watcher:
        watcher.step()
        original = world.chain.deploy(LISTED, "Listed", 1)
        world.do("upgradeTo(address)", original, sender=world.chain.accounts[9])
        watcher.step()
    upgraded = next(each for each in world.alerts() if each["kind"] == "upgraded")
    assert upgraded["report_id"] == f"at-{world.chain.number}"
    assert upgraded["after"]["mint"] == "yes"
    assert upgraded["before"]["mint"] != "yes"


def test_change_that_only_the_screening_sees_is_an_alert(world: World) -> None:
    reports = [report("clear", limit="no"), report("caution", limit="yes")]
    with world.watcher(screen=lambda token, block: reports.pop(0)) as watcher:
        watcher.step()
        world.do("setMarketing(address)", world.chain.accounts[8])
        watcher.step()
    (alert,) = world.alerts()
    assert alert["kind"] == "screening_worse"
    assert (alert["before"], alert["after"]) == (
        {"verdict": "clear", "limit": "no"},
        {"verdict": "caution", "limit": "yes"},
    )
    assert alert["transaction"] is not None


def test_nothing_is_screened_where_nothing_happened(world: World) -> None:
    asked: list[int] = []

    def look(token: ListedToken, block: Block) -> Report:
        asked.append(block.number)
        return report("clear")

    with world.watcher(screen=look) as watcher:
        watcher.step()
        world.do("transfer(address,uint256)", world.chain.accounts[6], 5)
        world.chain.mine(3)
        watcher.step()
        assert len(asked) == 1
        world.do("setFee(uint16)", 1)
        watcher.step()
    assert asked == [asked[0], world.chain.number]


def test_alert_does_not_wait_for_screenings_that_have_no_time(world: World) -> None:
    reports = [report("clear", limit="no"), report("clear", limit="yes")]
    with world.watcher(screen=lambda token, block: reports.pop(0)) as watcher:
        watcher.step()
        object.__setattr__(watcher.options, "screen_s", 0.0)
        world.do("setFee(uint16)", 50)
        watcher.step()
        (alert,) = world.alerts()
        assert (alert["kind"], alert["report_id"]) == ("tax_raised", None)
        assert "limit" not in alert["after"]
        object.__setattr__(watcher.options, "screen_s", 5.0)
        world.chain.mine()
        watcher.step()
    late = world.alerts()[1]
    assert (late["kind"], late["after"]) == ("screening_worse", {"limit": "yes"})


def test_cache_is_told_of_every_act_before_the_block_is_done(world: World) -> None:
    told: list[tuple[int, str, str]] = []
    with world.watcher(invalidate=lambda *what: told.append(what)) as watcher:
        watcher.step()
        world.do("setMarketing(address)", world.chain.accounts[8])
        world.do("setPaused(bool)", True)
        world.do("setPaused(bool)", False)
        watcher.step()
    assert [each[:2] for each in told] == [(31337, world.token)] * 3
    assert told[1][2] == "Transfers that went through are refused"
