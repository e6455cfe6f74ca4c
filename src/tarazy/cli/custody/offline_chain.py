"""An address in its one spelling, without asking a node."""

from __future__ import annotations

from tarazy.chains.adapter import ChainAdapter
from tarazy.chains.bitcoin.chain import BitcoinChain
from tarazy.chains.evm.chain import EvmChain
from tarazy.facility.custody.chain_kinds import EVM, bitcoin_network, check_chain


def adapter_without_nodes(chain: str) -> ChainAdapter:
    """Return an adapter that knows addresses and asks nobody. Raises: CustodyInputError."""
    check_chain(chain)
    network = bitcoin_network(chain)
    return BitcoinChain([], network) if network else EvmChain([], int(chain.removeprefix(EVM)))
