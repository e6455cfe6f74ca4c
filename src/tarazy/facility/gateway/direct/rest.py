"""`POST /api/v3/order` of a plain order: from the request's head to the answer without a layer between.

It does what middleware, endpoint and handler do together for a request that is right: the name by which the service is
asked, the limits, one line of the access log, the headers. Every other request takes the general path.
"""

from __future__ import annotations

import asyncio
import logging
import time

from tarazy.facility.gateway.direct.admitting import Admitted, Admitting, SignedValues
from tarazy.facility.gateway.direct.outcomes import text_at_once, text_of
from tarazy.facility.gateway.direct.reading import query_values
from tarazy.facility.gateway.gateway import Gateway
from tarazy.facility.gateway.limits import Header
from tarazy.oversight.requests.errors import DialectError
from tarazy.platform.refusals import NOT_READY, RefusedError
from tarazy.platform.web.bodies import Scope
from tarazy.platform.web.encoding import encode
from tarazy.platform.web.middleware import SECURITY_HEADERS, Middleware, Send

METHOD, PATH = "POST", "/api/v3/order"
SIGNATURE = b"&signature="
LOG = logging.getLogger("tarazy.gateway")
JSON: Header = (b"content-type", b"application/json")
NOT_PLAIN = frozenset((b"origin", b"sec-fetch-site", b"transfer-encoding"))
WEIGHT, UNKNOWN = 1, -1000
FAILED = encode({"code": UNKNOWN, "msg": "An unknown error occurred while processing the request."})
RestAnswer = tuple[int, str, bytes, list[Header]]  # status, reason of a refusal, body, headers about limits


class RestOrders:
    """Answers plain orders over REST. `request_s`: how long a request may take, as in the middleware."""

    def __init__(self, gateway: Gateway, middleware: Middleware, request_s: float) -> None:
        self._gateway, self._middleware, self._request_s = gateway, middleware, request_s
        self._admitting = Admitting(gateway)

    async def answer(self, scope: Scope, send: Send) -> bool:
        """Answer a request; return False, with nothing done, where the general path must answer it."""
        started_s = time.monotonic()
        key_id = self._plain_key(scope)
        signed = signed_values(scope["query_string"], key_id) if key_id is not None else None
        if signed is None:
            return False
        address = (scope.get("client") or ("unknown", 0))[0]
        admitted = self._admitting.admit(signed, address)
        if admitted is None:
            return False
        self._middleware.served += 1
        caller = self._middleware.unknown_caller(scope)
        try:
            status, reason, body, headers = await self._answer(admitted, address, started_s + self._request_s)
        except TimeoutError:
            refusal = RefusedError(NOT_READY, "this took too long")
            await self._middleware.refuse(scope, send, refusal, caller, started_s, 503)
            return True
        head = [JSON, (b"content-length", b"%d" % len(body)), *headers, *SECURITY_HEADERS]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": body})
        taken_s = time.monotonic() - started_s
        self._middleware.log.line(METHOD, PATH, status, reason, taken_s, caller.name, len(body))
        return True

    def _plain_key(self, scope: Scope) -> str | None:
        """Return the id of the key in the head of a request without a body, None where the head is not plain."""
        key_id = host = b""
        for name, value in scope["headers"]:
            if name == b"x-mbx-apikey":
                key_id = key_id or value
            elif name == b"host":
                host = value
            elif name in NOT_PLAIN or (name == b"content-length" and value != b"0"):
                return None
        is_plain = key_id.isalnum() and self._middleware.sites.has_passed(host) and scope["http_version"] < "2"
        return key_id.decode() if is_plain else None

    async def _answer(self, admitted: Admitted, address: str, until_s: float) -> RestAnswer:
        """Order what was admitted and return the answer; one that failed weighs.

        Units: `until_s` on the monotonic clock. Raises: TimeoutError.
        """
        limits = self._gateway.limits
        try:
            text = await self._ordered(admitted, address, until_s)
        except DialectError as error:
            headers = limits.use(address, WEIGHT)
            if error.retry_after_s is not None:
                headers.append((b"retry-after", b"%d" % error.retry_after_s))
            return error.status, str(error.code), encode(error.plain()), headers
        except TimeoutError:
            limits.use(address, WEIGHT)
            raise
        except Exception:
            limits.use(address, WEIGHT)
            LOG.exception("%s %s", METHOD, PATH)
            return 500, "", FAILED, []
        return 200, "", text.encode(), limits.use(address, 0) + limits.order_headers(admitted.key.account_id)

    async def _ordered(self, admitted: Admitted, address: str, until_s: float) -> str:
        """Order what was admitted and return the answer as text. Raises: DialectError, TimeoutError."""
        ordered = await self._admitting.begin(admitted).answer
        self._gateway.told(admitted.key.account_id, ordered.first_seq)
        text = text_at_once(admitted, ordered)
        if text is None:
            async with asyncio.timeout(until_s - time.monotonic()):
                text = await text_of(self._gateway, admitted, ordered, address)
        return text


def signed_values(query: bytes, key_id: str) -> SignedValues | None:
    """Return a query with its signature at the end, None for one of another form."""
    payload, _, signature = query.rpartition(SIGNATURE)
    values = query_values(payload.decode("latin-1"))
    return SignedValues(key_id, signature.decode("latin-1"), payload, values) if values is not None else None
