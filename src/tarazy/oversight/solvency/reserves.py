"""The reserves side of a report: one line for each thing that lies against the liabilities, by its evidence.

A line is read strictly: a field that is not known here, such as a price, is refused, so nothing but units of an asset
is ever compared with units of the same asset. Three kinds:
    address          an address on a chain at a block, with proof of control over `control_message`, and proof of the
    balance bank_statement   the closing balance of an account, with the SHA-256 of the bank's statement custodian
    what a third party says that it keeps, with the SHA-256 of its signed statement; shown apart
Grades, from the strongest: `on_chain` (balance proved under the block's state root, control proved over this very
block), `bank_message`, `attested`. What has a fault counts nothing. Whether the block is in the chain, and the
statement the bank's, the reader checks with a node and a bank of its own: `known_blocks`, `known_balances` (outputs of
Bitcoin, which has no state root), `statements`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tarazy.chains.evm.state_proof import (
    StateProofError,
    mapping_slot,
    proved_account,
    proved_slot,
    read_header,
)
from tarazy.oversight.solvency.verify_solvency_proof import NotProved, field, hexadecimal, need, number

RESERVES_FORMAT = "tarazy reserves 1"
LINES_MAX = 1_000_000
U64_MAX = (1 << 64) - 1
NO_STATE_ROOT = "bip122:"  # Bitcoin and its kin: a reader's own node says what is unspent
ON_CHAIN, BANK_MESSAGE, ATTESTED = "on_chain", "bank_message", "attested"
# (chain, address, message, proof) -> whether the proof shows control. By the part of the chain's name before the colon.
ControlChecks = Mapping[str, Callable[[str, str, bytes, str], bool]]
# (chain, height) -> the hash that the reader's own node gives, None where it has no such block.
KnownBlocks = Callable[[str, int], bytes | None]
# (chain, address, height) -> what the reader's own node says, for chains without a proof of state.
KnownBalances = Callable[[str, str, int], int]
SHARED_FIELDS = {"kind", "asset_id", "amount_minor", "observed_ns", "location"}
FIELDS = {
    "address": SHARED_FIELDS | {"chain", "address", "height", "block_hash", "control", "state"},
    "bank_statement": SHARED_FIELDS | {"account", "statement_sha256"},
    "custodian": SHARED_FIELDS | {"custodian", "statement_sha256", "height"},
}


class ReservesPoint(NamedTuple):
    """What lines are read against: the facility and command of the report, and the reader's own means."""

    facility_id: str
    seq: int
    control_checks: ControlChecks
    known_blocks: KnownBlocks | None = None
    statements: frozenset[str] | None = None
    known_balances: KnownBalances | None = None


class ReserveLine(NamedTuple):
    """One line after it was checked; a line with faults counts nothing. Amounts: minor units of its asset."""

    kind: str
    asset_id: int
    name: str
    amount_minor: int
    grade: str
    observed_ns: int
    faults: tuple[str, ...]
    location: str

    @property
    def counted_minor(self) -> int:
        """Return what the line adds to the reserves."""
        return 0 if self.faults else self.amount_minor


def control_message(facility_id: str, seq: int, chain: str, address: str, height: int, block_hash: str) -> bytes:
    """Return what the keys of an address sign: whose reserves, for which report, as of which block.

    The block's hash cannot be known before the block, and the command not be changed after: a signature serves once.
    """
    lines = ("tarazy reserves 1", f"facility {facility_id}", f"command {seq}", f"chain {chain}")
    more = (f"address {address}", f"height {height}", f"block {block_hash}")
    return "".join(f"{line}\n" for line in (*lines, *more)).encode()


def read_reserves(values: Any, point: ReservesPoint) -> list[ReserveLine]:
    """Return the checked lines of a reserves file. Raises: NotProved where it is none, or about another point."""
    need(field(values, "format", str) == RESERVES_FORMAT, f"expected the format {RESERVES_FORMAT!r}")
    need(field(values, "facility_id", str) == point.facility_id, "the reserves are those of another facility")
    need(number(values, "seq", U64_MAX) == point.seq, f"the reserves are for another command than {point.seq}")
    return checked_lines(field(values, "lines", list), point)


def checked_lines(rows: list[Any], point: ReservesPoint) -> list[ReserveLine]:
    """Return lines after they were checked, one by one and for repetitions. Raises: NotProved."""
    need(len(rows) <= LINES_MAX, f"expected at most {LINES_MAX} lines, found {len(rows)}")
    found: list[ReserveLine] = []
    seen: set[tuple[str, int, str]] = set()
    for row in rows:
        line = _checked(row, point)
        key = line.kind, line.asset_id, line.name
        if key in seen:
            line = line._replace(faults=(*line.faults, "it stands twice in the list"))
        seen.add(key)
        found.append(line)
    return found


