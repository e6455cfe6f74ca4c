"""Tokens of the corpus whose owner turns a trap on while they are watched; the same acts on the benign counterpart.

The watch is given no screening here: what it finds, it finds by reading and trying. Not listed are pairs whose trap
shows only to those who traded before (cooldowns), whose amount is under a threshold, or whose power is not turned on.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tarazy.screening.watch.options import ListedToken
from tests.corpus.devstage import DevStage
from tests.corpus.loader import CorpusToken, load
from tests.corpus.stage import PEOPLE, POOL, RefusedError

from ....devchain import DevChain
from ....watching import World

# Pair -> (number of the proof that is played, kinds of alerts that are expected on the trap).
TURNED_ON: dict[str, tuple[int, set[str]]] = {
    "balance-rewrite": (0, {"balance_taken"}),
    "fee-personal": (0, {"tax_raised"}),
    "launch-gate-pool": (0, {"transfers_blocked"}),
    "leak-owner-burn": (0, {"balance_taken"}),
    "leak-router-name": (0, {"balance_taken"}),
    "leak-transfer-from-owner": (0, {"balance_taken"}),
    "limit-antibot-window": (0, {"transfers_blocked"}),
    "limit-balance-bit": (0, {"transfers_blocked"}),
    "limit-blacklist": (0, {"transfers_blocked"}),
    "limit-blacklist-silent": (0, {"tax_raised"}),
    "limit-callback": (0, {"transfers_blocked"}),
    "limit-external-guard": (0, {"transfers_blocked"}),
    "limit-fee-unbounded": (0, {"tax_raised"}),
    "limit-gas-price": (0, {"transfers_blocked"}),
    "limit-holder-lock": (0, {"transfers_blocked"}),
    "limit-max-amount": (0, {"transfers_blocked"}),
    "limit-max-wallet": (0, {"transfers_blocked"}),
    "limit-pause": (0, {"transfers_blocked"}),
    "limit-rfi-fee": (0, {"tax_raised"}),
    "limit-trading-switch": (0, {"transfers_blocked"}),
    "metadata-change": (0, {"renamed"}),
    "mint-emission": (0, {"supply_grew"}),
    "proxy-beacon": (0, {"upgraded"}),
    "proxy-custom-slot": (0, {"upgraded"}),
    "proxy-transparent": (0, {"upgraded"}),
    "proxy-uups": (0, {"upgraded"}),
    "take-back-reclaim": (0, {"power_taken_back"}),
}
TOKENS = {token.name: token for token in load()}


@pytest.fixture(scope="module")
def chain(anvil_session: str) -> DevChain:
    """Return a chain on which accounts need no keys."""
    return DevChain(anvil_session)


@pytest.fixture
def fresh(chain: DevChain) -> Iterator[DevChain]:
    """Return the chain and undo afterwards what a test did."""
    before = chain.ask("evm_snapshot")
    yield chain
    chain.ask("evm_revert", before)


def kinds_of_alerts(chain: DevChain, token: CorpusToken, proof: int, folder: Path) -> set[str]:
    """Let the owner act as the proof says, and return what the watch said of it."""
    stage = DevStage(token, chain)
    for sentence in token.start:
        stage.play(sentence)
    listed = ListedToken(stage.actors["token"], 1, token.name, (POOL,), (PEOPLE["trader"],))
    world = World(chain, listed.address, POOL, POOL, POOL, folder)
    with world.watcher(tokens=[listed]) as watcher:
        watcher.step()
        for sentence in TOKENS[f"{token.pair}/vulnerable"].proofs[proof].calls:
            try:
                stage.play(sentence)
            except RefusedError:
                assert token.side == "benign", f"{token.name}: {sentence} was refused"
            watcher.step()
    return {each["kind"] for each in world.alerts()}


@pytest.mark.parametrize("pair", TURNED_ON)
def test_trap_that_is_turned_on_is_alerted(fresh: DevChain, tmp_path: Path, pair: str) -> None:
    proof, expected = TURNED_ON[pair]
    assert kinds_of_alerts(fresh, TOKENS[f"{pair}/vulnerable"], proof, tmp_path) >= expected


@pytest.mark.parametrize("pair", TURNED_ON)
def test_same_acts_on_the_harmless_twin_give_no_alert(fresh: DevChain, tmp_path: Path, pair: str) -> None:
    proof, _ = TURNED_ON[pair]
    assert kinds_of_alerts(fresh, TOKENS[f"{pair}/benign"], proof, tmp_path) == set()
