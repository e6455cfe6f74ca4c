"""GET /api/v1/supported_chains: the chains whose state this service can read, by name of the API."""

from __future__ import annotations

from collections.abc import Iterable

# Names of well-known chains by chain id; any other is named by its number.
NAMES: dict[int, str] = {
    1: "Ethereum",
    10: "Optimism",
    25: "Cronos",
    56: "BSC",
    66: "OKC",
    100: "Gnosis",
    128: "HECO",
    137: "Polygon",
    250: "Fantom",
    321: "KCC",
    324: "zkSync Era",
    1337: "Development chain",
    5000: "Mantle",
    8453: "Base",
    31337: "Development chain",
    42161: "Arbitrum",
    43114: "Avalanche",
    59144: "Linea Mainnet",
    534352: "Scroll",
    11155111: "Sepolia",
}
# What is answered for every chain with a node; the other names of the format have no chain here.
APIS = frozenset(
    "token_security address_security approval_security token_approval_security nft721_approval_security"
    " nft1155_approval_security input_decode rugpull_detecting transaction_simulation locks".split()
)


def chain_name(chain_id: int) -> str:
    """Return the name of a chain."""
    return NAMES.get(chain_id, f"Chain {chain_id}")


def supported_chains(chain_ids: Iterable[int], api: str | None) -> list[dict[str, str]]:
    """Return the chains of one API, or of all where none is named; an API that is not answered has no chain."""
    if api and api not in APIS:
        return []
    return [{"name": chain_name(each), "id": str(each)} for each in sorted(chain_ids)]
