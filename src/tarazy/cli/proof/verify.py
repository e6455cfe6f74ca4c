"""`tarazy proof verify FILE`: check a report or a client's proof; with --journal also against a replay.

Exit codes: 0 it holds and the facility signed it; 1 it does not hold; 3 it holds, but nobody signed its root, and no
journal was given that confirms it.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tarazy.cli.arguments import digest, positive
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.cli.proof.points import state_after
from tarazy.cli.proof.reserves_file import coverage_as_json, covered, lines_of_report, say_coverage
from tarazy.cli.reconciliation.sides import add_chain_node
from tarazy.facility.custody.chain_kinds import check_chain
from tarazy.facility.custody.service import open_adapter
from tarazy.journal.identity import load_identity
from tarazy.oversight.solvency.errors import SolvencyError
from tarazy.oversight.solvency.own_nodes import OwnNodes
from tarazy.oversight.solvency.recompute import compare_with_replay
from tarazy.oversight.solvency.report import check_file

NOT_SIGNED = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the act's arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a report or a client's proof")
    parser.add_argument(
        "--account", type=positive, metavar="N", help="refuse a proof for another account than this one"
    )
    parser.add_argument("--facility-key", type=digest, metavar="HEX", help="the facility's key, from elsewhere")
    parser.add_argument(
        "--journal", type=Path, metavar="DIR", help="replay this journal and compare, as a supervisor does"
    )
    add_chain_node(parser, "of your own: blocks and balances of the report are compared with what it says")
    parser.add_argument(
        "--from-height", type=int, default=0, metavar="N", help="with --node: read Bitcoin's blocks from here on (0)"
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Check one file."""
    values, found = check_file(arguments.file)
    with ExitStack() as stack:
        nodes = own_nodes(arguments, values, stack)
        coverage = None if "account_id" in found else covered(found["totals"], lines_of_report(values, found, nodes))
    check_expected(arguments, found)
    if arguments.journal is not None:
        check_replayed(arguments.journal, found)
    confirmed = found["signed"] or arguments.journal is not None
    say(output, found, arguments)
    result = {"ok": True, "replayed": arguments.journal is not None} | shown(found)
    if coverage is not None:
        say_coverage(output, coverage)
        result["coverage"] = coverage_as_json(coverage)
    output.result(result)
    return 0 if confirmed else NOT_SIGNED


def own_nodes(arguments: argparse.Namespace, values: Any, stack: ExitStack) -> OwnNodes | None:
    """Return the reader's nodes over the addresses of a report, None where there are none; the stack closes them."""
    urls: dict[str, list[str]] = {}
    for chain, url in arguments.node:
        check_chain(chain)
        urls.setdefault(chain, []).append(url)
    if not urls:
        return None
    named: dict[str, set[str]] = {}
    for line in values.get("reserves", []):
        if isinstance(line, dict) and line.get("kind") == "address":
            named.setdefault(str(line.get("chain")), set()).add(str(line.get("address")))
    if not set(named) <= set(urls):
        raise CliError(f"expected --node CHAIN=URL for {', '.join(sorted(named))}, found {', '.join(sorted(urls))}")
    adapters = {chain: open_adapter(chain, nodes) for chain, nodes in urls.items()}
    for adapter in adapters.values():
        stack.callback(adapter.close)
    return OwnNodes(adapters, named, arguments.from_height)


def check_expected(arguments: argparse.Namespace, found: dict[str, Any]) -> None:
    """Refuse a file about another account or under another key than was asked for. Raises: SolvencyError."""
    key = arguments.facility_key.hex() if arguments.facility_key else None
    for word, expected, is_said in (
        ("account", arguments.account, found.get("account_id")),
        ("the facility's key", key, found.get("facility_key")),
    ):
        if expected not in (None, is_said):
            raise SolvencyError(expected=f"{word} {expected}", found=str(is_said), action="Ask for your own proof.")


def check_replayed(directory: Path, found: dict[str, Any]) -> None:
    """Compare a file with what a replay of the journal gives. Raises: SolvencyError."""
    facility_id = load_identity(directory).facility_id.hex()
    if facility_id != found["facility_id"]:
        raise SolvencyError(
            expected=f"the journal of facility {found['facility_id']}",
            found=f"that of {facility_id}",
            action="Give the journal that the file is about.",
        )
    compare_with_replay(found, state_after(directory, found["seq"]))


def shown(found: dict[str, Any]) -> dict[str, Any]:
    """Return what was found as plain values: amounts as digits, as JSON readers round large numbers."""
    amounts = ("totals", "balances", "names")
    return {
        name: {str(key): str(amount) for key, amount in value.items()} if name in amounts else value
        for name, value in found.items()
    }


def say(output: Output, found: dict[str, Any], arguments: argparse.Namespace) -> None:
    """Say what a file shows."""
    whose = f"account {found['account_id']}" if "account_id" in found else "the report"
    output.say(
        f"{whose}, after command {found['seq']:,} of facility {found['facility_id']}: it holds", style="bold green"
    )
    for asset_id, amount_minor in found.get("balances", {}).items():
        output.say(f"  asset {asset_id}: {amount_minor} minor units, within {found['totals'][asset_id]}")
    if found["signed"]:
        known = "" if arguments.facility_key else "; compare this key with the authority's register"
        output.say(f"signed by {found['facility_key']}{known}")
    elif arguments.journal is None:
        output.say("signed nowhere: give --journal DIR to compare it with a replay", style="yellow")
    if arguments.journal is not None:
        output.say("a replay of the journal gives the same liabilities and the same root")
