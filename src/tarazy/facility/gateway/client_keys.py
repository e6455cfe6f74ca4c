"""Clients' own keys on record: registered there before anything that they sign is ordered, and ended there.

A key of an account with a public half and a scope to trade or to withdraw is a client's own. Nothing that it signed is
ordered before the record has the key, and nothing any more from the moment on that its end is on its way there.
"""

from __future__ import annotations

import logging
from typing import Any

from tarazy.domain.records import (
    EVENTS,
    RECORD_SIZE,
    ClientKeyRegistered,
    CommandRejected,
    RegisterClientKey,
    RevokeClientKey,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.facility.accounts.api_keys import TRADE, WITHDRAW, AccountKey, ApiKeyStore
from tarazy.facility.gateway.order_entry import OrderEntry
from tarazy.facility.projections.venue import KEY_ACCOUNT, KEY_REVOKED, VenueTerms
from tarazy.oversight.requests.errors import REJECTED_KEY, DialectError

LOG = logging.getLogger("tarazy.gateway")
SCOPE_BITS = {TRADE: 1, WITHDRAW: 2}
NS_PER_S = 10**9
NOT_TAKEN = "The record does not take this key. Make a new one."


def scopes_of(key: AccountKey) -> int:
    """Return what a key may sign, as the record has it; 0 where it only asks."""
    return sum(bit for scope, bit in SCOPE_BITS.items() if scope in key.scopes)


def is_own(key: AccountKey) -> bool:
    """Say whether a key is a client's own, which the record has."""
    return key.public_key is not None and scopes_of(key) > 0


class ClientKeys:
    """Keeps the record's keys as those of the store are. On the event loop's thread."""

    def __init__(self, keys: ApiKeyStore, venue: VenueTerms, entry: OrderEntry) -> None:
        self._keys = keys
        self._venue = venue
        self._entry = entry
        self._registered: set[int] = set()
        self._ended: set[int] = set()
        self._sign_everything: frozenset[int] = frozenset()

    def check(self, number: int) -> None:
        """Raise DialectError where a key has ended meanwhile: asked just before what it signed is ordered."""
        if number in self._ended:
            raise DialectError(REJECTED_KEY, "Invalid API-key, IP, or permissions for action.", 401)

    def signs_everything(self, account_id: int) -> bool:
        """Say whether a client has stated that everything it orders comes as a signed request."""
        return account_id in self._sign_everything

    async def on_record(self, key: AccountKey) -> None:
        """Have a key on record before what it signed is ordered.

        Raises: DialectError where the record does not take it.
        """
        self.check(key.number)
        if key.signed_only:  # from here on, not from the next look at the keys
            self._sign_everything |= {key.account_id}
        if key.number in self._registered:
            return
        row = self._row(key)
        is_taken = row is not None and not row[KEY_REVOKED]
        if not is_taken and (row is not None or not await self._register(key)):
            raise DialectError(REJECTED_KEY, NOT_TAKEN, 401)
        self._registered.add(key.number)

    async def follow(self) -> None:
        """Register keys that are new, end those that were revoked, and learn who signs everything."""
        own = [key for key in self._keys.list() if is_own(key)]
        in_force = [key for key in own if self._keys.find(key.key_id) is not None]
        self._sign_everything = frozenset(key.account_id for key in in_force if key.signed_only)
        try:
            for key in in_force:
                if self._row(key) is None and key.account_id in self._venue.accounts.rows:
                    await self._note(key)
            for key in own:
                if key.revoked_s is not None:
                    await self._end(key)
        except DialectError as error:  # too much waits: the next look does it
            LOG.info("keys of clients wait: %s", error.message)

    def _row(self, key: AccountKey) -> Any:
        """Return what the record has under a key's number, None where that is nothing."""
        return self._venue.client_keys.rows.get(key.number)

    async def _note(self, key: AccountKey) -> None:
        """Register a key that nothing was ordered with yet."""
        if key.number not in self._registered and await self._register(key):
            self._registered.add(key.number)

    async def _end(self, key: AccountKey) -> None:
        """End a key that was revoked; what it signed and what waits behind this is not ordered any more."""
        row = self._row(key)
        is_there = key.number in self._registered or (row is not None and not row[KEY_REVOKED])
        if not is_there or key.number in self._ended:
            return
        self._ended.add(key.number)
        try:
            await self._entry.enter(RevokeClientKey(0, key.account_id, key.number).pack(), (), nothing)
        except DialectError:
            self._ended.discard(key.number)
            raise

    async def _register(self, key: AccountKey) -> bool:
        """Order the registration of a key; return whether the record has it now."""
        until = key.expires_s * NS_PER_S if key.expires_s is not None else 0
        named = (key.account_id, key.number, until, key.public_key or b"")
        command = RegisterClientKey(scopes_of(key), int(key.signed_only), 0, *named)
        events = (await self._entry.enter(command.pack(), (), nothing)).events
        last = events[-RECORD_SIZE:]
        event = EVENTS[int.from_bytes(last[:2], "little")].unpack(last)
        if isinstance(event, ClientKeyRegistered) or self._is_same(event, key):
            return True
        LOG.error("key %d of account %d is not on record: %s", key.number, key.account_id, event)
        return False

    def _is_same(self, event: Any, key: AccountKey) -> bool:
        """Say whether a registration was refused because the very key is there already."""
        is_refused = isinstance(event, CommandRejected) and event.reject_code == RejectCode.client_key_number_taken
        row = self._row(key)
        return is_refused and row is not None and row[KEY_ACCOUNT] == key.account_id and not row[KEY_REVOKED]


def nothing() -> None:
    """Check nothing more before it is ordered."""
