"""What an endpoint is, and what its handler is given: who asks, the parameters, and the ways to ask and to order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, NamedTuple, TypeVar

from tarazy.domain.records import EVENTS, RECORD_SIZE, CommandRejected
from tarazy.facility.accounts.api_keys import READ, SUPERVISE, TRADE, WITHDRAW
from tarazy.facility.gateway.authentication import SignedRequest
from tarazy.facility.gateway.dialect.refusals import refusal
from tarazy.facility.gateway.gateway import Gateway
from tarazy.facility.gateway.order_entry import Ordered
from tarazy.facility.gateway.session_numbers import in_session
from tarazy.facility.projections.venue import APPROVAL
from tarazy.journal.sections import RequestReference
from tarazy.oversight.requests.errors import NEW_ORDER_REJECTED, REJECTED_KEY, DialectError
from tarazy.oversight.requests.order_requests import OrderParty
from tarazy.oversight.requests.parameters import Parameters
from tarazy.oversight.requests.symbol import Symbol
from tarazy.oversight.requests.translation import spare_id_of

Answer = TypeVar("Answer")
Handler = Callable[["GatewayRequest"], Awaitable[Any]]


class Security(Enum):
    """What a request needs: nothing, a key alone, or a signed request of a key with a scope."""

    NONE = None
    READ = READ
    TRADE = TRADE
    WITHDRAW = WITHDRAW
    SUPERVISE = SUPERVISE  # of a key that belongs to no account and reads the record
    OFFICERS = "officers"  # no key: the body is signed by officers, and comes from this machine
    KEY = "key"  # of the scope to read, without a signature


NO_KEY = 0
CHANGES = (Security.TRADE, Security.WITHDRAW)  # a signed request of these counts once


class Body(NamedTuple):
    """An answer that is no JSON: its bytes, what they are, the name of the file, and more headers."""

    content: bytes
    media_type: str
    file_name: str = ""
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Endpoint(NamedTuple):
    """One method and path. `weight` counts against an address; of an order it counts only where it fails."""

    handler: Handler
    security: Security
    weight: int = 1
    is_order: bool = False
    is_raw: bool = False  # the body is bytes: no part of the signed text, and read by the handler alone
    body_bytes_max: int = 0  # where it may be larger than others


class Beside(NamedTuple):
    """What is kept with a request for its commands, and the numbers of other keys that must be in force then."""

    documents: Sequence[bytes] = ()
    key_numbers: Sequence[int] = ()


NOTHING_BESIDE = Beside()


@dataclass(slots=True)
class GatewayRequest:
    """One request that was let in. `signed` is None of a public one; `body` is there where it is no form.

    `session_id`: what its orders bear in the record, by which those of one session can be canceled.
    """

    gateway: Gateway
    parameters: Parameters
    address: str
    signed: SignedRequest | None = None
    body: bytes = b""
    beside: Beside = NOTHING_BESIDE
    session_id: int = 0

    # ------------------------------------------------------------ who

    @property
    def by(self) -> SignedRequest:
        """Return whose signed request it is."""
        assert self.signed is not None  # noqa: S101 - endpoints of this kind are signed
        return self.signed

    @property
    def account_id(self) -> int:
        """Return the account of the key."""
        return self.by.key.account_id

    @property
    def party(self) -> OrderParty:
        """Return the account with the approval that its orders carry."""
        return OrderParty(self.account_id, self.gateway.models.venue.accounts.rows[self.account_id][APPROVAL])

    @property
    def spare_id(self) -> str:
        """Return a client order id for a request that gave none; the same request has the same one."""
        return spare_id_of(self.by.digest)

    def symbol(self) -> Symbol:
        """Return the symbol that must be named. Raises: DialectError."""
        return self.gateway.symbols.find(self.parameters.required("symbol"))

    def optional_symbol(self) -> Symbol | None:
        """Return the symbol, None where none is named. Raises: DialectError."""
        name = self.parameters.text("symbol")
        return self.gateway.symbols.find(name) if name is not None else None

    # ------------------------------------------------------------ asking and ordering

    async def read(self, question: Callable[..., Answer], *arguments: Any, **named: Any) -> Answer:
        """Ask the read models in a thread, behind the last command that this account was told about.

        Raises: DialectError.
        """
        self.parameters.finish()
        return await self.gateway.read(self.account_id, partial(question, *arguments, **named))

    async def order(self, command: Any, text: str = "", *, orders: int = 0, **names: str) -> Ordered:
        """Order one command and return what became of it once it is durable.

        `text` is what the client calls the request, which the record keeps; `orders` how many new orders it places.
        Raises: DialectError; the venue's refusal is not one.
        """
        if orders:
            self.parameters.finish()
            self.gateway.require_confirmed(self.account_id)
            self.gateway.limits.enter_orders(self.account_id, orders)
        return await self.order_all([command], text, 0, **names)

    async def order_all(self, commands: Sequence[Any], text: str = "", named: int = 0, **names: str) -> Ordered:
        """Order commands together; `text` is that of the command at the place `named`. Raises: as `order`."""
        self.parameters.finish()
        await self.require_own_signature()
        packed = b"".join(in_session(command, self.session_id).pack() for command in commands)
        references = self._references(len(commands), text, named)
        return await self._enter(packed, references, **names)

    async def order_packed(self, commands: bytes, *, orders: int) -> Ordered:
        """Order commands that no client has names for, `orders` of them new orders. Raises: as `order`."""
        self.parameters.finish()
        await self.require_own_signature()
        if orders:
            self.gateway.require_confirmed(self.account_id)
            self.gateway.limits.enter_orders(self.account_id, orders)
        return await self._enter(commands, self._references(len(commands) // RECORD_SIZE, "", 0))

    async def require_own_signature(self) -> None:
        """Have the client's key on record where it signed this itself; else refuse a client that signs everything.

        Raises: DialectError.
        """
        if self.by.document:
            await self.gateway.client_keys.on_record(self.by.key)
        elif self.gateway.client_keys.signs_everything(self.account_id):
            message = "This account takes requests alone that are signed one by one with its public key."
            raise DialectError(REJECTED_KEY, message, 401)

    def charge(self, weight: int) -> None:
        """Count what a question weighs beyond its endpoint's weight, which is that of the smallest one.

        Raises: DialectError (429).
        """
        if weight > 0:
            self.gateway.limits.check_weight(self.address, weight)
            self.gateway.limits.use(self.address, weight)

    def weigh(self, failed: int) -> None:
        """Count orders of one request that came to nothing: each weighs as much as alone."""
        if failed:
            self.gateway.limits.use(self.address, failed)

    async def _enter(self, commands: bytes, references: Sequence[RequestReference], **names: str) -> Ordered:
        """Order commands, and note up to where the account was told."""
        gateway = self.gateway
        documents = [*self.beside.documents, *([self.by.document] if self.by.document else [])]
        ordered = await gateway.entry.enter(commands, references, self._check, documents, **names)
        gateway.told(self.account_id, ordered.first_seq + len(commands) // RECORD_SIZE - 1)
        return ordered

    def _references(self, count: int, text: str, named: int) -> Sequence[RequestReference]:
        """Return what stands beside the commands in the record.

        A signed request that is kept stands beside each of its commands. Of others only the names of orders do; what a
        session orders that was let in by one signature at its begin stands without a key.
        """
        key, digest = self.by.key, self.by.digest
        if self.by.document:
            return [RequestReference(at, key.number, digest, text if at == named else "") for at in range(count)]
        number = key.number if key.public_key is None else NO_KEY
        return (RequestReference(named, number, digest, text),) if text else ()

    def _check(self) -> None:
        """Raise DialectError where the request is late or its key has ended: asked just before it is ordered."""
        self.gateway.authenticator.check_time(self.by.deadline_us)
        if self.by.document:
            self.gateway.client_keys.check(self.by.key.number)
        for number in self.beside.key_numbers:
            self.gateway.client_keys.check(number)


def records(events: bytes) -> list[Any]:
    """Return events as records."""
    return [
        EVENTS[int.from_bytes(events[at : at + 2], "little")].unpack(events, at)
        for at in range(0, len(events), RECORD_SIZE)
    ]


def accepted(ordered: Ordered, otherwise: int = NEW_ORDER_REJECTED) -> list[Any]:
    """Return the events of a command that was not refused.

    Raises: DialectError with the venue's refusal.
    """
    found = records(ordered.events)
    for event in found:
        if isinstance(event, CommandRejected):
            raise refusal(event, otherwise)
    return found
