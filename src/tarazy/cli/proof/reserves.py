"""`tarazy proof reserves DIR --at SEQ --node CHAIN=URL ...`: what lies against the liabilities, line by line.

Addresses of the client estate with their balance at one block and proof of control over it, accounts of client money
by their last statement, coins at a third-party custodian by its signed statement. Where keys lie offline the file waits
for their signatures: `FILE.sign.json` says what is signed, and a second call with --complete and --control joins them.
Exit code 0: whole; 1: signatures are missing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tarazy.cli.arguments import add_journal, positive
from tarazy.cli.custody.wallet_arguments import add_wallet_keys, wallet_keys
from tarazy.cli.errors import CliError
from tarazy.cli.facility.digests import file_digest
from tarazy.cli.output import Output
from tarazy.cli.reconciliation.sides import add_chain_node, open_chains
from tarazy.facility.banking.book import BankBook, book_beside
from tarazy.facility.custody.store import CustodyStore, custody_beside
from tarazy.facility.reconciliation.chain_side import HeldThere
from tarazy.facility.solvency.reserve_lines import address_lines, bank_lines, reserves_file, unsigned, with_control
from tarazy.journal.identity import load_identity
from tarazy.platform.storage.files import write_whole

FILE_BYTES_MAX = 1 << 28
CUSTODIAN_FIELDS = {"custodian", "asset_id", "amount_minor", "height", "observed_ns", "statement"}
ONLINE = ("hot", "warm")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    add_journal(parser)
    parser.add_argument("--at", type=positive, metavar="SEQ", help="the command of the report")
    add_chain_node(parser, "of a chain")
    add_wallet_keys(parser)
    parser.add_argument(
        "--balance-slot",
        type=slot,
        action="append",
        default=[],
        metavar="TOKEN=N",
        help="index of a token's mapping of balances, so that they are proved too; repeatable",
    )
    parser.add_argument(
        "--custodian", type=Path, metavar="FILE", help="lines of coins at a custodian: a JSON list, see the page"
    )
    parser.add_argument("--complete", type=Path, metavar="FILE", help="add signatures to this file, nothing else")
    parser.add_argument("--control", type=Path, metavar="FILE", help="signatures made elsewhere, by CHAIN/ADDRESS")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the reserves file to write")


def slot(text: str) -> tuple[str, int]:
    """Return (token, index) from TOKEN=N."""
    token, equals, index = text.partition("=")
    if not equals or not token.startswith("0x") or not index.isdecimal():
        raise argparse.ArgumentTypeError(f"expected TOKEN=N, an address and an index, found {text[:80]!r}")
    return token.lower(), int(index)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Write one reserves file."""
    values = completed(arguments) if arguments.complete else collected(arguments)
    waiting = unsigned(values)
    write_whole(arguments.out, json.dumps(values, indent=1, sort_keys=True).encode() + b"\n")
    beside = arguments.out.with_name(f"{arguments.out.name}.sign.json")
    if waiting:
        write_whole(beside, json.dumps(waiting, indent=1).encode() + b"\n")
        output.say(f"{len(waiting)} addresses wait for their keys: {beside} says what is signed", style="yellow")
    output.say(f"wrote {arguments.out} with {len(values['lines'])} lines")
    shown = str(beside) if waiting else None
    output.result({"file": str(arguments.out), "lines": len(values["lines"]), "waiting": len(waiting), "sign": shown})
    return 1 if waiting else 0


def completed(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return a file with signatures that were made elsewhere. Raises: CliError, OSError."""
    if arguments.control is None:
        raise CliError("expected --control FILE with --complete, found none")
    values, proofs = read(arguments.complete, dict), read(arguments.control, dict)
    facility_id = load_identity(arguments.directory).facility_id.hex()
    if values.get("facility_id") != facility_id or not isinstance(values.get("lines"), list):
        raise CliError(f"{arguments.complete}: expected a reserves file of facility {facility_id}, found another")
    if not all(isinstance(each, str) for each in proofs.values()):
        raise CliError(f"{arguments.control}: expected signatures as text by CHAIN/ADDRESS, found another value")
    return with_control(values, proofs)


def collected(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the file of what custody and the bank book have now. Raises: CliError, NodeError, ReconciliationError."""
    if arguments.at is None:
        raise CliError("expected --at SEQ, found none: the signatures are over the report's command")
    facility_id, lines = load_identity(arguments.directory).facility_id.hex(), list[dict[str, Any]]()
    custody, banks = custody_beside(arguments.directory), book_beside(arguments.directory)
    with ExitStack() as stack:
        if custody.exists():
            store = stack.enter_context(CustodyStore(custody))
            for adapter in open_chains(store, arguments.node, stack):
                terms = (store, adapter, facility_id, arguments.at, signing(arguments))
                lines += address_lines(*terms, dict(arguments.balance_slot))
        if banks.exists():
            lines += bank_lines(stack.enter_context(BankBook(banks)))
    if arguments.custodian is not None:
        lines += [custodian_line(arguments.custodian, each) for each in read(arguments.custodian, list)]
    return reserves_file(facility_id, arguments.at, lines)


def signing(arguments: argparse.Namespace) -> Callable[[HeldThere], Callable[[bytes], bytes] | None]:
    """Return what signs for an address: the keys of one-key wallets that are online, nothing for others."""

    def sign_at(each: HeldThere) -> Callable[[bytes], bytes] | None:
        if each.wallet.descriptor or each.wallet.tier not in ONLINE:
            return None
        if arguments.seed_file is None and arguments.pkcs11 is None:
            return None
        keys = wallet_keys(arguments, each.wallet.wallet)
        if keys.public_key(each.row.place).hex() != each.row.public_key:
            return None
        return lambda digest: keys.sign(each.row.place, digest)

    return sign_at


def custodian_line(path: Path, row: Any) -> dict[str, Any]:
    """Return the line of coins at a custodian; `statement` is the file that it signed. Raises: CliError, OSError."""
    if not isinstance(row, dict) or set(row) != CUSTODIAN_FIELDS:
        raise CliError(f"{path}: expected objects with {', '.join(sorted(CUSTODIAN_FIELDS))}, found another")
    statement = path.parent / str(row["statement"])
    told = {name: row[name] for name in ("custodian", "asset_id", "amount_minor", "height", "observed_ns")}
    return {"kind": "custodian", "location": "custodian", "statement_sha256": file_digest(statement).hex(), **told}


def read(path: Path, kind: type) -> Any:
    """Return what a JSON file holds. Raises: CliError, OSError."""
    with path.open("rb") as file:
        text = file.read(FILE_BYTES_MAX + 1)
    try:
        found = json.loads(text) if len(text) <= FILE_BYTES_MAX else None
    except ValueError:
        found = None
    if not isinstance(found, kind):
        raise CliError(f"{path}: expected JSON with {'an object' if kind is dict else 'a list'}, found something else")
    return found
