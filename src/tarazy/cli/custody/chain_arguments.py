"""Which chain, and the nodes through which it is asked."""

from __future__ import annotations

import argparse

from tarazy.chains.adapter import ChainAdapter
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
