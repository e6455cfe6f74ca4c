"""A wallet read on a development chain: the state counts, not the log; hostile contracts cost only themselves."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tarazy.chains.errors import NodeError, ReorganisedError
from tarazy.chains.evm.node import Node
from tarazy.screening.holder.model import (
    ACCOUNT,
    ALLOWANCE,
    COLLECTION,
    CONTRACT,
    DELEGATED,
    PIECE,
    THROUGH,
    ApprovalKey,
    HolderBounds,
    StandingApproval,
    WalletReading,
)
from tarazy.screening.holder.reading import read_wallet

from ....devchain import DevChain
from ....servers import HostileNode
from .stage import UNLIMITED, HolderStage, new_address

CHAIN_ID = 31337
BOUNDS = HolderBounds(seconds=60)
GENEROUS_S = 120  # the bound of the reading, one answer of the node, and room for a machine under load


@pytest.fixture
def stage(anvil_session: str) -> HolderStage:
    return HolderStage(DevChain(anvil_session))


@pytest.fixture
def node(anvil_session: str) -> Iterator[Node]:
    with Node(anvil_session, timeout_s=30) as opened:
        yield opened


def read(node: Node, stage: HolderStage, bounds: HolderBounds = BOUNDS) -> WalletReading:
    """Read the wallet of a test."""
    return read_wallet(node, CHAIN_ID, stage.wallet, bounds)


def only(reading: WalletReading) -> StandingApproval:
    """Return the one approval of a wallet."""
    (found,) = reading.approvals
    return found


def test_wallet_without_anything_has_nothing_and_all_was_looked_at(node: Node, stage: HolderStage) -> None:
    reading = read(node, stage)
    assert (reading.tokens, reading.approvals, reading.reasons) == ((), (), ())
    assert reading.block_hash == stage.chain.ask("eth_getBlockByNumber", hex(reading.block_number), False)["hash"]


def test_unlimited_approval_to_an_account_with_a_key_puts_the_whole_balance_at_stake(
    node: Node, stage: HolderStage
) -> None:
    token, spender = stage.token(held=7 * 10**18), new_address()
    stage.approve(token, spender, UNLIMITED)
    found = only(read(node, stage))
    assert found.key == ApprovalKey(ALLOWANCE, token, spender)
    assert (found.amount, found.unlimited, found.at_stake) == (UNLIMITED, True, 7 * 10**18)
    assert found.spender_is == ACCOUNT
    (held,) = read(node, stage).tokens
    assert (held.symbol, held.decimals, held.balance) == ("WATER", 18, 7 * 10**18)


def test_revoked_approval_that_the_log_still_shows_is_not_shown(node: Node, stage: HolderStage) -> None:
    token, kept, revoked = stage.token(held=5), new_address(), new_address()
    stage.approve(token, revoked, 10)
    stage.approve(token, kept, 3)
    stage.approve(token, revoked, 0)
    assert [(each.key.spender, each.amount) for each in read(node, stage).approvals] == [(kept, 3)]


def test_approval_that_was_used_up_shows_what_is_left_of_it(node: Node, stage: HolderStage) -> None:
    """ERC-20's transferFrom writes no Approval in this token, so that the log still says 10."""
    token, spender = stage.token(held=50), stage.chain.accounts[4]
    stage.approve(token, spender, 10)
    stage.chain.do(token, "transferFrom(address,address,uint256)", stage.wallet, spender, 4, sender=spender)
    found = only(read(node, stage))
    assert (found.amount, found.at_stake) == (6, 6)


def test_contract_and_delegated_account_are_told_from_an_account(node: Node, stage: HolderStage) -> None:
    token, contract, delegated = stage.token(), stage.token(), new_address()
    stage.chain.ask("anvil_setCode", delegated, "0xef0100" + contract[2:])  # EIP-7702
    stage.approve(token, contract, 1)
    stage.approve(token, delegated, 1)
    assert {each.key.spender: each.spender_is for each in read(node, stage).approvals} == {
        contract: CONTRACT,
        delegated: DELEGATED,
    }


def test_allowance_kept_by_another_contract_counts_while_it_is_approved_itself(node: Node, stage: HolderStage) -> None:
    """As Permit2: tokens approve the shared contract, which keeps amount and expiry for each spender."""
    token, shared, spender = stage.token(held=100), stage.hostile("SharedAllowances"), new_address()
    ends_s = int(stage.chain.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16) + 10**6
    stage.do(shared, "approve(address,address,uint160,uint48)", token, spender, 60, ends_s)
    assert read(node, stage).approvals == ()  # the shared contract may take nothing itself
    stage.approve(token, shared, UNLIMITED)
    found = {each.key: each for each in read(node, stage).approvals}
    through = found[ApprovalKey(THROUGH, token, spender, through=shared)]
    assert (through.amount, through.at_stake, through.expires_s, through.spender_is) == (60, 60, ends_s, ACCOUNT)
    assert found[ApprovalKey(ALLOWANCE, token, shared)].unlimited
    stage.approve(token, shared, 25)
    found = {each.key: each for each in read(node, stage).approvals}
    assert found[through.key].at_stake == 25


def test_allowance_kept_by_another_contract_that_expired_is_not_shown(node: Node, stage: HolderStage) -> None:
    token, shared, spender = stage.token(held=100), stage.hostile("SharedAllowances"), new_address()
    stage.approve(token, shared, UNLIMITED)
    ends_s = int(stage.chain.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16) - 1
    stage.do(shared, "approve(address,address,uint160,uint48)", token, spender, 60, ends_s)
    assert only(read(node, stage)).key == ApprovalKey(ALLOWANCE, token, shared)


