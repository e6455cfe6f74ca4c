"""Clients' keys on record: a number names one key for ever, a key has one holder, an end is an end.

Why an end on record matters: a signature outlives its key. A verifier refuses one that was used behind the key's end,
as RFC 5280 (section 5) has a relying party refuse what was signed after a certificate was revoked.
"""

from __future__ import annotations

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import (
    AccountState,
    ClientKeyRegistered,
    ClientKeyRevoked,
    RegisterClientKey,
    RegisterOfficer,
    RevokeClientKey,
    SetAccountState,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.client_keys import keep_client_key
from tarazy.spec.state_parts import ClientKey
from tarazy.spec.venue import Venue

from ...floor import ALICE, BOB, Floor, Result, open_floor

HASH = b"\x07" * 32
KEY, OTHER_KEY = b"\x11" * 32, b"\x22" * 32


def register(floor: Floor, number: int, key: bytes, account: int = ALICE, **fields: int) -> Result:
    """Register a key that trades, and return what became of it."""
    return floor.do(RegisterClientKey(1, 0, 0, account, number, 0, key)._replace(**fields))


def test_a_key_is_on_record_with_what_it_may_sign_and_until_when(floor: Floor) -> None:
    until = floor.now + 10**12
    event = register(floor, 7, KEY, client_key_scopes=3, signed_only=1, valid_until_ns=until).one(ClientKeyRegistered)
    found = (event.account_id, event.client_key_id, event.client_key_scopes, event.signed_only, event.valid_until_ns)
    assert found == (ALICE, 7, 3, 1, until)
    assert event.public_key == KEY


def test_a_revoked_key_stays_taken_and_so_does_its_number(floor: Floor) -> None:
    register(floor, 7, KEY).one(ClientKeyRegistered)
    assert floor.do(RevokeClientKey(0, ALICE, 7)).one(ClientKeyRevoked).client_key_id == 7
    assert floor.do(RevokeClientKey(0, ALICE, 7)).reject_code == RejectCode.client_key_unknown
    assert register(floor, 7, OTHER_KEY).reject_code == RejectCode.client_key_number_taken
    assert register(floor, 8, KEY).reject_code == RejectCode.public_key_taken
    assert register(floor, 8, OTHER_KEY).one(ClientKeyRegistered).client_key_id == 8


def test_one_key_is_not_the_key_of_two_clients_nor_of_a_client_and_an_officer(floor: Floor) -> None:
    register(floor, 7, KEY).one(ClientKeyRegistered)
    assert register(floor, 8, KEY, BOB).reject_code == RejectCode.public_key_taken
    refused = floor.attempt(RegisterOfficer(2, 0, 0, floor.now + 10**15, KEY))
    assert refused.reject_code == RejectCode.public_key_taken
    assert floor.do(RevokeClientKey(0, BOB, 7)).reject_code == RejectCode.client_key_unknown


def test_a_closed_account_registers_no_key_and_a_frozen_one_may_still_end_its_own(floor: Floor) -> None:
    account = floor.account(owner=77)
    register(floor, 7, KEY, account).one(ClientKeyRegistered)
    floor.act(SetAccountState(AccountState.frozen, 0, account, HASH))
    assert floor.do(RevokeClientKey(0, account, 7)).one(ClientKeyRevoked).account_id == account
    floor.act(SetAccountState(AccountState.closed, 0, account, HASH))
    assert register(floor, 8, OTHER_KEY, account).reject_code == RejectCode.account_not_active


def test_keys_are_in_the_snapshot(floor: Floor) -> None:
    register(floor, 7, KEY)
    register(floor, 9, OTHER_KEY, BOB)
    floor.do(RevokeClientKey(0, ALICE, 7))
    again = type(floor.venue).restore(floor.venue.snapshot())
    assert again.state_digest() == floor.venue.state_digest()
    floor.venue = again
    assert floor.do(RevokeClientKey(0, BOB, 9)).one(ClientKeyRevoked).client_key_id == 9
    assert register(floor, 10, KEY).reject_code == RejectCode.public_key_taken


IMPOSSIBLE = {
    "a key of nobody": ClientKey(99, 1, 0, 0, KEY, is_revoked=False),
    "a key for nothing": ClientKey(ALICE, 0, 0, 0, KEY, is_revoked=False),
    "an unknown flag": ClientKey(ALICE, 1, 2, 0, KEY, is_revoked=False),
    "no key": ClientKey(ALICE, 1, 0, 0, bytes(32), is_revoked=False),
    "the key of another": ClientKey(ALICE, 1, 0, 0, OTHER_KEY, is_revoked=False),
}


@pytest.mark.parametrize("what", IMPOSSIBLE)
def test_a_key_that_no_command_registers_is_refused_in_the_same_words(engine: type[Engine], what: str) -> None:
    venue = open_floor(Venue).venue
    assert isinstance(venue, Venue)
    keep_client_key(venue.state, 3, ClientKey(ALICE, 1, 0, 0, OTHER_KEY, is_revoked=False))
    keep_client_key(venue.state, 4, IMPOSSIBLE[what])
    with pytest.raises(ValueError, match=r"^a client's key 4 of account "):
        engine.restore(venue.snapshot())
