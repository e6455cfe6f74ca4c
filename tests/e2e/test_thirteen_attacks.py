"""Thirteen ways to fake solvency, each tried by an operator that holds the facility's key and makes its own files.

Each is caught by what the supervisor computes: from the journal, from its own node, from what other licensees claim.
Where a client alone can see it, that is tested too. Who did it before: Maxwell-type sum trees (1, 2), "Broken Proofs
of Solvency" (FC'22 workshop: 3), exchanges without a bulletin board (4), statistical attacks (5), borrowing for the
snapshot (6), two exchanges with one wallet (7), FTX and Celsius (8, 12), FTT and dummy users (9), key generation by
the prover (10), valued sums (11), reserves that left after the signature (13).
"""

from __future__ import annotations

import copy
import json
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from eth_keys import keys

from tarazy.chains.evm.code import keccak256
from tarazy.chains.evm.state_proof import header_bytes
from tarazy.cli.main import main
from tarazy.domain.records import EventKind, RequestWithdrawal
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.oversight.solvency.control import control_checks
from tarazy.oversight.solvency.coverage import coverage_of
from tarazy.oversight.solvency.examine import contradictions, heights_of_lack, shared_reserves
from tarazy.oversight.solvency.reserves import ReserveLine, ReservesPoint, checked_lines, control_message
from tarazy.oversight.solvency.verify_solvency_proof import NotProved, check
from tarazy.spec import withdrawals
from tarazy.spec.ledger import Ledger, LedgerAccount
from tarazy.spec.liabilities import Entry, node
from tarazy.spec.venue import Venue

from ..devchain import DevChain
from .crook import Crook
from .records import Record, made_record

BTC, USD = 1, 2
CHAIN = "eip155:31337"
ETHER = 10**18


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return made_record(tmp_path_factory.mktemp("attacks"))


@pytest.fixture
def crook(record: Record) -> Crook:
    return Crook(record)


def supervisor_accepts(record: Record, values: Any, folder: Path) -> bool:
    """Say whether the supervisor's command accepts a file against its own copy of the journal."""
    file = folder / "file.json"
    file.write_text(json.dumps(values))
    return main(["proof", "verify", str(file), "--journal", str(record.directory)]) == 0


def client_accepts(values: Any) -> bool:
    """Say whether the script that clients have accepts a proof."""
    try:
        return bool(check(values)["signed"])
    except NotProved:
        return False


def test_supervisor_and_clients_accept_what_is_honest(crook: Crook, record: Record, tmp_path: Path) -> None:
    """The attacks below change one thing in files made this way."""
    report, proofs = crook.files(tmp_path / "made", 1, 40)
    assert client_accepts(proofs[40])
    assert supervisor_accepts(record, proofs[1], tmp_path)
    assert supervisor_accepts(record, report, tmp_path)
    assert client_accepts(crook.proof_from(BTC, crook.amounts(BTC), node, 40))


# ------------------------------------------------------------------ what is owed


def test_attack_1_negative_balance_hides_debt(crook: Crook, record: Record, tmp_path: Path) -> None:
    """Account 2 is given minus half of what all are owed, as a number that wraps around 128 bits."""

    def wrapping(left: Entry, right: Entry) -> Entry:
        total = (left[1] + right[1]) % (1 << 128)
        data = left[0] + left[1].to_bytes(16, "little") + right[0] + right[1].to_bytes(16, "little")
        return sha256(b"\1" + data).digest(), total

    amounts = crook.amounts(BTC)
    amounts[2] = (1 << 128) - sum(amounts.values()) // 2
    beside = crook.proof_from(BTC, amounts, wrapping, 3)
    far = crook.proof_from(BTC, amounts, wrapping, 40)
    assert int(far["assets"][0]["accounts"]["amount_minor"]) < int(
        record.report["assets"][0]["accounts"]["amount_minor"]
    )
    assert not client_accepts(beside)
    assert not supervisor_accepts(record, far, tmp_path)
    crook.state.ledger.balance(2, BTC).available.minor = amounts[2]
    with pytest.raises(ValueError, match="128 bits"):  # and the product makes no such tree
        crook.files(tmp_path / "made")


def test_attack_2_parent_binds_only_the_sum(crook: Crook, record: Record, tmp_path: Path) -> None:
    """With the sum alone under the hash a sibling's amount could be shown lower; no such tree is accepted here."""

    def sum_alone(left: Entry, right: Entry) -> Entry:
        total = left[1] + right[1]
        return sha256(b"\1" + left[0] + right[0] + total.to_bytes(16, "little")).digest(), total

    proof = crook.proof_from(BTC, crook.amounts(BTC), sum_alone, 40)
    assert not client_accepts(proof)
    assert not supervisor_accepts(record, proof, tmp_path)
    moved = copy.deepcopy(record.proof)
    low, high = moved["balances"][0], moved["balances"][0]["path"][0]
    low["amount_minor"], high["amount_minor"] = (
        str(int(each["amount_minor"]) + by) for each, by in ((low, 5), (high, -5))
    )
    assert not client_accepts(moved)


