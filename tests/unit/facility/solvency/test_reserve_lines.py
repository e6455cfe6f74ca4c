"""Custody's coins on a real chain as reserves of a report, and as the other side of a reconciliation."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tarazy.cli.main import main
from tarazy.domain.records import CustodyLocation
from tarazy.facility.reconciliation.chain_side import HeldThere
from tarazy.facility.reconciliation.comparing import three_way
from tarazy.facility.reconciliation.joined import joined_sides
from tarazy.facility.reconciliation.matching import ItemState, MatchingTerms
from tarazy.facility.reconciliation.running import client_custody
from tarazy.facility.solvency.reserve_lines import address_lines, reserves_file
from tarazy.spec.snapshot import decode
from tarazy.spec.venue import Venue

from ....custody_stage import ETH, USDT, Stage
from ....devchain import DevChain

TOKENS = Path(__file__).parents[2] / "chains" / "evm" / "contracts" / "artifacts" / "Custody.json"
HOT = int(CustodyLocation.hot)
ETHER = 10**18


@pytest.fixture
def stage(anvil: str, tmp_path: Path) -> Stage:
    """Return a facility with custody on a chain of its own."""
    chain = DevChain(anvil)
    made = Stage(tmp_path, Venue, evm=chain, token=chain.deploy(TOKENS, "Plain", 10**12))
    made.found()
    return made


def pay(stage: Stage, account_id: int, ether: int, token: int) -> None:
    """Pay a client's address in both assets."""
    assert stage.evm is not None
    address = stage.deposit_address(account_id).address
    stage.evm.send(address, value=ether)
    stage.evm.do(stage.token, "transfer(address,uint256)", address, token)


def compared(stage: Stage) -> Any:
    """Return the comparison of ledger and chain now."""
    state, now_ns = decode(stage.sequencer.engine.snapshot()), int(stage.now().timestamp() * 10**9)
    sides = joined_sides(state, now_ns, stage.store, stage.adapters[:1], None)
    terms = MatchingTerms(now_ns, expected=sides.expected)
    return three_way(client_custody(state), sides.book, sides.outside, terms)


@pytest.mark.slow
def test_coins_on_the_chain_are_reserves_on_chain_and_reconcile(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with stage.open():
        pay(stage, 1, 2 * ETHER, 500)
        stage.poll()
        waiting = compared(stage)
        assert {item.state for item in waiting.items} == {ItemState.timing}  # seen, and not deep enough
        assert not waiting.breaks
        stage.mine(stage.depth)
        stage.settle_arrivals()
        found = compared(stage)
        held = {(each.asset_id, each.location): each.ledger_minor for each in found.places if each.ledger_minor}
        assert held == {(ETH, HOT): 2 * ETHER, (USDT, HOT): 500}
        assert not found.breaks

        seq = stage.sequencer.checkpoint().seq

        def sign_at(each: HeldThere) -> Callable[[bytes], bytes] | None:
            place = next(n for n in range(9) if stage.wallet_keys.public_key(n).hex() == each.row.public_key)
            return lambda digest: stage.wallet_keys.sign(place, digest)

        adapter = stage.adapters[0]
        facility_id = json.loads((stage.journal / "facility.json").read_text())["facility_id"]
        lines = address_lines(stage.store, adapter, facility_id, seq, sign_at, {stage.token: 0})
        values = reserves_file(facility_id, seq, lines)
        path = tmp_path / "reserves.json"
        path.write_text(json.dumps(values))

        assert stage.evm is not None
        stage.evm.ask("anvil_setBalance", stage.deposit_address(1).address, hex(2 * ETHER - 1))
        stage.mine()
        stage.poll()
        (gone,) = compared(stage).breaks
        assert (gone.asset_id, gone.difference_minor) == (ETH, -1)
    capsys.readouterr()
    made = ["proof", "make", str(stage.journal), "--reserves", str(path), "--out", str(tmp_path / "out"), "--json"]
    assert main(made) == 0
    coverage = json.loads(capsys.readouterr().out.splitlines()[-1])["coverage"]
    for asset_id, owed in ((ETH, 2 * ETHER), (USDT, 500)):
        shown = coverage[str(asset_id)]
        assert (shown["by_grade_minor"]["on_chain"], shown["ratio_ppm"], shown["faults"]) == (str(owed), 1_000_000, [])
