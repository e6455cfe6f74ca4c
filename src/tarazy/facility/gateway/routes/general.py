"""Ping, the server's time, and what there is to trade by which rules."""

from __future__ import annotations

import re
from typing import Any

from tarazy.facility.gateway.dialect.exchange_info import symbol_plain
from tarazy.facility.gateway.endpoint import Endpoint, GatewayRequest, Security
from tarazy.facility.gateway.routes.symbol_choice import chosen, names_of
from tarazy.oversight.requests.errors import BAD_COMBINATION, INVALID_PARAMETER, DialectError

PERMISSION = "SPOT"  # of every market here
PERMISSIONS = re.compile("SPOT|MARGIN|LEVERAGED|TRD_GRP_[0-9]{3}")  # enums.md


async def ping(asked: GatewayRequest) -> Any:
    """Answer."""
    return {}


async def server_time(asked: GatewayRequest) -> Any:
    """Return the server's time in milliseconds."""
    return {"serverTime": asked.gateway.authenticator.clock_us() // 1_000}


async def exchange_info(asked: GatewayRequest) -> Any:
    """Return limits and symbols: all, or those that are named, in a state, or of a permission."""
    gateway, parameters = asked.gateway, asked.parameters
    has_names = parameters.has("symbol") or parameters.has("symbols")
    if parameters.has("symbolStatus") and has_names:
        message = "Combination of optional parameters invalid."
        raise DialectError(BAD_COMBINATION, message, found="symbolStatus with symbol or symbols")
    found = chosen(asked).symbols if PERMISSION in wanted_permissions(asked) else []
    shows_sets = parameters.flag("showPermissionSets", True)
    symbols = [symbol_plain(gateway.models.venue, symbol) for symbol in found]
    return {
        "timezone": "UTC",
        "serverTime": gateway.authenticator.clock_us() // 1_000,
        "rateLimits": [limit.plain for limit in gateway.limits.limits],
        "exchangeFilters": [],
        "symbols": symbols if shows_sets else [each | {"permissionSets": []} for each in symbols],
    }


def wanted_permissions(asked: GatewayRequest) -> list[str]:
    """Return the permissions of which symbols must have one. Raises: DialectError."""
    names = names_of(asked.parameters.text("permissions") or PERMISSION)
    unknown = [name for name in names if PERMISSIONS.fullmatch(name) is None]
    if unknown:
        raise DialectError(INVALID_PARAMETER, "Data sent for parameter 'permissions' is not valid.")
    return names


ENDPOINTS = {
    ("GET", "/api/v3/ping"): Endpoint(ping, Security.NONE),
    ("GET", "/api/v3/time"): Endpoint(server_time, Security.NONE),
    ("GET", "/api/v3/exchangeInfo"): Endpoint(exchange_info, Security.NONE, 20),
}
