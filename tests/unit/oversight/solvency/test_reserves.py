"""Lines of reserves: what each grade needs, and what makes a line count nothing."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from coincurve import PrivateKey

from tarazy.chains.bitcoin.addresses import CHAINS
from tarazy.facility.custody.chain_kinds import of_key, prove
from tarazy.oversight.solvency.control import control_checks
from tarazy.oversight.solvency.coverage import coverage_of
from tarazy.oversight.solvency.reserves import ReserveLine, ReservesPoint, checked_lines, control_message, read_reserves
from tarazy.oversight.solvency.verify_solvency_proof import NotProved

REGTEST = CHAINS["regtest"]
FACILITY, SEQ, BLOCK = "ab" * 16, 9, "0x" + "cd" * 32
STATEMENT = "ef" * 32


def bitcoin_line(seed: str = "a", amount: int = 700, facility: str = FACILITY) -> dict[str, Any]:
    """Return a line of a Bitcoin address, with its proof of control by BIP-322."""
    key = PrivateKey(sha256(seed.encode()).digest())
    public = key.public_key.format()
    address = of_key(REGTEST, public).address
    message = control_message(facility, SEQ, REGTEST, address, 100, BLOCK).decode()
    control = prove(REGTEST, address, message, public, lambda digest: key.sign_recoverable(digest, hasher=None)[:64])
    shared = {"kind": "address", "asset_id": 1, "amount_minor": str(amount), "observed_ns": "5", "location": "cold"}
    return shared | {"chain": REGTEST, "address": address, "height": "100", "block_hash": BLOCK, "control": control}


def read(*rows: Any, **reader: Any) -> list[ReserveLine]:
    """Return lines after the checks of a reader."""
    return checked_lines(list(rows), ReservesPoint(FACILITY, SEQ, control_checks(), **reader))


def test_address_without_a_proof_of_state_is_attested_until_the_readers_node_confirms_it() -> None:
    assert [(line.grade, line.counted_minor) for line in read(bitcoin_line())] == [("attested", 700)]
    (confirmed,) = read(bitcoin_line(), known_balances=lambda *_: 700)
    assert (confirmed.grade, confirmed.counted_minor) == ("on_chain", 700)
    (denied,) = read(bitcoin_line(), known_balances=lambda *_: 699)
    assert (denied.counted_minor, denied.faults) == (0, ("the reader's node says 699, not 700",))


def test_control_over_another_facilitys_report_counts_nothing() -> None:
    (line,) = read(bitcoin_line(facility="00" * 16))
    assert line.faults == ("control of the address is not proved over this block and this report",)


def test_address_in_capitals_is_the_same_address() -> None:
    """BIP-173: a Bech32 address is the same in capitals."""
    line = bitcoin_line()
    again = line | {"address": line["address"].upper()}
    assert [each.name for each in read(line, again)] == [f"{REGTEST}/{line['address']}"] * 2
    assert "it stands twice in the list" in read(line, again)[1].faults


def test_statement_that_the_reader_does_not_have_counts_nothing() -> None:
    bank = {"kind": "bank_statement", "asset_id": 2, "amount_minor": "5", "observed_ns": "1", "location": "bank"}
    bank |= {"account": "KZ", "statement_sha256": STATEMENT}
    assert read(bank, statements=frozenset({STATEMENT}))[0].counted_minor == 5
    (line,) = read(bank, statements=frozenset())
    assert line.faults == (f"no statement with the SHA-256 {STATEMENT} is here",)


def test_chain_that_nobody_can_check_counts_nothing() -> None:
    (line,) = read(bitcoin_line() | {"chain": "cosmos:hub"})
    assert "nothing here checks control on cosmos:hub" in line.faults


@pytest.mark.parametrize(
    "change",
    [
        {"amount_minor": "-1"},
        {"amount_minor": 7},
        {"kind": "promise"},
        {"height": "x"},
        {"control": None},
        {"asset_id": "1"},
    ],
)
def test_line_that_is_not_well_formed_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(NotProved):
        read(bitcoin_line() | change)


def test_file_for_another_facility_or_command_is_refused() -> None:
    point = ReservesPoint(FACILITY, SEQ, {})
    values = {"format": "tarazy reserves 1", "facility_id": FACILITY, "seq": "9", "lines": []}
    assert read_reserves(values, point) == []
    for change in ({"seq": "8"}, {"facility_id": "00" * 16}, {"format": "tarazy reserves 2"}):
        with pytest.raises(NotProved):
            read_reserves(values | change, point)


def test_ratio_is_rounded_down_and_the_oldest_evidence_counts() -> None:
    """200 of 300 is 666,666 parts per million and no more; evidence of 10 s and 40 s ago."""
    second = 10**9
    lines = [ReserveLine("custodian", 1, str(at), 100, "attested", at * second, (), "") for at in (90, 60)]
    (found,) = coverage_of({1: 300}, lines)
    shown = found.plain(100 * second)
    assert (shown["ratio_ppm"], shown["oldest_evidence_s"], shown["custodian_minor"]) == (666_666, 40, "200")
    assert coverage_of({1: 0}, [])[0].ratio_ppm is None
