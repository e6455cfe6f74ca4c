"""`POST /v1/instructions`: a signed instruction from this machine, executed while the facility is served."""

from __future__ import annotations

from typing import Any

from tarazy.facility.gateway.endpoint import GatewayRequest, Security
from tarazy.facility.gateway.native.operation import (
    Operation,
    fields,
    listed,
    number_schema,
    text_schema,
)


async def take_instruction(asked: GatewayRequest) -> Any:
    """Order what officers signed; answered when it is durable, with what came of each command."""
    asked.parameters.finish()
    return await asked.gateway.instructions.take_text(asked.body, asked.address)


ANSWER = fields(("advice",), seq=number_schema, command=text_schema, refused=text_schema, advice=text_schema)
OPERATIONS = (
    Operation(
        "POST",
        "/v1/instructions",
        take_instruction,
        Security.OFFICERS,
        "Hand in a complete draft as `tarazy instruct sign` leaves it, from the facility's own machine",
        fields(
            first_seq=number_schema,
            time=text_schema,
            took_ms={"type": "number"},
            refused=number_schema,
            answers=listed(ANSWER),
        ),
        weight=10,
        section="officers",
        body={"type": "object", "description": "the draft"},
    ),
)
