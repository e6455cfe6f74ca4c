"""Requests of people who are logged in at the pages: the same endpoints, limits and order path as those of programs.

The page has no API key. What proves the person is the session, which the pages check with the form's token; here its
account takes the place of the key's. In the record the request stands without a key (number 0) and with the hash of
what was sent and by whom.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from tarazy.facility.accounts.api_keys import READ, TRADE, AccountKey
from tarazy.facility.gateway.authentication import SignedRequest
from tarazy.facility.gateway.endpoint import Endpoint, GatewayRequest
from tarazy.facility.gateway.gateway import Gateway
from tarazy.oversight.requests.errors import REJECTED_KEY, DialectError
from tarazy.oversight.requests.parameters import Parameters

NO_KEY = 0
IN_TIME_US = 5_000_000
SCOPES = frozenset({READ, TRADE})


class PersonRequest(GatewayRequest):
    """A request of a person; what was not named by the page is named by chance, as no two of them are the same."""


def request_of(
    gateway: Gateway, account_id: int, person: str, values: Mapping[str, str], address: str, session_id: int = 0
) -> PersonRequest:
    """Return the request of a person for one of its accounts; its orders bear the number of the login's session.

    Raises: DialectError where the record does not have the account.
    """
    if account_id not in gateway.models.venue.accounts.rows:
        raise DialectError(REJECTED_KEY, "This account is not in the record.", 401)
    text = "&".join(f"{name}={value}" for name, value in sorted(values.items()))
    nonce = secrets.token_hex(16)
    digest = sha256(f"person {person} {nonce}?{text}".encode()).digest()
    key = AccountKey(NO_KEY, "", account_id, person, SCOPES, (), 0, None, None, None)
    parameters = Parameters(values)
    deadline_us = gateway.authenticator.clock_us() + IN_TIME_US
    signed = SignedRequest(key, parameters, digest, deadline_us)
    return PersonRequest(gateway, parameters, address, signed, session_id=session_id)


async def answered_for_person(endpoint: Endpoint, asked: PersonRequest) -> Any:
    """Answer one request within the limits of its address and account; return plain data.

    Raises: DialectError.
    """
    limits = asked.gateway.limits
    limits.enter(asked.address, endpoint.weight)
    used = endpoint.weight
    try:
        plain = await endpoint.handler(asked)
        asked.parameters.finish()
        used = 0 if endpoint.is_order else used
    finally:
        limits.use(asked.address, used)
    return plain
