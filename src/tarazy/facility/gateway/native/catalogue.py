"""All operations of the native API, and the document that describes them."""

from __future__ import annotations

from typing import Any

from tarazy.facility.gateway.endpoint import GatewayRequest, Security
from tarazy.facility.gateway.native import (
    batch,
    block_operations,
    confirmation,
    history,
    instructions,
    market,
    orders,
    record,
    statement,
    venue,
    withdrawals,
    year_certificate,
)
from tarazy.facility.gateway.native.openapi import document
from tarazy.facility.gateway.native.operation import Operation, endpoints

SECTIONS = (
    history,
    statement,
    year_certificate,
    confirmation,
    withdrawals,
    orders,
    batch,
    block_operations,
    market,
    venue,
    record,
    instructions,
)


async def openapi(asked: GatewayRequest) -> Any:
    """Return the OpenAPI document."""
    return DOCUMENT


OPERATIONS = (
    *(each for section in SECTIONS for each in section.OPERATIONS),
    Operation(
        "GET",
        "/v1/openapi.json",
        openapi,
        Security.NONE,
        "This document",
        {"type": "object"},
        section="facility",
    ),
)
DOCUMENT = document(OPERATIONS)
ENDPOINTS = {**endpoints(OPERATIONS), **withdrawals.ENDPOINTS}
