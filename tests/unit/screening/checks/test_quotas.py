"""Who may make tokens, up to what, where an allowance is used up: as USDC has configureMinter, and xERC20 its limits.

Right by reading the sources: `tests/corpus/kinds/various.sol`, `tests/corpus/tokens/plain-stablecoin`. In USDC
(FiatTokenV1, circlefin/stablecoin-evm) the master minter gives each minter an allowance, and `mint` lowers it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tarazy.chains.evm.abi import selector
from tarazy.screening.model import Answer, HolderKind
from tests.corpus.kinds import kinds
from tests.unit.screening.checks.examples import report_of

BOUND = "the caller's own allowance, set by "
SETTERS = {
    "Minters": "configureMinter(address,uint256)",
    "XErc20": "setLimits(address,uint256)",
    "AllowOnly": "raise(address,uint256)",
}


@pytest.mark.parametrize("name", SETTERS)
def test_a_minters_allowance_is_guard_and_bound(name: str, node_tools: Path) -> None:
    mint = kinds(node_tools)[name].screened().capabilities["mint"]
    assert {holder.kind for holder in mint.holders} == {HolderKind.ROLE}
    assert mint.bound == BOUND + "0x" + selector(SETTERS[name]).hex()
    assert mint.guard == "the caller must be a member"


def test_the_stablecoin_of_the_corpus_says_its_minters_bound() -> None:
    mint = report_of("plain-stablecoin/plain").capabilities["mint"]
    assert {holder.kind for holder in mint.holders} == {HolderKind.ROLE}
    assert mint.bound == BOUND + "0x" + selector("configureMinter(address,uint256)").hex()


def test_an_allowance_that_anybody_takes_is_no_bound(node_tools: Path) -> None:
    mint = kinds(node_tools)["Faucet"].screened().capabilities["mint"]
    assert mint.answer is Answer.YES
    assert mint.bound is None
    assert HolderKind.ROLE not in {holder.kind for holder in mint.holders}


@pytest.mark.parametrize("name", ["RouterRefused", "OriginTokens", "Decoy"])
def test_code_alone_says_that_sales_are_restricted(name: str, node_tools: Path) -> None:
    assert kinds(node_tools)[name].screened(from_runtime=True).capabilities["limit"].answer is Answer.YES
