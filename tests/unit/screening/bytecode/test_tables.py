"""Vyper counts a selector's place in a table from 0.3.10 on: every way in is read, and nobody's is not.

Oracle: the functions of `contracts/table.vy`, and their selectors by keccak-256 of the signatures.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tarazy.chains.evm.abi import selector
from tarazy.screening.bytecode.facts import analyse
from tarazy.screening.model import Answer
from tarazy.screening.request import ScreenRequest
from tarazy.screening.screen import screen

FILES = sorted((Path(__file__).parent / "contracts").glob("*.hex"))
FUNCTIONS = "balanceOf(address) totalSupply() owner() transfer(address,uint256) mint(address,uint256) a1() a2()".split()


def code_of(path: Path) -> bytes:
    """Return the runtime code in a file."""
    return bytes.fromhex(path.read_text().strip().removeprefix("0x"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_function_behind_a_table_is_read_and_no_other(path: Path) -> None:
    facts = analyse(code_of(path))
    assert {graph.name for graph in facts.graphs} == {"fallback", *("0x" + selector(f).hex() for f in FUNCTIONS)}
    assert facts.complete
    assert (facts.layout.balances, facts.layout.balances_style) == (0, "vyper")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_power_behind_a_table_is_found_with_its_guard(path: Path) -> None:
    report = screen(ScreenRequest(path.stem, runtime=code_of(path), simulate=False))
    mint = report.capabilities["mint"]
    assert (mint.answer, mint.guard, mint.bound) == (Answer.YES, "the caller must be owner()", None)
    assert mint.reason.startswith("mint(address,uint256)")