@pytest.mark.parametrize(("name", "standard"), [("Pieces", "erc721"), ("Kinds", "erc1155")])
def test_approval_of_a_whole_collection_is_found_and_ends(
    node: Node, stage: HolderStage, name: str, standard: str
) -> None:
    pieces, operator = stage.collection(name), new_address()
    stage.do(pieces, "make(uint256)", 7 + int(stage.wallet, 16) % 10**9)
    stage.do(pieces, "setApprovalForAll(address,bool)", operator, True)
    reading = read(node, stage)
    found = only(reading)
    assert (found.key, found.unlimited) == (ApprovalKey(COLLECTION, pieces, operator), True)
    assert reading.token(pieces).standard == standard
    assert found.at_stake == (1 if standard == "erc721" else None)  # no log names the pieces of the second
    stage.do(pieces, "setApprovalForAll(address,bool)", operator, False)
    assert read(node, stage).approvals == ()


def test_approval_of_one_piece_is_of_the_last_that_was_approved(node: Node, stage: HolderStage) -> None:
    pieces, first, second = stage.collection(), new_address(), new_address()
    stage.do(pieces, "make(uint256)", 9)
    stage.do(pieces, "approve(address,uint256)", first, 9)
    stage.do(pieces, "approve(address,uint256)", second, 9)
    found = only(read(node, stage))
    assert (found.key, found.at_stake) == (ApprovalKey(PIECE, pieces, second, 9), 1)


def test_contract_that_gives_no_answer_is_shown_as_not_known(node: Node, stage: HolderStage) -> None:
    silent = stage.hostile("SilentToken")
    stage.do(silent, "give(address)", stage.wallet)
    stage.approve(silent, new_address(), 10)
    reading = read(node, stage)
    found = only(reading)
    assert (found.amount, found.at_stake, found.unlimited) == (None, None, False)
    assert reading.token(silent).balance is None


def test_contracts_that_spend_all_gas_or_answer_without_end_cost_only_themselves(
    node: Node, stage: HolderStage
) -> None:
    for name in ("GasBomb", "EndlessName"):
        hostile = stage.hostile(name)
        for _ in range(3):
            stage.chain.do(hostile, "give(address)", stage.wallet)
    token, spender = stage.token(held=9), new_address()
    stage.approve(token, spender, 4)
    began_s = time.monotonic()
    reading = read(node, stage)
    assert time.monotonic() - began_s < GENEROUS_S
    by_token = {each.key.token: each for each in reading.approvals}
    assert (by_token[token].amount, by_token[token].at_stake) == (4, 4)
    assert len(reading.tokens) == 3
    assert all(len(each.name or "") <= 256 for each in reading.tokens)
    assert reading.reasons == ()


def test_node_that_reads_few_bytes_still_answers_for_the_other_tokens(stage: HolderStage, anvil_session: str) -> None:
    """An endless name makes the batch too large; halved, it spoils its own question alone."""
    endless = stage.hostile("EndlessName")
    stage.chain.do(endless, "give(address)", stage.wallet)
    token = stage.token(held=9)
    with Node(anvil_session, timeout_s=30, max_bytes=100_000) as narrow:
        reading = read(narrow, stage)
    assert (reading.token(token).symbol, reading.token(token).balance) == ("WATER", 9)
    assert (reading.token(endless).symbol, reading.token(endless).balance) == (None, 10**18)


def test_approvals_that_nobody_gave_do_not_push_out_real_ones(node: Node, stage: HolderStage) -> None:
    token, spender, faker = stage.token(held=5), new_address(), stage.hostile("Faker")
    stage.approve(token, spender, 3)
    stage.do(faker, "fake(address,address,uint256)", stage.wallet, token, 40)
    reading = read(node, stage, HolderBounds(seconds=60, approvals_max=10))
    assert ApprovalKey(ALLOWANCE, token, spender) in {each.key for each in reading.approvals}
    assert all(each.key.kind != THROUGH for each in reading.approvals)  # the token never approved the faker
    assert "42 approvals are named by logs, 10 were looked at" in reading.reasons


def test_what_was_not_looked_at_is_said(node: Node, stage: HolderStage) -> None:
    stage.approve(stage.token(held=5), new_address(), 3)
    late = read(node, stage, HolderBounds(seconds=-1))
    assert late.approvals == ()
    assert any("approvals: blocks before" in each for each in late.reasons)
    stage.chain.mine(20)
    short = read(node, stage, HolderBounds(blocks_max=10, seconds=60))
    assert short.approvals == ()
    assert any("were not looked at" in each for each in short.reasons)


def test_node_that_lies_about_logs_or_blocks_is_not_believed(stage: HolderStage, hostile_node: HostileNode) -> None:
    stage.approve(stage.token(held=5), new_address(), 3)
    hostile_node.upstream = stage.chain.url
    hostile_node.lies["eth_getLogs"] = lambda asked, found: [
        {**log, "topics": [log["topics"][0], "0x" + "00" * 31 + "99", *log["topics"][2:]]} for log in found
    ]
    with Node(hostile_node.url, timeout_s=30) as lying, pytest.raises(NodeError):
        read(lying, stage)
    hostile_node.lies.clear()
    asked: list[object] = []

    def another_hash(parameters: object, block: dict[str, object]) -> dict[str, object]:
        asked.append(parameters)
        return {**block, "hash": "0x" + f"{len(asked):064x}"}

    hostile_node.lies["eth_getBlockByNumber"] = another_hash
    with Node(hostile_node.url, timeout_s=30) as moving, pytest.raises(ReorganisedError):
        read(moving, stage)