def test_attack_3_same_leaf_shown_to_two_users(crook: Crook, record: Record, tmp_path: Path) -> None:
    """Accounts 40 and 41 have the same balance; the operator counts one leaf and shows it to both."""
    crook.state.ledger.balance(41, BTC).available.minor = 0
    crook.state.ledger.balance(41, BTC).held.minor = 0
    _, proofs = crook.files(tmp_path / "made", 40)
    as_41 = copy.deepcopy(proofs[40]) | {"account_id": 41}
    assert client_accepts(proofs[40])
    assert not client_accepts(as_41)
    file = tmp_path / "shown-to-41.json"
    file.write_text(json.dumps(proofs[40]))
    assert main(["proof", "verify", str(file), "--account", "41"]) == 1
    assert not supervisor_accepts(record, proofs[40], tmp_path)
    shown_hashes = {each["hash"] for row in record.proof["balances"] for each in row["path"]}
    assert {len(each) for each in shown_hashes} == {64}  # 256 bits, never cut


def test_attack_4_different_roots_to_different_users(crook: Crook, record: Record, tmp_path: Path) -> None:
    """Each client gets a tree in which it stands and others do not; two clients who compare have the proof of it."""
    honest = record.proof
    crook.state.ledger.balance(7, BTC).available.minor = 0
    _, proofs = crook.files(tmp_path / "made", 41)
    assert client_accepts(honest)
    assert client_accepts(proofs[41])
    found = contradictions([check(honest), check(proofs[41])])
    assert [(each.seq, set(each.roots)) for each in found] == [(record.seq, {honest["root"], proofs[41]["root"]})]
    assert not contradictions([check(honest), check(honest)])
    assert supervisor_accepts(record, honest, tmp_path)
    assert not supervisor_accepts(record, proofs[41], tmp_path)


def test_attack_5_users_who_never_check_are_left_out(crook: Crook, record: Record, tmp_path: Path) -> None:
    """Every client who checks is content; the total is too low by what the others have."""
    silent = [5, 6, 8]
    for account_id in silent:
        balance = crook.state.ledger.balance(account_id, BTC)
        balance.available.minor = balance.held.minor = 0
    report, proofs = crook.files(tmp_path / "made", 1, 2, 40)
    assert all(map(client_accepts, proofs.values()))
    assert int(report["assets"][0]["accounts"]["amount_minor"]) < sum(Crook(record).amounts(BTC).values())
    report["assets"][0]["liabilities_minor"] = str(
        sum(int(report["assets"][0][name]["amount_minor"]) for name in ("accounts", "receipts"))
    )
    assert not supervisor_accepts(record, report, tmp_path)


def test_attack_8_debts_that_are_left_out(crook: Crook, record: Record, tmp_path: Path) -> None:
    """Receipts whose owner is not known are dropped from what is owed; an overdraft is shown as money in the bank."""
    crook.state.receipts.clear()
    report, _ = crook.files(tmp_path / "made")
    assert (
        int(report["assets"][0]["receipts"]["amount_minor"])
        == 0
        < int(record.report["assets"][0]["receipts"]["amount_minor"])
    )
    assert not supervisor_accepts(record, report, tmp_path)
    line = bank_line(USD, "-5000000", "a")
    point = ReservesPoint("f", 1, {})
    (checked,) = checked_lines([line], point)
    assert (checked.counted_minor, checked.faults) == (0, ("an overdraft is a debt, not a reserve",))


def test_attack_10_forging_with_the_provers_own_secret(crook: Crook, record: Record, tmp_path: Path) -> None:
    """Schemes with a setup can be forged by whoever made it. Here the only secret is the facility's key, and who has
    it can
    sign any total; clients cannot tell, and whoever replays can. The supervisor's side takes nothing secret."""
    for account_id, amount in crook.amounts(BTC).items():
        crook.state.ledger.balance(account_id, BTC).available.minor = amount // 10
        crook.state.ledger.balance(account_id, BTC).held.minor = 0
    _, proofs = crook.files(tmp_path / "made", 40)
    assert client_accepts(proofs[40])
    assert not supervisor_accepts(record, proofs[40], tmp_path)


