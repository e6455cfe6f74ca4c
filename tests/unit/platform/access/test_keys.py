"""Keys: signatures of token requests, tokens, scopes, expiry, revoking, and no secret in any file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tarazy.platform.access.audit import AuditTrail
from tarazy.platform.access.buckets import RateLimit
from tarazy.platform.access.keys import SCOPES, ApiKey, KeyStore
from tarazy.platform.refusals import (
    KEY_UNKNOWN,
    SIGNATURE_EXPIRED,
    SIGNATURE_WRONG,
    TOKEN_INVALID,
    TOKEN_UNKNOWN,
    Reason,
    RefusedError,
)


class Clock:
    now_s = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[KeyStore]:
    made = KeyStore(tmp_path, AuditTrail(tmp_path / "audit.jsonl"), clock)
    yield made
    made.close()


def sign(key: ApiKey, time_s: int, secret: str) -> str:
    return hashlib.sha1(f"{key.app_key}{time_s}{secret}".encode(), usedforsecurity=False).hexdigest()


def refusal(store: KeyStore, app_key: str, time_s: int, sign: str) -> Reason:
    with pytest.raises(RefusedError) as caught:
        store.access_token(app_key, time_s, sign)
    return caught.value.reason


def not_authenticated(store: KeyStore, text: str) -> Reason:
    with pytest.raises(RefusedError) as caught:
        store.authenticate(text)
    return caught.value.reason


def test_signed_request_gets_a_token_that_authenticates(store: KeyStore, clock: Clock) -> None:
    key, secret = store.create("wallet", frozenset({"read"}), rate=RateLimit(5, 10))
    now_s = int(clock.now_s)
    token, life_s = store.access_token(key.app_key, now_s, sign(key, now_s, secret))
    assert life_s == 7_200
    for text in (token, f"Bearer {token}", f"{key.app_key}.{secret}"):
        assert store.authenticate(text) == key
    assert store.authenticate(token).rate == RateLimit(5, 10)


def test_wrong_requests_for_a_token_have_their_own_codes(store: KeyStore, clock: Clock) -> None:
    key, secret = store.create("wallet")
    now_s = int(clock.now_s)
    good = sign(key, now_s, secret)
    assert refusal(store, "NOBODY", now_s, good) is KEY_UNKNOWN
    assert refusal(store, key.app_key, now_s, "0" * 40) is SIGNATURE_WRONG
    assert refusal(store, key.app_key, now_s, "é" * 3) is SIGNATURE_WRONG
    assert refusal(store, key.app_key, now_s + 1, good) is SIGNATURE_WRONG
    for wrong_s in (now_s - 1_001, now_s + 1_001):
        assert refusal(store, key.app_key, wrong_s, sign(key, wrong_s, secret)) is SIGNATURE_EXPIRED
    for edge_s in (now_s - 1_000, now_s + 1_000):
        store.access_token(key.app_key, edge_s, sign(key, edge_s, secret))


def test_tokens_that_were_not_given_out_are_refused(store: KeyStore, clock: Clock) -> None:
    key, secret = store.create("wallet")
    now_s = int(clock.now_s)
    token, _ = store.access_token(key.app_key, now_s, sign(key, now_s, secret))
    app_key, expires, code = token.split(".")
    assert not_authenticated(store, "nonsense") is TOKEN_INVALID
    assert not_authenticated(store, "A" * 60_000 + ".B") is TOKEN_INVALID
    assert not_authenticated(store, "a.b.c.d") is TOKEN_INVALID
    assert not_authenticated(store, f"{app_key}.{int(expires) + 1}.{code}") is TOKEN_INVALID
    assert not_authenticated(store, f"{app_key}.{'9' * 5_000}.{code}") is TOKEN_INVALID
    assert not_authenticated(store, f"{app_key}.wrong") is TOKEN_UNKNOWN
    assert not_authenticated(store, f"NOBODY.{secret}") is TOKEN_UNKNOWN
    clock.now_s += 7_201
    assert not_authenticated(store, token) is TOKEN_INVALID


def test_key_ends_at_its_expiry_and_its_tokens_no_later(store: KeyStore, clock: Clock) -> None:
    key, secret = store.create("guest", life_s=100)
    now_s = int(clock.now_s)
    token, life_s = store.access_token(key.app_key, now_s, sign(key, now_s, secret))
    assert life_s == 100
    clock.now_s += 101
    assert not_authenticated(store, token) is TOKEN_INVALID
    assert not_authenticated(store, f"{key.app_key}.{secret}") is TOKEN_UNKNOWN
    assert store.list() == []


def test_revoked_key_ends_with_its_tokens_at_once(store: KeyStore, clock: Clock) -> None:
    key, secret = store.create("leaver")
    now_s = int(clock.now_s)
    token, _ = store.access_token(key.app_key, now_s, sign(key, now_s, secret))
    store.authenticate(token)
    store.revoke(key.app_key, "left")
    assert not_authenticated(store, token) is TOKEN_UNKNOWN
    assert refusal(store, key.app_key, now_s, sign(key, now_s, secret)) is KEY_UNKNOWN
    with pytest.raises(KeyError, match="expected the app key of a key in force"):
        store.revoke(key.app_key, "again")


def test_other_process_that_revokes_is_noticed(store: KeyStore, tmp_path: Path, clock: Clock) -> None:
    key, secret = store.create("leaver")
    store.authenticate(f"{key.app_key}.{secret}")
    other = KeyStore(tmp_path, AuditTrail(tmp_path / "audit.jsonl"), clock)
    other.revoke(key.app_key, "left")
    other.close()
    store.refresh()
    assert not_authenticated(store, f"{key.app_key}.{secret}") is TOKEN_UNKNOWN


@pytest.mark.parametrize(
    ("name", "scopes", "expected"),
    [
        ("", SCOPES, "expected a name"),
        ("x" * 81, SCOPES, "expected a name"),
        ("line\nbreak", SCOPES, "expected a name"),
        ("good", frozenset({"read", "root"}), "expected scopes"),
        ("good", frozenset(), "expected scopes"),
    ],
)
def test_keys_are_not_made_of_anything(store: KeyStore, name: str, scopes: frozenset[str], expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        store.create(name, scopes)
    assert store.list() == []


def test_no_file_holds_a_secret_and_the_trail_holds_the_acts(store: KeyStore, tmp_path: Path, clock: Clock) -> None:
    key, secret = store.create("wallet", by="operator")
    now_s = int(clock.now_s)
    token, _ = store.access_token(key.app_key, now_s, sign(key, now_s, secret))
    store.revoke(key.app_key, "left", by="operator")
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert secret.encode() not in content, path.name
        assert token.encode() not in content, path.name
    acts = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [(each["act"], each["app_key"], each["by"]) for each in acts] == [
        ("key_created", key.app_key, "operator"),
        ("key_revoked", key.app_key, "operator"),
    ]
    assert (tmp_path / "audit.jsonl").stat().st_mode & 0o777 == 0o600


def test_key_is_not_made_where_the_trail_cannot_be_written(store: KeyStore, tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").unlink(missing_ok=True)
    (tmp_path / "audit.jsonl").mkdir()
    with pytest.raises(IsADirectoryError):
        store.create("wallet")
    assert store.list() == []
