"""Lines of reserves from custody: balances at one block, proved under its state root, and control signed over that
block.

The keys are those of custody's wallets (HSM or file); an address whose key is not at hand, because it lies offline,
gets its signature from elsewhere: `message_of` says what has to be signed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tarazy.chains.adapter import NATIVE, BlockReference, ChainAdapter
from tarazy.chains.evm.chain import EvmChain
from tarazy.chains.evm.node import Node
from tarazy.chains.evm.state_proof import header_bytes, mapping_slot
from tarazy.domain.records import CustodyLocation
from tarazy.facility.banking.book import BankBook
from tarazy.facility.custody.chain_kinds import prove
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.reconciliation.bank_legs import bank_balances
from tarazy.facility.reconciliation.chain_side import NS_PER_S, HeldThere, chain_moment, held_there
from tarazy.oversight.solvency.reserves import RESERVES_FORMAT, control_message

# (address row's wallet, place, digest) -> signature r | s, None where the key is not here.
SignAt = Callable[[HeldThere], "Callable[[bytes], bytes] | None"]


def message_of(facility_id: str, seq: int, chain: str, address: str, block: BlockReference) -> bytes:
    """Return what the keys of an address sign."""
    return control_message(facility_id, seq, chain, address, block.height, block.block_hash)


def address_lines(
    store: CustodyStore,
    adapter: ChainAdapter,
    facility_id: str,
    seq: int,
    sign_at: SignAt,
    balance_slots: dict[str, int] | None = None,
) -> list[dict[str, Any]]:
    """Return a line for each of the client estate's addresses on a chain that holds something, all at one block.

    An EVM balance is proved under the block's state root; `balance_slots` is by token: the index of the mapping that
    holds balances, as its source has it; a token without one is shown without proof. Bitcoin has no such root: what
    counts is the set of unspent outputs of an own node. Where a key is not here, `control` is empty: `message_of` says
    what is signed elsewhere. Raises: NodeError; ReconciliationError where the watcher is behind the chain.
    """
    moment, lines = chain_moment(store, adapter), []
    block = moment.block
    header = header_of(adapter, block) if isinstance(adapter, EvmChain) else ""
    for each in held_there(store, adapter.chain):
        amount_minor = moment.balances[each.key].amount_minor
        if not amount_minor:
            continue
        sign, message = sign_at(each), message_of(facility_id, seq, adapter.chain, each.row.address, block).decode()
        key = bytes.fromhex(each.row.public_key)
        line = {
            "kind": "address",
            "asset_id": each.asset.asset_id,
            "amount_minor": str(amount_minor),
            "observed_ns": str(block.time_s * NS_PER_S),
            "location": each.wallet.tier,
            "chain": adapter.chain,
            "address": each.row.address,
            "height": str(block.height),
            "block_hash": block.block_hash,
            "control": "" if sign is None else prove(adapter.chain, each.row.address, message, key, sign),
        }
        if isinstance(adapter, EvmChain):
            state = _state(adapter.nodes[0], each, block.height, header, balance_slots or {})
            line |= {} if state is None else {"state": state}
        lines.append(line)
    return lines


def header_of(adapter: EvmChain, block: BlockReference) -> str:
    """Return the header of a block as hexadecimal digits with 0x."""
    found = adapter.nodes[0].call("eth_getBlockByNumber", hex(block.height), False)
    return "0x" + header_bytes(found).hex()


def bank_lines(book: BankBook) -> list[dict[str, Any]]:
    """Return a line for each account of client money: its last booked statement, by the hash of the bank's file."""
    return [
        {
            "kind": "bank_statement",
            "asset_id": key.asset_id,
            "amount_minor": str(known.amount_minor),
            "observed_ns": str(known.at_ns),
            "location": CustodyLocation(key.location).name,
            "account": key.account,
            "statement_sha256": known.evidence.hex(),
        }
        for key, known in sorted(bank_balances(book).items())
    ]


def reserves_file(facility_id: str, seq: int, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a reserves file."""
    return {"format": RESERVES_FORMAT, "facility_id": facility_id, "seq": str(seq), "lines": lines}


def unsigned(values: dict[str, Any]) -> list[dict[str, str]]:
    """Return what has still to be signed: chain, address, and the message for its keys."""
    found = []
    for line in values["lines"]:
        if line["kind"] == "address" and not line["control"]:
            block = BlockReference(int(line["height"]), line["block_hash"], "", 0)
            terms = (values["facility_id"], int(values["seq"]), line["chain"], line["address"], block)
            found.append({"chain": line["chain"], "address": line["address"], "message": message_of(*terms).decode()})
    return found


def with_control(values: dict[str, Any], proofs: Mapping[str, str]) -> dict[str, Any]:
    """Return a file with proofs of control that were made elsewhere, by `CHAIN/ADDRESS`; lines with one keep theirs."""

    def signed(line: dict[str, Any]) -> dict[str, Any]:
        if line["kind"] != "address" or line["control"]:
            return line
        return line | {"control": proofs.get(f"{line['chain']}/{line['address']}", "")}

    return values | {"lines": [signed(line) for line in values["lines"]]}


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
