"""Ping, the server's time, and what there is to trade by which rules."""

from __future__ import annotations

from typing import Any

from tarazy.facility.gateway.dialect.exchange_info import symbol_plain
from tarazy.facility.gateway.endpoint import Endpoint, GatewayRequest, Security
from tarazy.oversight.requests.errors import REPEATED_SYMBOL, DialectError


async def ping(asked: GatewayRequest) -> Any:
    """Answer."""
    return {}


async def server_time(asked: GatewayRequest) -> Any:
    """Return the server's time in milliseconds."""
    return {"serverTime": asked.gateway.authenticator.clock_us() // 1_000}


async def exchange_info(asked: GatewayRequest) -> Any:
    """Return limits and symbols: all, or those that are named."""
    gateway, parameters = asked.gateway, asked.parameters
    one, several = parameters.text("symbol"), parameters.text("symbols")
    for name in ("permissions", "showPermissionSets", "symbolStatus"):
        parameters.text(name)
    if one is not None:
        found = [gateway.symbols.find(one)]
    elif several is not None:
        found = [gateway.symbols.find(name) for name in names_of(several)]
    else:
        found = list(gateway.symbols.all())
    return {
        "timezone": "UTC",
        "serverTime": gateway.authenticator.clock_us() // 1_000,
        "rateLimits": [limit.plain for limit in gateway.limits.limits],
        "exchangeFilters": [],
        "symbols": [symbol_plain(gateway.models.venue, symbol) for symbol in found],
    }


def names_of(text: str) -> list[str]:
    """Return the names of a list such as `["BTCUSD","ETHUSD"]`.

    Raises: DialectError where one stands twice: a short question would have a long answer.
    """
    names = [name for name in text.strip("[]").replace('"', "").replace(" ", "").split(",") if name]
    if len(set(names)) < len(names):
        raise DialectError(REPEATED_SYMBOL, "Symbol is present multiple times in the list.")
    return names


ENDPOINTS = {
    ("GET", "/api/v3/ping"): Endpoint(ping, Security.NONE),
    ("GET", "/api/v3/time"): Endpoint(server_time, Security.NONE),
    ("GET", "/api/v3/exchangeInfo"): Endpoint(exchange_info, Security.NONE, 20),
}
