"""Lines of reserves from custody: balances at one block, proved under its state root, and control signed over that
block.

The keys are those of custody's wallets (HSM or file); an address whose key is not at hand, because it lies offline,
gets its signature from elsewhere: `message_of` says what has to be signed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tarazy.chains.adapter import NATIVE, BlockReference
from tarazy.chains.evm.chain import EvmChain
from tarazy.chains.evm.node import Node
from tarazy.chains.evm.state_proof import header_bytes, mapping_slot
from tarazy.facility.custody.chain_kinds import prove
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.reconciliation.chain_side import NS_PER_S, HeldThere, held_there
from tarazy.oversight.solvency.errors import SolvencyError
from tarazy.oversight.solvency.reserves import RESERVES_FORMAT, control_message

# (address row's wallet, place, digest) -> signature r | s, None where the key is not here.
SignAt = Callable[[HeldThere], "Callable[[bytes], bytes] | None"]


def message_of(facility_id: str, seq: int, chain: str, address: str, block: BlockReference) -> bytes:
    """Return what the keys of an address sign."""
    return control_message(facility_id, seq, chain, address, block.height, block.block_hash)


def evm_lines(
    store: CustodyStore,
    adapter: EvmChain,
    facility_id: str,
    seq: int,
    height: int,
    sign_at: SignAt,
    balance_slots: dict[str, int] | None = None,
) -> dict[str, Any]:
    """Return a reserves file for the client estate's addresses on an EVM chain; an address that holds nothing has no
    line.

    `balance_slots` is by token: the index of the mapping that holds balances, as its source has it; a token without
    one is shown without proof of its state.
    Raises: NodeError; SolvencyError where a key is not here.
    """
    block, node, lines = adapter.block(height), adapter.nodes[0], []
    header = "0x" + header_bytes(node.call("eth_getBlockByNumber", hex(height), False)).hex()
    for each in held_there(store, adapter.chain):
        amount_minor = adapter.balance(each.asset.contract, each.row.address, height)
        if not amount_minor:
            continue
        sign = sign_at(each)
        if sign is None:
            raise SolvencyError(
                expected=f"the key of {each.row.address}",
                found="none here",
                action="Have the message signed where the key lies and add the line by hand.",
            )
        message = message_of(facility_id, seq, adapter.chain, each.row.address, block).decode()
        key = bytes.fromhex(each.row.public_key)
        line = {
            "kind": "address",
            "asset_id": each.asset.asset_id,
            "amount_minor": str(amount_minor),
            "observed_ns": str(block.time_s * NS_PER_S),
            "location": each.wallet.tier,
            "chain": adapter.chain,
            "address": each.row.address,
            "height": str(height),
            "block_hash": block.block_hash,
            "control": prove(adapter.chain, each.row.address, message, key, sign),
        }
        state = _state(node, each, height, header, balance_slots or {})
        lines.append(line if state is None else line | {"state": state})
    return {"format": RESERVES_FORMAT, "facility_id": facility_id, "seq": str(seq), "lines": lines}


def _state(node: Node, each: HeldThere, height: int, header: str, balance_slots: dict[str, int]) -> Any:
    """Return the proof of a balance, None for a token whose layout is not known."""
    contract, address = each.asset.contract, each.row.address
    if contract == NATIVE:
        found = node.call("eth_getProof", address, [], hex(height))
        return {"header": header, "account_proof": found["accountProof"]}
    if contract not in balance_slots:
        return None
    index = balance_slots[contract]
    slot = "0x" + mapping_slot(bytes.fromhex(address[2:]), index).hex()
    found = node.call("eth_getProof", contract, [slot], hex(height))
    return {
        "header": header,
        "account_proof": found["accountProof"],
        "token": contract,
        "balance_slot": index,
        "storage_proof": found["storageProof"][0]["proof"],
    }