def _checked(row: Any, point: ReservesPoint) -> ReserveLine:
    """Return one line. Raises: NotProved where it is not well formed."""
    kind = field(row, "kind", str)
    need(kind in FIELDS, f"expected a line of the kind {', '.join(FIELDS)}, found {kind!r}")
    unknown = sorted(set(row) - FIELDS[kind])
    need(not unknown, f"expected units alone, found the fields {', '.join(unknown)}")
    observed_ns, location = number(row, "observed_ns", U64_MAX), field(row, "location", str)
    asset_id, text = field(row, "asset_id", int), field(row, "amount_minor", str)
    if kind == "bank_statement" and text.startswith("-"):
        owed = ReserveLine(kind, asset_id, field(row, "account", str), 0, BANK_MESSAGE, observed_ns, (), location)
        return owed._replace(faults=("an overdraft is a debt, not a reserve",))
    amount_minor = number(row, "amount_minor")
    if kind == "address":
        name, grade, faults = _address(row, amount_minor, point)
    else:
        name = field(row, "account" if kind == "bank_statement" else "custodian", str)
        digest = hexadecimal(row, "statement_sha256", 32).hex()
        grade = BANK_MESSAGE if kind == "bank_statement" else ATTESTED
        is_missing = point.statements is not None and digest not in point.statements
        faults = [f"no statement with the SHA-256 {digest} is here"] if is_missing else []
    return ReserveLine(kind, asset_id, name, amount_minor, grade, observed_ns, tuple(faults), location)


def _address(row: Any, amount_minor: int, point: ReservesPoint) -> tuple[str, str, list[str]]:
    """Return the name of an address, the grade of its amount, and what is wrong with it."""
    chain, address = field(row, "chain", str), field(row, "address", str)
    height, block_hash = number(row, "height", U64_MAX), field(row, "block_hash", str)
    name = f"{chain}/{canonical_address(chain, address)}"
    faults = []
    check = point.control_checks.get(chain.partition(":")[0])
    message = control_message(point.facility_id, point.seq, chain, address, height, block_hash)
    proof = field(row, "control", str)
    if check is None:
        faults.append(f"nothing here checks control on {chain}")
    elif not check(chain, address, message, proof):
        faults.append("control of the address is not proved over this block and this report")
    if point.known_blocks is not None:
        known = point.known_blocks(chain, height)
        if known is None or known.hex() != block_hash.removeprefix("0x"):
            faults.append(f"block {height} of {chain} has another hash at the reader's node")
    state = row.get("state")
    if state is None and point.known_balances is not None and chain.startswith(NO_STATE_ROOT):
        held = point.known_balances(chain, address, height)
        if held != amount_minor:
            faults.append(f"the reader's node says {held}, not {amount_minor}")
        return name, ON_CHAIN, faults
    if state is None:
        return name, ATTESTED, faults
    try:
        proved = proved_amount(state, address, height, block_hash)
        if proved != amount_minor:
            faults.append(f"the block's state proves {proved}, not {amount_minor}")
    except (StateProofError, NotProved) as error:
        faults.append(f"the balance is not proved: {error}")
    return name, ON_CHAIN, faults


def canonical_address(chain: str, address: str) -> str:
    """Return the one form of an address in which two claims on it are seen to be on the same.

    Hexadecimal and Bech32 addresses (BIP-173) are the same in capitals; Base58 ones are not.
    """
    is_one_case = chain.startswith("eip155:") or address.lower().startswith(("bc1", "tb1", "bcrt1"))
    return address.lower() if is_one_case else address


def proved_amount(state: Any, address: str, height: int, block_hash: str) -> int:
    """Return what an address held at a block of an EVM chain: the native currency, or of a token its mapping's word.

    `state`: `header`, `account_proof`, and for a token `token`, `token_proof`, `balance_slot` (index of the mapping
    that holds the balances, as the token's source has it) and `storage_proof`; all bytes as hexadecimal digits with
    0x.
    Raises: StateProofError, NotProved.
    """
    header = read_header(_bytes(field(state, "header", str)))
    need(header.block_hash.hex() == block_hash.removeprefix("0x"), "the header is that of another block")
    need(header.number == height, f"the header is that of block {header.number}")
    holder = _bytes(address)
    nodes = [_bytes(each) for each in field(state, "account_proof", list)]
    if state.get("token") is None:
        return proved_account(header, holder, nodes).balance_wei
    contract = proved_account(header, _bytes(field(state, "token", str)), nodes)
    slot = mapping_slot(holder, field(state, "balance_slot", int))
    return proved_slot(contract, slot, [_bytes(each) for each in field(state, "storage_proof", list)])


def _bytes(text: Any) -> bytes:
    """Return the bytes of hexadecimal digits with 0x. Raises: NotProved."""
    need(isinstance(text, str) and text.startswith("0x"), "expected hexadecimal digits with 0x")
    try:
        return bytes.fromhex(text[2:])
    except ValueError as error:
        raise NotProved(f"expected hexadecimal digits, found {text[:40]!r}") from error
