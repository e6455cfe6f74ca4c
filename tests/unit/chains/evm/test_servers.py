"""The servers that tests start: they are there, they are the locked ones, and they stop."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ....servers import HostileNode, rpc, running_anvil


def test_fresh_anvil_stands_at_block_zero(anvil: str) -> None:
    assert rpc(anvil, "eth_blockNumber") == "0x0"


def test_two_anvils_do_not_see_each_other(anvil: str, anvil_session: str) -> None:
    rpc(anvil, "evm_mine")
    assert anvil != anvil_session
    assert rpc(anvil, "eth_blockNumber") == "0x1"


def test_anvil_is_the_locked_version(anvil: str, node_tools: Path) -> None:
    locked = json.loads((node_tools / "package.json").read_text())["optionalDependencies"]
    assert rpc(anvil, "web3_clientVersion").startswith(f"anvil/v{locked['@foundry-rs/anvil-linux-amd64']}")


def test_anvil_is_gone_after_its_use(anvil_program: Path, tmp_path: Path) -> None:
    with running_anvil(anvil_program, tmp_path, "--chain-id", "56") as url:
        assert rpc(url, "eth_chainId") == "0x38"
    with pytest.raises(OSError, match="refused"):
        rpc(url, "eth_chainId")


def test_hostile_node_is_honest_until_told_otherwise(anvil: str, hostile_node: HostileNode) -> None:
    hostile_node.upstream = anvil
    assert rpc(hostile_node.url, "eth_chainId") == "0x7a69"
    hostile_node.lies["eth_chainId"] = lambda parameters, true: "0x1"
    assert rpc(hostile_node.url, "eth_chainId") == "0x1"
