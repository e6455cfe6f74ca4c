"""One connection to the WebSocket API: who has logged on, which user data it listens to, and its requests.

Requests are answered as they finish; orders reach the writer in the order in which they came.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Coroutine
from functools import partial
from typing import Any

from tarazy.facility.accounts.api_keys import READ, TRADE, AccountKey
from tarazy.facility.feeds.api.methods import METHODS
from tarazy.facility.feeds.api.plain_orders import METHOD, WEIGHT, PlainRequest, SocketOrders
from tarazy.facility.feeds.api.record_subscription import RecordSubscription
from tarazy.facility.feeds.api.requests import ApiRequest, BadRequestError, read
from tarazy.facility.feeds.service import Feeds
from tarazy.facility.feeds.streams.connection import Connection
from tarazy.facility.feeds.streams.hub import StreamMessage
from tarazy.facility.feeds.streams.names import USER, Stream
from tarazy.facility.feeds.users.records import Heard
from tarazy.facility.gateway.app import Endpoints
from tarazy.facility.gateway.authentication import SignedRequest
from tarazy.facility.gateway.direct.outcomes import text_at_once, text_of
from tarazy.facility.gateway.endpoint import CHANGES, Endpoint, GatewayRequest, Security
from tarazy.facility.gateway.gateway import Gateway
from tarazy.facility.gateway.order_entry import Ordered
from tarazy.oversight.requests.errors import REJECTED_KEY, UNSUPPORTED_OPERATION, DialectError
from tarazy.oversight.requests.parameters import Parameters, missing

UNKNOWN = -1000
UNDER_WAY_MAX = 1_000
SUBSCRIPTIONS_MAX = 100
LOG = logging.getLogger("tarazy.gateway")


class UserSubscription:
    """User data of an account, said on a connection with the subscription's number."""

    def __init__(self, connection: Connection, number: int, account_id: int) -> None:
        self._connection, self.number = connection, number
        self.stream = Stream(f"user {account_id}", USER, account_id)

    def offer(self, message: StreamMessage) -> None:
        """Put a message behind those that wait for the client."""
        self._connection.say_text(f'{{"subscriptionId":{self.number},"event":{message.raw}}}')


