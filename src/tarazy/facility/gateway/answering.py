"""One request from its bytes to plain data: counted, authenticated, handled, nothing of it left unread."""

from __future__ import annotations

from typing import Any

from tarazy.facility.accounts.api_keys import READ
from tarazy.facility.gateway.authentication import SignedRequest
from tarazy.facility.gateway.endpoint import CHANGES, Endpoint, GatewayRequest, Security
from tarazy.facility.gateway.gateway import Gateway
from tarazy.facility.gateway.limits import Header
from tarazy.facility.gateway.session_numbers import session_of_key
from tarazy.oversight.requests.errors import REJECTED_KEY, DialectError
from tarazy.oversight.requests.parameters import Parameters

Target = tuple[str, str]  # method and path
Bodies = tuple[bytes, bytes | None]  # the form, and the body where it is none


async def answered(
    gateway: Gateway,
    endpoint: Endpoint,
    query: bytes,
    body: bytes,
    key_id: str,
    address: str,
    target: Target = ("", ""),
) -> tuple[Any, list[Header]]:
    """Answer one request; return plain data and the headers about limits.

    Raises: DialectError.
    """
    gateway.limits.enter(address, endpoint.weight)
    signed: SignedRequest | None = None
    used = endpoint.weight
    try:
        if endpoint.security is Security.OFFICERS:
            parameters = Parameters.of(query, b"")
        elif endpoint.security is Security.NONE:
            parameters = Parameters.of(query, body)
        else:
            bodies = (b"", body) if endpoint.is_raw else (body, None)
            signed = identified(gateway, endpoint.security, query, bodies, key_id, address, target)
            parameters = signed.parameters
        session_id = session_of_key(signed.key.number) if signed is not None else 0
        asked = GatewayRequest(gateway, parameters, address, signed, body, session_id=session_id)
        plain = await endpoint.handler(asked)
        parameters.finish()
        used = 0 if endpoint.is_order else used
    finally:
        headers = gateway.limits.use(address, used)
    if endpoint.is_order and signed is not None:
        headers += gateway.limits.order_headers(signed.key.account_id)
    return plain, headers


def identified(
    gateway: Gateway, security: Security, query: bytes, bodies: Bodies, key_id: str, address: str, target: Target
) -> SignedRequest:
    """Return whose request it is; where a key is enough it has neither signature nor time.

    Raises: DialectError.
    """
    is_signed = security is not Security.KEY
    key = gateway.authenticator.key_of(key_id, address, security.value if is_signed else READ)
    if security is not Security.SUPERVISE and key.account_id not in gateway.models.venue.accounts.rows:
        raise DialectError(REJECTED_KEY, "Invalid API-key, IP, or permissions for action.", 401)
    form, raw = bodies
    if is_signed:
        return gateway.authenticator.signed(key, query, form, changes=security in CHANGES, target=target, raw=raw)
    return SignedRequest(key, Parameters.of(query, form), b"", 0)
