"""A wallet's open approvals on a development chain: what stands is listed, and what was not read is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tarazy.chains.errors import NodeError
from tarazy.chains.evm.node import Node
from tarazy.screening.service.approvals import WalletApprovals, WalletBounds, wallet_approvals

from .... import servers
from ....devchain import DevChain
from ....servers import HostileNode

COLLECTIONS = Path(__file__).parent / "contracts" / "Collections.json"
TOKEN = Path(__file__).resolve().parents[3] / "corpus" / "tokens" / "mint-lying-name" / "vulnerable.json"
BOUNDS = WalletBounds(blocks_max=1_000_000)


@dataclass
class Scene:
    """A chain with a token and a collection, and a wallet."""

    chain: DevChain
    node: Node
    token: str
    pieces: str

    @property
    def wallet(self) -> str:
        """Return the wallet."""
        return self.chain.accounts[3]

    def approve(self, spender: int, amount: int) -> None:
        """Let another account spend."""
        self.chain.do(self.token, "approve(address,uint256)", self.chain.accounts[spender], amount, sender=self.wallet)

    def read(self, standard: str = "20", bounds: WalletBounds = BOUNDS) -> WalletApprovals:
        """Read the wallet."""
        return wallet_approvals(self.node, self.wallet, standard, bounds)


@pytest.fixture
def scene(anvil: str) -> Iterator[Scene]:
    chain = DevChain(anvil)
    with Node(anvil) as node:
        yield Scene(chain, node, chain.deploy(TOKEN, "Token"), chain.deploy(COLLECTIONS, "Pieces"))


def test_wallet_without_approvals_has_none_and_the_list_is_complete(scene: Scene) -> None:
    for standard in ("20", "721", "1155"):
        assert scene.read(standard) == WalletApprovals((), "")


def test_last_amount_counts_and_first_and_last_times_are_kept(scene: Scene) -> None:
    scene.approve(5, 10)
    scene.chain.mine(3, seconds=1_000)
    scene.approve(5, 30)
    scene.approve(6, 7)
    scene.approve(6, 0)
    (token,) = scene.read().tokens
    (approval,) = token.approvals
    assert (token.symbol, token.decimals, token.balance) == ("NWC", 18, 0)
    assert (approval.spender, approval.amount) == (scene.chain.accounts[5], 30)
    assert (approval.last_time_s or 0) - (approval.first_time_s or 0) >= 1_000
    assert approval.first_transaction != approval.last_transaction


def test_approval_of_a_piece_ends_with_its_owner(scene: Scene) -> None:
    chain, wallet = scene.chain, scene.wallet
    chain.do(scene.pieces, "make(uint256)", 7, sender=wallet)
    chain.do(scene.pieces, "approve(address,uint256)", chain.accounts[5], 7, sender=wallet)
    chain.do(scene.pieces, "approve(address,uint256)", chain.accounts[6], 7, sender=wallet)
    (collection,) = scene.read("721").tokens
    assert [(each.spender, each.token_id) for each in collection.approvals] == [(chain.accounts[6], 7)]
    assert scene.read("1155").tokens == ()
    assert scene.read("20").tokens == ()


def test_what_was_not_looked_at_is_said(scene: Scene) -> None:
    scene.approve(5, 10)
    scene.chain.mine(50)
    old = scene.read(bounds=WalletBounds(blocks_max=10))
    assert old.tokens == ()
    assert "were not looked at" in old.reason
    late = scene.read(bounds=WalletBounds(blocks_max=1_000_000, seconds=-1))
    assert "were not looked at" in late.reason
    for spender in (6, 7, 8):
        scene.approve(spender, 5)
    few = scene.read(bounds=WalletBounds(blocks_max=1_000_000, pairs_max=2))
    assert "more than 2 approvals" in few.reason
    assert {each.spender for each in few.tokens[0].approvals} == {scene.chain.accounts[7], scene.chain.accounts[8]}


def test_node_that_answers_with_logs_of_others_is_not_believed(scene: Scene, hostile_node: HostileNode) -> None:
    scene.approve(5, 10)
    hostile_node.upstream = scene.chain.url
    hostile_node.lies["eth_getLogs"] = lambda asked, found: [
        {**log, "topics": [log["topics"][0], "0x" + "00" * 31 + "99", log["topics"][2]]} for log in found
    ]
    with Node(hostile_node.url) as node, pytest.raises(NodeError, match="logs with the topics asked for"):
        wallet_approvals(node, scene.wallet, "20", BOUNDS)
    hostile_node.lies.clear()
    hostile_node.behave = servers.garbage
    with Node(hostile_node.url) as node, pytest.raises(NodeError):
        wallet_approvals(node, scene.wallet, "20", BOUNDS)
