"""Which chain, and the nodes through which it is asked."""

from __future__ import annotations

import argparse

from tarazy.chains.adapter import ChainAdapter
from tarazy.cli.errors import CliError
from tarazy.facility.custody.chain_kinds import check_chain
from tarazy.facility.custody.service import open_adapter


def add_nodes(parser: argparse.ArgumentParser) -> None:
    """Declare the nodes."""
    parser.add_argument(
        "--node", action="append", required=True, metavar="URL", help="a node of the chain; repeat it: all must agree"
    )
    parser.add_argument("--traces", action="store_true", help="the nodes trace: see what contracts pass on")


def adapter_of(arguments: argparse.Namespace, chain: str) -> ChainAdapter:
    """Return the adapter over the nodes. Raises: NodeError, CustodyInputError."""
    check_chain(chain)
    return open_adapter(chain, arguments.node, traces=arguments.traces)


def add_chain_nodes(parser: argparse.ArgumentParser) -> None:
    """Declare the nodes of several chains."""
    shape = "URL, or CHAIN=URL with wallets of several chains; repeat it"
    parser.add_argument(
        "--node", action="append", required=True, metavar="URL", help=f"{shape}: all of one chain must agree"
    )
    parser.add_argument("--second-node", action="append", metavar="URL", help=f"a node of the second watcher: {shape}")
    parser.add_argument("--traces", action="store_true", help="the nodes trace: see what contracts pass on")


def nodes_of(given: list[str], chain: str, chain_count: int) -> list[str]:
    """Return the URLs of one chain's nodes, from `URL` (one chain alone) or `CHAIN=URL`. Raises: CliError."""
    prefix = f"{chain}="
    named = [each.removeprefix(prefix) for each in given if each.startswith(prefix)]
    plain = [each for each in given if each.startswith(("http://", "https://"))]
    found = named + (plain if chain_count == 1 else [])
    if not found:
        raise CliError(f"expected a node of {chain} as {prefix}URL, found {len(given)} of other chains")
    return found