class ApiSession:
    """One client of the WebSocket API."""

    def __init__(
        self, connection: Connection, feeds: Feeds, gateway: Gateway, endpoints: Endpoints, address: str
    ) -> None:
        self._connection, self._feeds, self._gateway = connection, feeds, gateway
        self._endpoints, self._address = endpoints, address
        self._connected_ms = self._now_ms()
        self._key: AccountKey | None = None
        self._since_ms = 0
        self._session_id = 0
        self._canceled_at_end: set[int] = set()  # accounts
        self._subscriptions: dict[int, UserSubscription | RecordSubscription] = {}
        self._next_number = 0
        self._tasks: set[asyncio.Future[Any]] = set()
        self._plain = SocketOrders(gateway, address)
        self._own = {
            "session.logon": self._logon,
            "session.status": self._status,
            "session.logout": self._logout,
            "session.cancelOnDisconnect": self._cancel_on_disconnect,
            "userDataStream.subscribe": self._subscribe,
            "userDataStream.subscribe.signature": self._subscribe_signed,
            "userDataStream.unsubscribe": self._unsubscribe,
            "session.subscriptions": self._list,
            "record.subscribe": self._subscribe_record,
        }

    async def handle(self, text: str) -> None:
        """Begin a request; too many at once make the client wait."""
        try:
            request = read(text)
        except BadRequestError as error:
            self._connection.say(self._refused(error.request_id, error.error))
            return
        if not (request.method == METHOD and self._took(request)):
            self._begin_task(self._answer(request))
        if len(self._tasks) >= UNDER_WAY_MAX:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    def close(self) -> None:
        """Listen to nothing any more; orders that are under way are ordered all the same."""
        for number in list(self._subscriptions):
            self._end(number)
        for account_id in self._canceled_at_end:
            self._gateway.endings.begin(self._session_id, account_id, tuple(self._tasks))

    def _begin_task(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the work of one request beside that of others."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ------------------------------------------------------------ plain orders

    def _took(self, request: ApiRequest) -> bool:
        """Put a plain order into the queue; return False, with nothing done, where it is not plain."""
        admitted = self._plain.admit(request.values, self._session_id)
        if admitted is None:
            return False
        plain = PlainRequest(request.request_id, admitted)
        try:
            answer = self._plain.admitting.begin(admitted).answer
        except DialectError as error:
            self._fail(plain, error)
            return True
        self._tasks.add(answer)
        answer.add_done_callback(partial(self._placed, plain))
        return True

    def _placed(self, plain: PlainRequest, answer: asyncio.Future[Ordered]) -> None:
        """Answer a plain order that is durable, or say why it is not."""
        self._tasks.discard(answer)
        try:
            ordered = answer.result()
            self._gateway.told(plain.admitted.key.account_id, ordered.first_seq)
            text = text_at_once(plain.admitted, ordered)
        except Exception as error:
            self._fail(plain, error)
            return
        if text is None:
            self._begin_task(self._answer_later(plain, ordered))
        else:
            self._connection.say_text(self._plain.answer(plain, text))

    async def _answer_later(self, plain: PlainRequest, ordered: Ordered) -> None:
        """Answer a plain order whose trades have their numbers soon, or which is answered generally."""
        try:
            text = await text_of(self._gateway, plain.admitted, ordered, self._address)
        except Exception as error:
            self._fail(plain, error)
        else:
            self._connection.say_text(self._plain.answer(plain, text))

    def _fail(self, plain: PlainRequest, error: Exception) -> None:
        """Say why a plain order is not done, or not answered; it weighs then."""
        self._gateway.limits.use(self._address, WEIGHT)
        self._say(self._refused_by(METHOD, plain.request_id, error))

    # ------------------------------------------------------------ requests

    async def _answer(self, request: ApiRequest) -> None:
        """Answer one request; whatever goes wrong is an error of the dialect."""
        try:
            result = await self._result(request)
            plain: dict[str, Any] = {"id": request.request_id, "status": 200, "result": result}
        except Exception as error:
            plain = self._refused_by(request.method, request.request_id, error)
        self._say(plain)

    def _refused_by(self, method: str, request_id: Any, error: Exception) -> dict[str, Any]:
        """Return the answer to a request that failed."""
        if not isinstance(error, DialectError):
            LOG.error("%s over WebSocket", method, exc_info=error)
            error = DialectError(UNKNOWN, "An unknown error occurred while processing the request.", 500)
        return self._refused(request_id, error)

    def _say(self, plain: dict[str, Any]) -> None:
        """Say an answer, with the weight that is used."""
        limits = self._gateway.limits
        plain["rateLimits"] = [{**limits.weight.limit.plain, "count": limits.used_weight(self._address)}]
        self._connection.say(plain)

    def _refused(self, request_id: Any, error: DialectError) -> dict[str, Any]:
        """Return the answer to a request that is not done."""
        plain = error.plain()
        if error.retry_after_s is not None:
            plain["data"] = {"serverTime": self._now_ms(), "retryAfter": self._now_ms() + error.retry_after_s * 1_000}
        return {"id": request_id, "status": error.status, "error": plain}

    async def _result(self, request: ApiRequest) -> Any:
        """Return what a request comes to.

        Raises: DialectError.
        """
        own = self._own.get(request.method)
        if own is not None:
            self._gateway.limits.enter(self._address, 2)
            self._gateway.limits.use(self._address, 2)
            return own(request.values)
        target = METHODS.get(request.method, ("", ""))
        endpoint = self._endpoints.get(target)
        if endpoint is None:
            raise DialectError(UNSUPPORTED_OPERATION, "This operation is not supported.", method=request.method)
        limits, used = self._gateway.limits, endpoint.weight
        limits.enter(self._address, endpoint.weight)
        try:
            asked = self._asked(endpoint, request.values, target)
            plain = await endpoint.handler(asked)
            asked.parameters.finish()
            used = 0 if endpoint.is_order else used
        finally:
            limits.use(self._address, used)
        return plain

    def _asked(self, endpoint: Endpoint, values: dict[str, str], target: tuple[str, str]) -> GatewayRequest:
        """Return a request for an endpoint with who sends it.

        Raises: DialectError.
        """
        if endpoint.security is Security.NONE:
            return GatewayRequest(self._gateway, Parameters(values), self._address)
        changes = endpoint.security in CHANGES
        signed = self._signed(values, endpoint.security.value, changes=changes, target=target)
        session_id = self._session_number() if changes else 0
        return GatewayRequest(self._gateway, signed.parameters, self._address, signed, session_id=session_id)

    def _session_number(self) -> int:
        """Return the number that orders of this connection bear; it has none before the first of them."""
        if not self._session_id:
            self._session_id = self._gateway.sessions.take()
        return self._session_id

    def _signed(
        self, values: dict[str, str], scope: str | None, *, changes: bool, target: tuple[str, str] = ("", "")
    ) -> SignedRequest:
        """Return a request with its key: its own with a signature, or that which has logged on.

        Raises: DialectError.
        """
        authenticator = self._gateway.authenticator
        if "apiKey" not in values and self._key is not None:
            key = authenticator.key_of(self._key.key_id, self._address, scope)
            parameters = Parameters(values)
            parameters.text("signature")
            if not parameters.has("timestamp"):
                now_us = authenticator.clock_us()
                return SignedRequest(key, parameters, secrets.token_bytes(32), now_us + 60_000_000)
            return SignedRequest(key, parameters, secrets.token_bytes(32), authenticator.deadline_us(parameters))
        if "apiKey" not in values:
            raise missing("apiKey")
        key = authenticator.key_of(values["apiKey"], self._address, scope)
        if key.account_id not in self._gateway.models.venue.accounts.rows:
            raise DialectError(REJECTED_KEY, "Invalid API-key, IP, or permissions for action.", 401)
        return authenticator.signed_values(key, dict(values), changes=changes, target=target)

    # ------------------------------------------------------------ the session's own

    def _logon(self, values: dict[str, str]) -> Any:
        """Let the connection act for a key from now on, without a signature on each request."""
        if "apiKey" not in values:
            raise missing("apiKey")
        signed = self._signed(values, READ, changes=False)
        signed.parameters.finish()
        self._key, self._since_ms = signed.key, self._now_ms()
        return self._state()

    def _status(self, values: dict[str, str]) -> Any:
        """Say who has logged on."""
        Parameters(values).finish()
        return self._state()

    def _logout(self, values: dict[str, str]) -> Any:
        """Act for nobody any more."""
        Parameters(values).finish()
        self._key, self._since_ms = None, 0
        return self._state()

    def _cancel_on_disconnect(self, values: dict[str, str]) -> Any:
        """Have the orders that the account places over this connection canceled when it ends, or no more."""
        signed = self._signed(values, TRADE, changes=False)
        signed.parameters.required("enabled")
        wanted = signed.parameters.flag("enabled", True)
        signed.parameters.finish()
        account_id = signed.key.account_id
        if wanted and self._gateway.client_keys.signs_everything(account_id):
            message = "Nothing is canceled without a signature for an account that signs everything."
            raise DialectError(UNSUPPORTED_OPERATION, message, advice="Set the cancel timer: POST /v1/cancel-after.")
        self._gateway.sessions.cancel_at_end(self._session_number(), account_id, wanted)
        (self._canceled_at_end.add if wanted else self._canceled_at_end.discard)(account_id)
        return {"sessionId": self._session_id, "enabled": wanted}

    def _state(self) -> Any:
        """Return who has logged on, and since when."""
        return {
            "apiKey": self._key.key_id if self._key else None,
            "authorizedSince": self._since_ms or None,
            "connectedSince": self._connected_ms,
            "returnRateLimits": True,
            "serverTime": self._now_ms(),
            "sessionId": self._session_id or None,
            "userDataStream": bool(self._subscriptions),
        }

    def _subscribe(self, values: dict[str, str]) -> Any:
        """Say what happens to the account that has logged on."""
        Parameters(values).finish()
        if self._key is None:
            raise DialectError(REJECTED_KEY, "Log on first: session.logon.", 401)
        return self._begin(self._key.account_id)

    def _subscribe_signed(self, values: dict[str, str]) -> Any:
        """Say what happens to the account of a key, which signs this request."""
        if "apiKey" not in values:
            raise missing("apiKey")
        signed = self._signed(values, READ, changes=False)
        signed.parameters.finish()
        return self._begin(signed.key.account_id)

    def _begin(self, account_id: int) -> Any:
        """Subscribe to an account's data; one that is there stays as it is."""
        for number, each in self._subscriptions.items():
            if each.stream.market_id == account_id and isinstance(each, UserSubscription):
                return {"subscriptionId": number}
        found = UserSubscription(self._connection, self._new_number(), account_id)
        self._subscriptions[found.number] = found
        self._feeds.hub.add(found.stream, found)
        self._feeds.listen_keys.begin(account_id)
        return {"subscriptionId": found.number}

    def _subscribe_record(self, values: dict[str, str]) -> Any:
        """Say the record's events of the account behind command `after`, or behind one of its events; or from now on.

        `afterIndex` says up to which of its events the command was heard; without it, it was heard whole.
        """
        signed = self._signed(values, READ, changes=False)
        reached = self._feeds.views.book.update_id
        after_seq = signed.parameters.integer("after", reached, high=reached)
        index = signed.parameters.integer("afterIndex", Heard(0).place)
        signed.parameters.finish()
        found = RecordSubscription(self._feeds, self._connection, self._new_number(), signed.key.account_id)
        self._subscriptions[found.number] = found
        found.begin(Heard(after_seq or 0, index or 0))
        return {"subscriptionId": found.number, "after": after_seq}

    def _new_number(self) -> int:
        """Return the number of a new subscription. Raises: DialectError where there are too many."""
        if len(self._subscriptions) >= SUBSCRIPTIONS_MAX:
            raise DialectError(UNSUPPORTED_OPERATION, f"At most {SUBSCRIPTIONS_MAX} subscriptions on a connection.")
        self._next_number += 1
        return self._next_number - 1

    def _unsubscribe(self, values: dict[str, str]) -> Any:
        """End one subscription, or all."""
        parameters = Parameters(values)
        number = parameters.integer("subscriptionId")
        parameters.finish()
        for each in list(self._subscriptions) if number is None else [number]:
            self._end(each)
        return {}

    def _list(self, values: dict[str, str]) -> Any:
        """Return the subscriptions."""
        Parameters(values).finish()
        return [{"subscriptionId": number} for number in self._subscriptions]

    def _end(self, number: int) -> None:
        """End a subscription; one that is none makes no difference."""
        found = self._subscriptions.pop(number, None)
        if isinstance(found, RecordSubscription):
            found.end()
        elif found is not None:
            self._feeds.hub.remove(found.stream, found)
            self._feeds.listen_keys.end(found.stream.market_id)

    def _now_ms(self) -> int:
        return self._gateway.authenticator.clock_us() // 1_000
