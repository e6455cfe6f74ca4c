"""The adapter of Bitcoin on a real node: every output once, blocks that prove themselves, reorganisations, payments."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import coincurve
import pytest
from embit import bip32
from embit.descriptor import Descriptor
from embit.ec import PrivateKey
from embit.networks import NETWORKS

from tarazy.chains.adapter import NATIVE, Arrival, NodesDisagreeError
from tarazy.chains.bitcoin.addresses import script_of
from tarazy.chains.bitcoin.blocks import read_block
from tarazy.chains.bitcoin.chain import BitcoinChain
from tarazy.chains.bitcoin.node import BitcoinNode
from tarazy.chains.bitcoin.payments import (
    InputsShortError,
    Payout,
    Unspent,
    fee_minor,
    finished,
    joined,
    make_payment,
    outpoints_of,
    payouts_of,
    read_draft,
    sign_input,
)
from tarazy.chains.bitcoin.proof_of_control import control_digest, encoded, proves_control, sign_control
from tarazy.chains.errors import NodeError, NodeMalformedError, NodeRefusedError
from tarazy.chains.secp256k1 import SignDigest, der

from ....btc_chain import COIN, MINER, MINER_ADDRESS, BtcChain, running_btcd
from ....servers import HostileNode

ROOTS = [
    bip32.HDKey.from_seed(sha256(b"cold %d" % number).digest(), NETWORKS["regtest"]["xprv"]) for number in (1, 2, 3)
]
KEYS = ",".join(
    f"[{root.my_fingerprint.hex()}/48h/1h/0h/2h]{root.derive('m/48h/1h/0h/2h').to_public()}/<0;1>/*" for root in ROOTS
)
COLD = Descriptor.from_string(f"wsh(sortedmulti(2,{KEYS}))")


@pytest.fixture(scope="module")
def chain(btcd: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BtcChain]:
    with running_btcd(btcd, tmp_path_factory.mktemp("btcd")) as found:
        yield found


def adapter(chain: BtcChain, *others: str) -> BitcoinChain:
    return BitcoinChain([BitcoinNode(url) for url in (chain.url, *others)], "regtest")


def own(index: int, branch: int = 0) -> Descriptor:
    return COLD.derive(index, branch_index=branch)


def address(index: int, branch: int = 0) -> str:
    found: str = own(index, branch).address(NETWORKS["regtest"])
    return found


def sign(root: bip32.HDKey, index: int) -> tuple[bytes, SignDigest]:
    """Return the public key of a cold address and what signs with it."""
    key = root.derive(f"m/48h/1h/0h/2h/0/{index}").key
    return key.get_public_key().sec(), lambda digest: sign_raw(key, digest)


def test_two_outputs_to_one_address_are_two_arrivals(chain: BtcChain) -> None:
    raw = chain.pay((address(1), 5 * COIN), (address(1), 5 * COIN))
    chain.mine()
    found = adapter(chain)
    changes = found.changes(found.block(found.height()), frozenset({address(1)}), frozenset({NATIVE}))
    assert [(each.output, each.amount_minor) for each in changes.arrivals] == [(0, 5 * COIN), (1, 5 * COIN)]
    txid = changes.arrivals[0].transaction
    mined = found.mined(txid)
    assert mined is not None
    assert mined.height == found.height()
    assert found.is_unspent(txid, 0, 5 * COIN)
    assert not found.is_unspent(txid, 0, 5 * COIN + 1)
    found.broadcast(raw)  # the nodes have it: no fault


def test_block_that_was_changed_on_its_way_is_refused(chain: BtcChain) -> None:
    chain.pay((address(2), COIN))
    chain.mine()
    raw = bytearray.fromhex(chain.ask("getblock", chain.ask("getbestblockhash"), 0))
    assert len(read_block(bytes(raw)).transactions) == 2
    paid = raw.index(script_of(address(2), "regtest"))
    for place in (40, paid + 5, paid - 5):  # the root, the script, the amount
        changed = bytearray(raw)
        changed[place] ^= 1
        with pytest.raises(ValueError, match="expected"):
            read_block(bytes(changed))
    for wrong in (bytes(raw[:-1]), bytes(raw) + b"\0", b""):
        with pytest.raises(ValueError, match="expected"):
            read_block(wrong)


def test_node_that_lies_about_a_block_is_found_out(chain: BtcChain, hostile_node: HostileNode) -> None:
    """It hides a payment: the block that it gives is not the one that the hash names."""
    chain.pay((address(3), COIN))
    chain.mine()
    before = chain.ask("getblock", chain.ask("getblockhash", chain.height - 1), 0)

    def lie(handler: object, request: dict[str, object]) -> None:
        result = chain.ask(str(request["method"]), *request["params"])  # type: ignore[misc]
        result = before if request["method"] == "getblock" else result
        handler.answer(json.dumps({"id": request["id"], "result": result, "error": None}).encode())  # type: ignore[attr-defined]

    hostile_node.behave = lie
    with pytest.raises(NodeError, match="found block"):
        BitcoinChain([BitcoinNode(hostile_node.url)], "regtest").block(chain.height)


def test_nodes_on_two_forks_disagree(chain: BtcChain, btcd: Path, tmp_path: Path) -> None:
    with running_btcd(btcd, tmp_path, blocks=5) as other:
        found = adapter(chain, other.url)
        assert found.height() == 5
        with pytest.raises(NodesDisagreeError):
            found.block(5)


def test_node_that_answers_nonsense_is_malformed(hostile_node: HostileNode) -> None:
    def garble(handler: object, request: dict[str, object]) -> None:
        handler.answer(json.dumps({"id": request["id"], "result": "ten", "error": None}).encode())  # type: ignore[attr-defined]

    hostile_node.behave = garble
    with pytest.raises(NodeMalformedError):
        BitcoinNode(hostile_node.url).height()


def test_reorganised_payment_is_gone_and_may_be_mined_again(chain: BtcChain) -> None:
    raw = chain.pay((address(4), COIN))
    chain.mine()
    found = adapter(chain)
    before = found.block(found.height())
    (arrival,) = found.changes(before, frozenset({address(4)}), frozenset({NATIVE})).arrivals
    chain.reorganise(1)
    assert found.block(before.height).block_hash != before.block_hash
    assert found.mined(arrival.transaction) is None
    chain.reorganise(1, raw)
    found = adapter(chain)
    mined = found.mined(arrival.transaction)
    assert mined is not None
    again = found.changes(found.block(mined.height), frozenset({address(4)}), frozenset({NATIVE}))
    assert again.arrivals == (arrival,)


def test_two_of_three_sign_and_the_node_takes_it(chain: BtcChain) -> None:
    chain.pay((address(7), 3 * COIN))
    chain.mine()
    found = adapter(chain)
    block = found.block(found.height())
    (arrival,) = found.changes(block, frozenset({address(7)}), frozenset({NATIVE})).arrivals
    coin = Unspent(arrival.transaction, arrival.output, arrival.amount_minor, str(own(7)))
    draft = make_payment([coin], [Payout(MINER_ADDRESS, COIN)], str(own(7, 1)), "regtest", 2_000)
    assert outpoints_of(draft) == [(arrival.transaction, arrival.output)]
    assert [each.address for each in payouts_of(draft, "regtest")] == [MINER_ADDRESS, address(7, 1)]
    raw = draft.serialize()
    first, second = read_draft(raw), read_draft(raw)
    for part, root in ((first, ROOTS[0]), (second, ROOTS[2])):
        key, with_key = sign(root, 7)
        sign_input(part, 0, key, with_key)
        assert finished(part) is None
    whole = finished(joined([first, second]))
    assert whole is not None
    found.broadcast(whole)
    chain.mine()
    spent = found.changes(
        found.block(found.height()),
        frozenset(),
        frozenset({NATIVE}),
        frozenset({(arrival.transaction, arrival.output)}),
    ).spent
    assert [outpoint for outpoint, _ in spent] == [(arrival.transaction, arrival.output)]
    # The estimate of the size is not below the real one, and near it: weight is (3 * stripped + whole) / 4.
    stripped = len(draft.tx.serialize())
    vbytes = (3 * stripped + len(whole) + 3) // 4
    assert vbytes * 2 <= fee_minor(draft) <= vbytes * 2 + 80


def test_inputs_that_are_too_few_say_what_is_missing() -> None:
    coin = Unspent("11" * 32, 0, 1_000, str(own(1)))
    with pytest.raises(InputsShortError, match="expected unspent outputs of 5203 satoshi, found 1000"):
        make_payment([coin], [Payout(MINER_ADDRESS, 5_000)], str(own(1, 1)), "regtest", 1_000)


def test_replacement_spends_what_it_replaces() -> None:
    coins = [Unspent(f"{n:02x}" * 32, 0, n * 10_000, str(own(n))) for n in (1, 2, 3)]
    first = make_payment(coins[:1], [Payout(MINER_ADDRESS, 5_000)], str(own(1, 1)), "regtest", 1_000)
    must = frozenset(outpoints_of(first))
    later = make_payment(coins, [Payout(MINER_ADDRESS, 5_000)], str(own(1, 1)), "regtest", 9_000, must)
    assert must <= set(outpoints_of(later))
    assert fee_minor(later) > fee_minor(first)


def test_refused_transaction_is_an_error(chain: BtcChain) -> None:
    coin = next(chain.coins())
    chain.pay((MINER_ADDRESS, COIN), coin=coin)
    chain.mine()
    spent_again = chain.pay((address(1), COIN), coin=coin, send=False)
    with pytest.raises(NodeRefusedError):
        adapter(chain).broadcast(spent_again)


# ---------------------------------------------------------------- proof of control, BIP-322's own vectors

VECTOR_ADDRESS = "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l"
VECTORS = {
    b"": "AkcwRAIgM2gBAQqvZX15ZiysmKmQpDrG83avLIT492QBzLnQIxYCIBaTpOaD20qRlEylyxFSeEA2ba9YOixpX8z46TSDtS40ASECx/Eg"
    "AxlkQpQ9hYjgGu6EBCPMVPwVIVJqO4XCsMvViHI=",
    b"Hello World": "AkcwRAIgZRfIY3p7/DoVTty6YZbWS71bc5Vct9p9Fia83eRmw2QCICK/ENGfwLtptFluMGs2KsqoNSk89pO7F29zJLUx9a"
    "/sASECx/EgAxlkQpQ9hYjgGu6EBCPMVPwVIVJqO4XCsMvViHI=",
}


@pytest.mark.parametrize("message", VECTORS)
def test_proofs_of_the_standard_hold_for_their_message_alone(message: bytes) -> None:
    assert proves_control(VECTOR_ADDRESS, "main", message, VECTORS[message])
    for other in VECTORS:
        assert proves_control(VECTOR_ADDRESS, "main", other, VECTORS[message]) == (other == message)
    assert not proves_control(MINER_ADDRESS, "regtest", message, VECTORS[message])
    for wrong in ("", "AAAA", VECTORS[message][:-4], VECTORS[message] + "AAAA", "!" * 9, "A" * 5000):
        assert not proves_control(VECTOR_ADDRESS, "main", message, wrong)


def test_own_proof_of_one_key_holds() -> None:
    def with_key(digest: bytes) -> bytes:
        return sign_raw(MINER, digest)

    proof = sign_control(MINER_ADDRESS, "regtest", b"ours", MINER.sec(), with_key)
    assert proves_control(MINER_ADDRESS, "regtest", b"ours", proof)
    assert not proves_control(MINER_ADDRESS, "regtest", b"theirs", proof)


def sign_raw(key: PrivateKey, digest: bytes) -> bytes:
    found: bytes = coincurve.PrivateKey(key.secret).sign_recoverable(digest, hasher=None)[:64]
    return found


def test_two_of_three_prove_control_and_one_does_not() -> None:
    script, witness_script = script_of(address(9), "regtest"), own(9).witness_script().data
    digest = control_digest(script, b"cold", witness_script)
    pairs = sorted((sign(root, 9) for root in ROOTS), key=lambda pair: pair[0])
    signatures = [der(with_key(digest)) + b"\1" for _, with_key in pairs]
    assert proves_control(address(9), "regtest", b"cold", encoded([b"", *signatures[:2], witness_script]))
    assert proves_control(address(9), "regtest", b"cold", encoded([b"", signatures[0], signatures[2], witness_script]))
    for wrong in (signatures[:1], signatures[1::-1], [signatures[0]] * 2, signatures):
        assert not proves_control(address(9), "regtest", b"cold", encoded([b"", *wrong, witness_script]))


@pytest.mark.parametrize(
    "wrong", ["", "bc1q9vza2e8x573nczrlzms0wvx3gsqjx7vavgkx0l", MINER_ADDRESS[:-1], "x" * 200, "ÿ"]
)
def test_address_of_no_or_another_network_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="expected an address of the network regtest"):
        script_of(wrong, "regtest")


def test_arrival_is_a_plain_value() -> None:
    assert Arrival("a", 0, NATIVE, "b", 1).is_exact
