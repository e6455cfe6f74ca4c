"""Services that other exchanges have and this facility has not: each is refused with the rule that stands against it.

Sources with their grades: docs/reference/sources.md.
"""

from __future__ import annotations

from typing import NamedTuple


class ServiceNotHere(NamedTuple):
    """A service: how its paths begin, what it is, the rule, and what to do."""

    prefixes: tuple[str, ...]
    name: str
    citation: str
    advice: str


SERVICES = (
    ServiceNotHere(
        ("/sapi/v1/c2c", "/v1/p2p"),
        "peer-to-peer trading",
        "afsa/p2p",
        "Trade on the book: it needs a permission of its own, assets in escrow and approved banks.",
    ),
    ServiceNotHere(
        ("/sapi/v1/lending", "/sapi/v1/simple-earn", "/sapi/v1/loan", "/sapi/v2/loan", "/v1/lending"),
        "lending",
        "aifc_daa/2.13.3",
        "Lending is for professional clients alone, and this facility offers it to nobody.",
    ),
    ServiceNotHere(
        ("/sapi/v1/staking", "/sapi/v1/eth-staking", "/sapi/v1/sol-staking", "/v1/staking"),
        "staking",
        "aifc_bank_cooperation/3.1.4",
        "Withdraw the asset and stake it yourself; residents' staking counts towards the monthly cap.",
    ),
    ServiceNotHere(
        ("/sapi/v1/margin", "/sapi/v1/futures", "/fapi", "/dapi", "/eapi", "/papi", "/v1/derivatives"),
        "derivatives and margin",
        "aifc_daa/3.1-1(4)",
        "Orders are paid in full from what the account holds; there is no leverage.",
    ),
)


# What the dialect has under /api/v3 and this facility has not, and what to do instead.
ENDPOINTS_NOT_HERE = {
    "/api/v3/sor": "There is one book of each market: send POST /api/v3/order.",
    "/api/v3/myAllocations": "Orders are not routed, so there are no allocations: ask GET /api/v3/myTrades.",
    "/api/v3/myPreventedMatches": "An order that met one of its own owner is EXPIRED_IN_MATCH: ask GET /api/v3/order.",
    "/api/v3/orderList/opo": "Send POST /api/v3/orderList/oto.",
    "/api/v3/orderList/opoco": "Send POST /api/v3/orderList/otoco.",
    "/api/v3/order/oco": "Send POST /api/v3/orderList/oco, which has taken its place.",
    "/api/v3/order/amendments": "An order shows its newest quantity: ask GET /api/v3/order.",
    "/api/v3/myFilters": "The filters of all accounts are in GET /api/v3/exchangeInfo.",
    "/api/v3/executionRules": "Ask GET /api/v3/referencePrice, and exchangeInfo for PERCENT_PRICE_BY_SIDE.",
    "/api/v3/referencePrice/calculation": "Officers give it when they open a market, and each auction anew.",
    "/api/v3/historicalBlockTrades": "Ask GET /v1/block-trades.",
}


def advice_on(path: str) -> str:
    """Return what to do instead of asking an endpoint of the dialect that is not here; empty of any other path."""
    return next((advice for prefix, advice in ENDPOINTS_NOT_HERE.items() if f"{path}/".startswith(f"{prefix}/")), "")


def service_not_here(path: str) -> ServiceNotHere | None:
    """Return the service that a path asks for, None where it is none of these."""
    for service in SERVICES:
        if any(path == prefix or path.startswith(f"{prefix}/") for prefix in service.prefixes):
            return service
    return None
