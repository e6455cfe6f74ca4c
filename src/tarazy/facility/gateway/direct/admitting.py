"""Whether a plain order may be ordered: key, signature, time, limits, papers, all looked at before anything is counted.

Where one of them is not as it must be, nothing has been counted yet and the general path refuses the request.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from hashlib import sha256
from typing import NamedTuple

from tarazy.facility.accounts.api_keys import TRADE, AccountKey
from tarazy.facility.gateway.direct.reading import NAMES, PlainOrder, PlainOrders, deadline_us
from tarazy.facility.gateway.gateway import Gateway
from tarazy.facility.gateway.order_entry import Waiting
from tarazy.facility.gateway.session_numbers import session_of_key
from tarazy.journal.sections import RequestReference
from tarazy.oversight.requests.errors import DialectError
from tarazy.oversight.requests.translation import spare_id_of

LOG = logging.getLogger("tarazy.gateway")


class SignedValues(NamedTuple):
    """A request as it was sent: key and signature, the bytes that are signed, and what they say, all but these two."""

    key_id: str
    signature: str
    payload: bytes
    values: dict[str, str]


class Admitted(NamedTuple):
    """A plain order that is counted and may be ordered, with the key that signed it."""

    key: AccountKey
    order: PlainOrder
    digest: bytes
    deadline_us: int


class Admitting:
    """Reads, checks and counts plain orders, and hands them to the queue. On the event loop's thread."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._orders = PlainOrders(gateway.models.venue, gateway.symbols)

    def admit(self, signed: SignedValues, address: str, session_id: int = 0) -> Admitted | None:
        """Return an order that may be ordered, with all that is counted for it; None where nothing is counted.

        `session_id`: what it bears in the record; 0 is the key's own. A failure is logged and left to the general path.
        """
        try:
            key = self._key_of(signed.key_id, address)
            return None if key is None else self._admit(key, signed, address, session_id or session_of_key(key.number))
        except Exception:
            LOG.exception("a plain order takes the general path")
            return None

    def begin(self, admitted: Admitted) -> Waiting:
        """Put an order into the queue. Raises: DialectError where too much waits."""
        key, order = admitted.key, admitted.order
        check = partial(self._gateway.authenticator.check_time, admitted.deadline_us)
        references = (RequestReference(0, key.number, admitted.digest, order.client_id),)
        return self._gateway.entry.begin(order.command, references, check, origClientOrderId=order.client_id)

    # ------------------------------------------------------------ inside

    def _key_of(self, key_id: str, address: str) -> AccountKey | None:
        """Return a key that trades by a shared secret, None where the general path must look at it."""
        gateway = self._gateway
        key = gateway.keys.find(key_id)
        if key is None or key.public_key is not None or TRADE not in key.scopes or not key.allows(address):
            return None
        account_id = key.account_id
        if account_id not in gateway.models.venue.accounts.rows or gateway.client_keys.signs_everything(account_id):
            return None
        return key

    def _admit(self, key: AccountKey, signed: SignedValues, address: str, session_id: int) -> Admitted | None:
        """Return the order of a request that is in time, new and within the limits."""
        gateway, payload = self._gateway, signed.payload
        authenticator = gateway.authenticator
        is_plain = signed.values.keys() <= NAMES and payload.isascii() and signed.signature.isascii()
        if not (is_plain and key.verifies(payload, signed.signature)):
            return None
        now_us = authenticator.clock_us()
        until_us = deadline_us(signed.values, now_us, authenticator.first_us)
        digest = sha256(b"%b?%b" % (key.key_id.encode(), payload)).digest()
        if until_us is None or authenticator.has_seen(digest):
            return None
        order = self._orders.read(signed.values, key.account_id, session_id, spare_id_of(digest))
        if order is None or not self._may_order(key.account_id):
            return None
        if not gateway.limits.take_order(address, key.account_id, now_us):
            return None
        authenticator.count_once(digest, until_us)
        return Admitted(key, order, digest, until_us)

    def _may_order(self, account_id: int) -> bool:
        """Say whether the client has confirmed the papers that come before an order."""
        try:
            self._gateway.require_confirmed(account_id, asyncio.get_running_loop().time())
        except DialectError:
            return False
        return True
