"""Sessions: begun by a key, ended by time, idleness, logout or the key's end; guessing is stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tarazy.platform.access.audit import AuditTrail
from tarazy.platform.access.keys import KeyStore
from tarazy.platform.access.sessions import IDLE_S, LIFE_S, LOCKED_S, WRONG_MAX, Sessions
from tarazy.platform.refusals import RATE_LIMIT, TOKEN_INVALID, TOKEN_UNKNOWN, Reason, RefusedError

from .test_keys import Clock


class People:
    """A store of keys with one key, and the sessions over it."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.audit = AuditTrail(folder / "audit.jsonl")
        self.keys = KeyStore(folder, self.audit, self.clock)
        self.sessions = Sessions(self.keys, self.audit, self.clock)
        self.key, self.secret = self.keys.create("Asel", frozenset({"read"}))

    def log_in(self, network: str = "10.0.0.1") -> str:
        return self.sessions.begin(f"{self.key.app_key}.{self.secret}", network)

    def refusal(self, text: str, network: str = "10.0.0.1") -> Reason:
        with pytest.raises(RefusedError) as caught:
            self.sessions.begin(text, network)
        return caught.value.reason


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    made = People(tmp_path)
    yield made
    made.keys.close()


def test_session_stands_for_its_key_until_the_logout(people: People) -> None:
    token, other = people.log_in(), people.log_in()
    assert token != other
    found = people.sessions.find(token)
    assert found == people.key
    people.sessions.end(token)
    assert people.sessions.find(token) is None
    assert people.sessions.find(other) == people.key
    assert people.sessions.find("") is None
    assert people.sessions.find("é\ud800") is None


def test_session_ends_idle_and_at_its_longest(people: People) -> None:
    idle, busy = people.log_in(), people.log_in()
    began_s = people.clock.now_s
    while people.clock.now_s < began_s + LIFE_S - IDLE_S / 2:
        people.clock.now_s += IDLE_S / 2
        assert people.sessions.find(busy) == people.key
    assert people.sessions.find(idle) is None
    people.clock.now_s = began_s + LIFE_S
    assert people.sessions.find(busy) is None


def test_session_ends_with_its_key(people: People) -> None:
    token = people.log_in()
    people.keys.revoke(people.key.app_key, "left")
    assert people.sessions.find(token) is None


def test_wrong_secrets_lock_the_network_and_the_key_and_right_ones_wait_as_well(people: People) -> None:
    for number in range(WRONG_MAX):
        assert people.refusal(f"{people.key.app_key}.WRONG", f"10.0.1.{number}") is TOKEN_UNKNOWN
    assert people.refusal(f"{people.key.app_key}.{people.secret}", "10.9.9.9") is RATE_LIMIT
    people.clock.now_s += LOCKED_S
    assert people.sessions.find(people.log_in()) == people.key
    for _ in range(WRONG_MAX):
        assert people.refusal("NOBODY.WRONG") is TOKEN_UNKNOWN
    assert people.refusal(f"{people.key.app_key}.{people.secret}") is RATE_LIMIT
    assert people.log_in("10.0.0.2")


def test_access_token_and_nonsense_are_no_login(people: People) -> None:
    token, _ = people.keys.access_token(people.key.app_key, *signed(people))
    for text in (token, "", ".", "a.b.c", "é.é", "x" * 5_000):
        assert people.refusal(text, text[:5]) in (TOKEN_INVALID, TOKEN_UNKNOWN)


def test_trail_tells_logins_and_never_a_secret(people: People, tmp_path: Path) -> None:
    people.sessions.end(people.log_in())
    people.refusal(f"{people.key.app_key}.WRONG")
    text = (tmp_path / "audit.jsonl").read_text()
    assert [json.loads(line)["act"] for line in text.splitlines()][1:] == ["logged_in", "logged_out", "login_refused"]
    assert people.secret not in text
    assert "WRONG" not in text


def signed(people: People) -> tuple[int, str]:
    """Return time and signature of a request for a token."""
    now_s = int(people.clock.now_s)
    text = f"{people.key.app_key}{now_s}{people.secret}"
    return now_s, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def test_request_for_a_token_is_taken_once_even_after_a_restart(people: People, tmp_path: Path) -> None:
    time_s, sign = signed(people)
    people.keys.access_token(people.key.app_key, time_s, sign)
    again = KeyStore(tmp_path, people.audit, people.clock)
    for store in (people.keys, again):
        with pytest.raises(RefusedError, match="was used"):
            store.access_token(people.key.app_key, time_s, sign)
    people.clock.now_s += 1
    assert again.access_token(people.key.app_key, *signed(people))
    again.close()


def test_restart_ends_every_session_and_nothing_on_disk_stands_for_one(people: People, tmp_path: Path) -> None:
    token = people.log_in()
    again = Sessions(people.keys, people.audit, people.clock)
    assert again.find(token) is None
    assert all(token.encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