def test_attack_12_hidden_credit_line_in_the_engine(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator runs an engine that lets account 1 take what it does not have. The record that it signs is refused
    by a
    replay at that very command: the flag is not in the state machine that the record names."""
    directory = tmp_path / "venue"
    shutil.copytree(record.directory, directory)
    shutil.copytree(Path(f"{record.directory}.keys"), Path(f"{directory}.keys"))
    assert main(["replay", str(directory), "--engine", "spec"]) == 0

    def take(self: Ledger, account: LedgerAccount, minor: int, totals: list[int]) -> None:
        account.minor -= minor
        totals[account.kind] -= minor

    with monkeypatch.context() as crooked:
        crooked.setattr(withdrawals, "check_available", lambda *_: None)
        crooked.setattr(Ledger, "_take", take)
        sequencer = Sequencer.open(directory, Venue, keep_timestamps=True)
        engine = sequencer.engine
        amount = 65 * 10**9 * 10**8
        command = RequestWithdrawal(
            ts_ns=engine.last_ts_ns, account_id=1, asset_id=USD, amount_minor=amount, destination_hash=b"\x11" * 32
        )
        events = sequencer.execute(command.pack())
        assert int.from_bytes(events[:2], "little") == EventKind.withdrawal_requested
        assert isinstance(engine, Venue)
        assert engine.state.ledger.balance(1, USD).available.minor < 0
        sequencer.close()
    assert main(["replay", str(directory), "--engine", "spec"]) == 1


# ------------------------------------------------------------------ what lies against it


class Wallet:
    """A key of a chain and its address."""

    def __init__(self, seed: str) -> None:
        self.key = keys.PrivateKey(sha256(seed.encode()).digest())
        self.address = str(self.key.public_key.to_address())

    def control(self, message: bytes) -> str:
        """Sign a message as wallets do (EIP-191, version 0x45)."""
        digest = keccak256(b"\x19Ethereum Signed Message:\n" + str(len(message)).encode() + message)
        signature = self.key.sign_msg_hash(digest).to_bytes()
        return "0x" + (signature[:64] + bytes([signature[64] + 27])).hex()


def address_line(chain: DevChain, wallet: Wallet, facility_id: str, seq: int, height: int | None = None) -> Any:
    """Return a line of reserves as an operator makes it at a block: balance, control and state proof."""
    number = chain.number if height is None else height
    block = chain.ask("eth_getBlockByNumber", hex(number), False)
    proof = chain.ask("eth_getProof", wallet.address, [], hex(number))
    message = control_message(facility_id, seq, CHAIN, wallet.address, number, block["hash"])
    return {
        "kind": "address",
        "asset_id": 3,
        "amount_minor": str(int(proof["balance"], 16)),
        "observed_ns": str(int(block["timestamp"], 16) * 10**9),
        "location": "cold",
        "chain": CHAIN,
        "address": wallet.address,
        "height": str(number),
        "block_hash": block["hash"],
        "control": wallet.control(message),
        "state": {"header": "0x" + header_bytes(block).hex(), "account_proof": proof["accountProof"]},
    }


def bank_line(asset_id: int, amount_minor: str, account: str) -> Any:
    """Return a line of a bank's statement."""
    shared = {"kind": "bank_statement", "asset_id": asset_id, "amount_minor": amount_minor, "observed_ns": "1"}
    return shared | {"location": "bank", "account": account, "statement_sha256": "ab" * 32}


def read(rows: list[Any], chain: DevChain, facility_id: str, seq: int) -> list[ReserveLine]:
    """Read lines as the supervisor does, with its own node."""

    def known(_: str, height: int) -> bytes | None:
        block = chain.ask("eth_getBlockByNumber", hex(height), False)
        return bytes.fromhex(block["hash"][2:]) if block else None

    return checked_lines(rows, ReservesPoint(facility_id, seq, control_checks(), known))


def balance_at(chain: DevChain) -> Any:
    """Return how the supervisor asks its node for a balance at a height."""
    return lambda address, height: int(chain.ask("eth_getBalance", address, hex(height)), 16)


@pytest.fixture
def chain(anvil: str) -> DevChain:
    """Return a chain on which wallets can be paid and pay."""
    return DevChain(anvil)


def test_attack_6_reserves_borrowed_for_the_snapshot(chain: DevChain) -> None:
    """100 are owed all the time, 60 are there; 40 are lent for the block of the report and go back after it."""
    wallet, lender, owed = Wallet("facility"), chain.accounts[5], 100 * ETHER
    chain.send(wallet.address, value=60 * ETHER)
    chain.ask("anvil_mine", "0x5")
    chain.send(wallet.address, value=40 * ETHER, sender=lender)
    at = chain.number
    (line,) = read([address_line(chain, wallet, "f1", 9)], chain, "f1", 9)
    assert (line.grade, line.faults, line.counted_minor) == ("on_chain", (), owed)
    assert coverage_of({3: owed}, [line])[0].is_covered  # the snapshot alone looks right
    chain.ask("anvil_impersonateAccount", wallet.address)
    chain.send(lender, value=40 * ETHER, sender=wallet.address)
    chain.ask("anvil_mine", "0x3")
    found = heights_of_lack([wallet.address], [at - 2, at, at + 2], balance_at(chain), lambda _: owed)
    assert [each.height for each in found] == [at - 2, at + 2]
    assert found[0].reserves_minor == 60 * ETHER


def test_attack_7_one_address_backs_two_licensees(chain: DevChain) -> None:
    """Both control it and both files hold; one writes the address in capitals."""
    wallet = Wallet("shared")
    chain.send(wallet.address, value=7 * ETHER)
    first = read([address_line(chain, wallet, "f1", 9)], chain, "f1", 9)
    wallet.address = "0x" + wallet.address[2:].upper()
    second = read([address_line(chain, wallet, "f2", 5)], chain, "f2", 5)
    assert first[0].counted_minor == second[0].counted_minor == 7 * ETHER
    (shared,) = shared_reserves({"f1": first, "f2": second})
    assert (shared.asset_id, shared.facility_ids) == (3, ("f1", "f2"))
    assert not shared_reserves({"f1": first})


def test_attack_7_one_address_twice_in_one_list(chain: DevChain) -> None:
    wallet = Wallet("twice")
    chain.send(wallet.address, value=7 * ETHER)
    line = address_line(chain, wallet, "f1", 9)
    found = read([line, line], chain, "f1", 9)
    assert sum(each.counted_minor for each in found) == 7 * ETHER
    assert found[1].faults == ("it stands twice in the list",)


def test_attack_9_own_token_or_another_asset_as_backing() -> None:
    """Liabilities of 100 in USD; 1,000 of the group's own token and a surplus of 500 BTC lie there: USD is not
    covered.
    """
    lines = [
        ReserveLine("custodian", asset, f"c{asset}", amount, "attested", 1, (), "")
        for asset, amount in ((1, 600), (4, 1_000))
    ]
    btc, usd, own = coverage_of({BTC: 100, USD: 100}, lines, own_issues={4})
    assert btc.is_covered
    assert (usd.reserves_minor, usd.is_covered, usd.ratio_ppm) == (0, False, 0)
    assert (own.reserves_minor, own.is_own_issue, len(own.faults)) == (0, True, 1)
    (same,) = coverage_of({4: 10}, lines[1:], own_issues={4})
    assert not same.is_covered


def test_attack_11_prices_that_the_prover_chose() -> None:
    """A line that brings a price or a value is refused; ratios are units over units."""
    for name in ("price", "value_usd", "haircut_ppm"):
        with pytest.raises(NotProved, match=f"units alone, found the fields {name}"):
            checked_lines([bank_line(USD, "5", "a") | {name: "1000000"}], ReservesPoint("f", 1, {}))


def test_attack_13_reserves_moved_after_the_signature(chain: DevChain) -> None:
    """The coins leave one block after the signed one. The next look finds it, and the old signature serves for nothing
    else:
    not for the next report, not for a later block."""
    wallet, owed = Wallet("moved"), 50 * ETHER
    chain.send(wallet.address, value=owed)
    signed = address_line(chain, wallet, "f1", 9)
    at = chain.number
    assert read([signed], chain, "f1", 9)[0].counted_minor == owed
    chain.ask("anvil_impersonateAccount", wallet.address)
    chain.send(chain.accounts[4], value=owed - ETHER, sender=wallet.address)
    found = heights_of_lack([wallet.address], range(at, chain.number + 1), balance_at(chain), lambda _: owed)
    assert [each.height for each in found] == [at + 1]
    (stale,) = read([signed], chain, "f1", 10)
    assert stale.faults == ("control of the address is not proved over this block and this report",)
    later = address_line(chain, wallet, "f1", 10) | {"control": signed["control"], "amount_minor": str(owed)}
    (claimed,) = read([later], chain, "f1", 10)
    assert claimed.counted_minor == 0
    assert len(claimed.faults) == 2  # control over another block, and the state proves another balance


def test_attack_13_block_that_was_never_in_the_chain(chain: DevChain) -> None:
    """The block of the proof is not in the chain any more; the supervisor's node knows another one of its height."""
    wallet = Wallet("invented")
    chain.send(wallet.address, value=ETHER)
    line = address_line(chain, wallet, "f1", 9)
    chain.ask("anvil_reorg", 1, [])
    (found,) = read([line], chain, "f1", 9)
    assert any("another hash at the reader's node" in fault for fault in found.faults)
