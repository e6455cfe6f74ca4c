"""`order.place` of a plain order over the WebSocket API: no task of its own, and an answer written as text.

A request that is not plain, or not right, is answered by the general path (`ApiSession`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tarazy.facility.gateway.direct.admitting import Admitted, Admitting, SignedValues
from tarazy.facility.gateway.gateway import Gateway
from tarazy.oversight.requests.document import socket_payload
from tarazy.platform.web.encoding import encode

METHOD, WEIGHT = "order.place", 1


class PlainRequest(NamedTuple):
    """A plain order that was admitted, by the id of its request."""

    request_id: Any
    admitted: Admitted


class SocketOrders:
    """Admits plain orders of one connection, and writes their answers."""

    def __init__(self, gateway: Gateway, address: str) -> None:
        self._limits, self._address = gateway.limits, address
        self.admitting = Admitting(gateway)
        self._use = encode(self._limits.weight.limit.plain).decode().removesuffix("}")

    def admit(self, values: dict[str, str], session_id: int) -> Admitted | None:
        """Return an order with its own key and signature, counted; None where the general path must look at it."""
        key_id, signature = values.get("apiKey"), values.get("signature")
        if key_id is None or signature is None or not session_id:
            return None
        rest = {name: value for name, value in values.items() if name != "signature"}
        payload = socket_payload(rest)
        del rest["apiKey"]
        return self.admitting.admit(SignedValues(key_id, signature, payload, rest), self._address, session_id)

    def answer(self, request: PlainRequest, result: str) -> str:
        """Return the answer with a result that is JSON text."""
        request_id = encode(request.request_id).decode()
        used = self._limits.used_weight(self._address)
        return f'{{"id":{request_id},"status":200,"result":{result},"rateLimits":[{self._use},"count":{used}}}]}}'
