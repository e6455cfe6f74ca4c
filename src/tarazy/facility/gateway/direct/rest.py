"""`POST /api/v3/order` of a plain order: from the request's head to the answer without a layer between.

It does what middleware, endpoint and handler do together for a request that is right: the name by which the service is
asked, the limits, one line of the access log, the headers. Every other request goes the general path.
"""

from __future__ import annotations

import asyncio
import logging
import time

from tarazy.facility.gateway.direct.admitting import Admitted, Admitting
from tarazy.facility.gateway.direct.outcomes import text_at_once, text_of
from tarazy.facility.gateway.direct.reading import query_values
from tarazy.facility.gateway.gateway import Gateway
from tarazy.facility.gateway.limits import Header
from tarazy.facility.gateway.session_numbers import session_of_key
from tarazy.oversight.requests.errors import DialectError
from tarazy.platform.refusals import NOT_READY, RefusedError
from tarazy.platform.web.bodies import Scope
from tarazy.platform.web.encoding import encode
from tarazy.platform.web.middleware import SECURITY_HEADERS, Middleware, Send

METHOD, PATH = "POST", "/api/v3/order"
SIGNATURE = "&signature="
LOG = logging.getLogger("tarazy.gateway")
JSON: Header = (b"content-type", b"application/json")
NOT_PLAIN = frozenset((b"origin", b"sec-fetch-site", b"transfer-encoding"))
WEIGHT, UNKNOWN = 1, -1000


class RestOrders:
    """Answers plain orders over REST. `request_s`: how long a request may take, as in the middleware."""

    def __init__(self, gateway: Gateway, middleware: Middleware, request_s: float) -> None:
        self._gateway, self._middleware, self._request_s = gateway, middleware, request_s
        self._admitting = Admitting(gateway)

    async def answer(self, scope: Scope, send: Send) -> bool:
        """Answer a request; return False, with nothing done, where the general path must answer it."""
        started_s = time.monotonic()
        key_id = self._plain_key(scope)
        if key_id is None:
            return False
        address = (scope.get("client") or ("unknown", 0))[0]
        admitted = self._admitted(scope["query_string"], key_id, address)
        if admitted is None:
            return False
        self._middleware.served += 1
        caller = self._middleware.unknown_caller(scope)
        status, reason, retry_after_s = 200, "", None
        try:
            text = await self._ordered(admitted, address)
            headers = self._gateway.limits.use(address, 0)
            headers += self._gateway.limits.order_headers(admitted.key.account_id)
        except DialectError as error:
            status, reason, retry_after_s = error.status, str(error.code), error.retry_after_s
            text, headers = encode(error.plain()).decode(), self._gateway.limits.use(address, WEIGHT)
        except TimeoutError:
            refusal = RefusedError(NOT_READY, "this took too long")
            self._gateway.limits.use(address, WEIGHT)
            await self._middleware.refuse(scope, send, refusal, caller, started_s, 503)
            return True
        except Exception:
            LOG.exception("%s %s", METHOD, PATH)
            status, text = 500, ERROR_TEXT
            self._gateway.limits.use(address, WEIGHT)
            headers = []
        if retry_after_s is not None:
            headers.append((b"retry-after", b"%d" % retry_after_s))
        body = text.encode()
        length = (b"content-length", b"%d" % len(body))
        all_headers = [JSON, length, *headers, *SECURITY_HEADERS]
        await send({"type": "http.response.start", "status": status, "headers": all_headers})
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

    def _admitted(self, query: bytes, key_id: str, address: str) -> Admitted | None:
        """Return the order of a query, counted, None where the general path must look at it."""
        key = self._admitting.key_of(key_id, address)
        if key is None:
            return None
        text, _, signature = query.decode("latin-1").rpartition(SIGNATURE)
        values = query_values(text)
        if values is None:
            return None
        session_id = session_of_key(key.number)
        return self._admitting.admit(key, values, text.encode(), signature, address, session_id)

    async def _ordered(self, admitted: Admitted, address: str) -> str:
        """Order what was admitted and return the answer as text. Raises: DialectError, TimeoutError."""
        ordered = await self._admitting.begin(admitted).answer
        self._gateway.told(admitted.key.account_id, ordered.first_seq)
        text = text_at_once(admitted, ordered)
        if text is None:
            async with asyncio.timeout(self._request_s):
                text = await text_of(self._gateway, admitted, ordered, address)
        return text


ERROR = {"code": UNKNOWN, "msg": "An unknown error occurred while processing the request."}
ERROR_TEXT = encode(ERROR).decode()
