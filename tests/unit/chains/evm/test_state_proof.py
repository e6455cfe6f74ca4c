"""Balances at a block from `eth_getProof` of a real node, against what the node says by `eth_getBalance`."""

from __future__ import annotations

from typing import Any

import pytest

from tarazy.chains.evm.state_proof import (
    EMPTY_ROOT,
    StateProofError,
    header_bytes,
    mapping_slot,
    proved_account,
    proved_slot,
    read_header,
)

from ....devchain import DevChain

EMPTY_TRIE = (
    "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"  # Yellow Paper, appendix D: keccak(rlp(""))
)


def raw(texts: list[str]) -> list[bytes]:
    """Return bytes of hexadecimal texts."""
    return [bytes.fromhex(text.removeprefix("0x")) for text in texts]


def answer(chain: DevChain, address: str, slots: list[str], number: int) -> tuple[Any, Any]:
    """Return a block and the node's proof at it."""
    block = chain.ask("eth_getBlockByNumber", hex(number), False)
    return block, chain.ask("eth_getProof", address, slots, hex(number))


def test_empty_trie_is_that_of_the_yellow_paper() -> None:
    assert EMPTY_ROOT.hex() == EMPTY_TRIE


@pytest.mark.slow
def test_balance_at_each_block_is_proved_and_the_header_has_the_blocks_hash(anvil: str) -> None:
    chain = DevChain(anvil)
    receiver = "0x" + "c0ffee" * 6 + "abcd"
    for wei in (1, 10**18, 7):
        chain.send(receiver, value=wei)
    for number in range(1, chain.number + 1):  # anvil names the empty trie in its first block
        block, found = answer(chain, receiver, [], number)
        data = header_bytes(block)
        header = read_header(data)
        assert (header.block_hash.hex(), header.number) == (block["hash"][2:], number)
        account = proved_account(header, bytes.fromhex(receiver[2:]), raw(found["accountProof"]))
        assert account.balance_wei == int(chain.ask("eth_getBalance", receiver, hex(number)), 16)


@pytest.mark.slow
def test_changed_missing_or_added_node_is_refused(anvil: str) -> None:
    chain = DevChain(anvil)
    receiver = chain.accounts[3]
    chain.send(receiver, value=5)
    block, found = answer(chain, receiver, [], chain.number)
    header, address, nodes = read_header(header_bytes(block)), bytes.fromhex(receiver[2:]), raw(found["accountProof"])
    assert proved_account(header, address, nodes).balance_wei > 0
    changed = [*nodes[:-1], nodes[-1][:-1] + bytes([nodes[-1][-1] ^ 1])]
    for forged in (nodes[:-1], [*nodes, nodes[-1]], changed, nodes[::-1], []):
        with pytest.raises(StateProofError):
            proved_account(header, address, forged)
    other = bytes.fromhex(chain.accounts[4][2:])
    with pytest.raises(StateProofError):
        assert proved_account(header, other, nodes).balance_wei


@pytest.mark.slow
def test_slot_of_a_token_is_proved(anvil: str) -> None:
    """A contract of nine bytes that writes 77 into the slot of account 1 in a mapping at index 2 when it is created."""
    chain = DevChain(anvil)
    holder = bytes.fromhex(chain.accounts[1][2:])
    slot = mapping_slot(holder, 2)
    code = "604d7f" + slot.hex() + "5560016000f3"  # PUSH1 77, PUSH32 slot, SSTORE, return one byte of memory
    token = chain.send(None, "0x" + code)["contractAddress"]
    block, found = answer(chain, token, ["0x" + slot.hex()], chain.number)
    account = proved_account(read_header(header_bytes(block)), bytes.fromhex(token[2:]), raw(found["accountProof"]))
    nodes = raw(found["storageProof"][0]["proof"])
    assert (
        proved_slot(account, slot, nodes)
        == 77
        == int(chain.ask("eth_getStorageAt", token, "0x" + slot.hex(), "latest"), 16)
    )
    with pytest.raises(StateProofError):
        proved_slot(account, mapping_slot(holder, 3), nodes[:-1])
