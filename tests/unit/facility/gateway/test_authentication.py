"""Signatures over the bytes as sent, times within their windows, each request once.

The vectors are those of binance/binance-spot-api-docs, rest-api.md, "SIGNED endpoint examples": the same order as a
query, as a body, and as both.
"""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tarazy.facility.accounts.api_keys import AccountKey, ApiKeyError, ApiKeyStore
from tarazy.facility.gateway.authentication import Authenticator
from tarazy.oversight.requests.document import signed_payload
from tarazy.oversight.requests.errors import DialectError
from tarazy.oversight.requests.parameters import Parameters

SECRET = b"NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
WHOLE = (
    b"symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559"
)
FIRST, REST = WHOLE[: WHOLE.index(b"&quantity")], WHOLE[WHOLE.index(b"quantity") :]
AS_ONE = b"c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"
AS_TWO = b"0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77"
NOW_US = 1_499_827_319_559_000


def published_key() -> AccountKey:
    """Return the key of the published examples."""
    return AccountKey(
        1,
        "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A",
        1,
        "",
        frozenset(),
        (),
        0,
        None,
        None,
        None,
        SECRET,
    )


@pytest.mark.parametrize(
    ("query", "body"),
    [
        (WHOLE + b"&signature=" + AS_ONE, b""),
        (b"", WHOLE + b"&signature=" + AS_ONE),
        (FIRST, REST + b"&signature=" + AS_TWO),
    ],
    ids=["query", "body", "both"],
)
def test_published_examples_verify_and_not_with_another_byte(query: bytes, body: bytes) -> None:
    payload, signature = signed_payload(query, body)
    assert signature is not None
    assert published_key().verifies(payload, signature)
    assert not published_key().verifies(payload.replace(b"LTC", b"LTD"), signature)
    assert not published_key().verifies(payload, signature[:-1] + "0")


def test_the_percent_encoded_payload_is_signed_and_not_what_it_decodes_to(tmp_path: Path) -> None:
    """Changelog of 15 January 2026: the payload is signed as it is sent."""
    import hmac

    sent = b"newClientOrderId=a%20b%2Bc&symbol=%D0%96USD&timestamp=1499827319559"
    right = hmac.digest(SECRET, sent, "sha256").hex()
    wrong = hmac.digest(SECRET, "newClientOrderId=a b+c&symbol=ЖUSD&timestamp=1499827319559".encode(), "sha256").hex()
    authenticator = Authenticator(ApiKeyStore(tmp_path), clock_us=lambda: NOW_US)
    found = authenticator.signed(published_key(), sent + f"&signature={right}".encode(), b"", changes=False)
    assert found.parameters.text("symbol") == "ЖUSD"
    assert found.parameters.text("newClientOrderId") == "a b+c"
    with pytest.raises(DialectError) as refused:
        authenticator.signed(published_key(), sent + f"&signature={wrong}".encode(), b"", changes=False)
    assert refused.value.code == -1022


def test_ed25519_signatures_verify_in_base64(tmp_path: Path) -> None:
    store, private = ApiKeyStore(tmp_path), Ed25519PrivateKey.generate()
    key, secret = store.create(7, ["trade"], public_key=private.public_key().public_bytes_raw())
    assert secret == ""
    signature = base64.b64encode(private.sign(WHOLE)).decode()
    assert key.verifies(WHOLE, signature)
    assert not key.verifies(WHOLE + b"0", signature)
    assert not key.verifies(WHOLE, "no base64!")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("timestamp=1499827319559", None),
        ("timestamp=1499827319559000", None),  # microseconds
        ("timestamp=1499827314559", None),  # 5,000 ms ago: the last moment of the usual window
        ("timestamp=1499827314558", -1021),
        ("timestamp=1499827314558&recvWindow=5001", None),
        ("timestamp=1499827319558500&recvWindow=0.5", None),  # 500 us ago
        ("timestamp=1499827319558499&recvWindow=0.5", -1021),
        ("timestamp=1499827320558", None),  # 999 ms ahead
        ("timestamp=1499827320559", -1021),
        ("timestamp=1499827319559&recvWindow=60000", None),
        ("timestamp=1499827319559&recvWindow=60000.001", -1131),
        ("timestamp=1499827319559&recvWindow=1.2345", -1100),
        ("timestamp=1499827319559&recvWindow=-1", -1100),
        ("timestamp=now", -1100),
        ("recvWindow=5000", -1102),
    ],
)
def test_time_of_a_request_is_within_its_window(tmp_path: Path, query: str, code: int | None) -> None:
    """`timestamp < serverTime + 1 s` and `serverTime - timestamp <= recvWindow`, rest-api.md, "Timing security"."""
    authenticator = Authenticator(ApiKeyStore(tmp_path), clock_us=lambda: NOW_US)
    if code is None:
        authenticator.deadline_us(Parameters.of(query.encode(), b""))
        return
    with pytest.raises(DialectError) as refused:
        authenticator.deadline_us(Parameters.of(query.encode(), b""))
    assert refused.value.code == code


def test_a_request_that_changes_something_counts_once(tmp_path: Path) -> None:
    authenticator = Authenticator(ApiKeyStore(tmp_path), clock_us=lambda: NOW_US)
    query = WHOLE + b"&signature=" + AS_ONE
    authenticator.signed(published_key(), query, b"", changes=True)
    with pytest.raises(DialectError) as refused:
        authenticator.signed(published_key(), b"", query, changes=True)  # moved into the body, the bytes are the same
    assert refused.value.code == -2010
    authenticator.signed(published_key(), query, b"", changes=False)


@pytest.mark.parametrize(
    ("last_ts_us", "code"),
    [
        (NOW_US - 1_000_001, None),  # a second and a microsecond before the stamp: no clock that is let in made it then
        (NOW_US - 999_999, -1021),
        (NOW_US - 1, -1021),
        (NOW_US + 86_400_000_000, None),  # the record's clock ran ahead: what is made from this start on is taken
        (0, None),
    ],
)
def test_nothing_is_taken_that_can_have_been_ordered_before_this_start(
    tmp_path: Path, last_ts_us: int, code: int | None
) -> None:
    """What was counted is forgotten with the process, and a request's own window is up to a minute."""
    start_us = NOW_US + 500_000 if code else NOW_US
    times = iter([start_us])
    clock = lambda: next(times, NOW_US + 600_000)  # noqa: E731 - the start, and then a little later
    authenticator = Authenticator(ApiKeyStore(tmp_path), clock_us=clock, last_ts_us=last_ts_us)
    query = WHOLE + b"&signature=" + AS_ONE
    if code is None:
        authenticator.signed(published_key(), query, b"", changes=True)
        return
    with pytest.raises(DialectError) as refused:
        authenticator.signed(published_key(), query, b"", changes=True)
    assert refused.value.code == code
    authenticator.signed(published_key(), query, b"", changes=False)


# ---------------------------------------------------------------- keys


def test_a_key_comes_back_after_a_restart_and_its_secret_is_in_no_file(tmp_path: Path) -> None:
    store = ApiKeyStore(tmp_path)
    key, secret = store.create(3, ["read", "trade"], label="bot", networks=["192.0.2.0/24", "2001:db8::/48"])
    store.close()
    again = ApiKeyStore(tmp_path).find(key.key_id)
    assert again == key
    assert again is not None
    assert again.secret.decode() == secret
    assert all(secret.encode() not in path.read_bytes() for path in tmp_path.iterdir())
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())
    assert secret not in repr(again)
    assert (again.allows("192.0.2.9"), again.allows("192.0.3.9"), again.allows("unknown")) == (True, False, False)


def test_a_revoked_key_and_an_expired_key_are_gone_also_for_another_process(tmp_path: Path) -> None:
    now = [1_000.0]
    serving, operator = (ApiKeyStore(tmp_path, clock=lambda: now[0]) for _ in range(2))
    first, _ = operator.create(1, ["trade"])
    brief, _ = operator.create(1, ["trade"], life_s=60)
    serving.refresh()
    assert serving.find(first.key_id) is not None
    operator.revoke(first.key_id, "lost")
    serving.refresh()
    assert serving.find(first.key_id) is None
    assert serving.find(brief.key_id) is not None
    now[0] = 1_060.0
    assert serving.find(brief.key_id) is None
    with pytest.raises(ApiKeyError, match="found"):
        operator.revoke(first.key_id, "again")
    trail = (tmp_path / "audit.jsonl").read_text().splitlines()
    assert [line.split('"act":"')[1].split('"')[0] for line in trail] == [
        "api_key_created",
        "api_key_created",
        "api_key_revoked",
    ]


@pytest.mark.parametrize(
    "terms",
    [
        {"scopes": ["admin"]},
        {"scopes": []},
        {"scopes": ["read"], "networks": ["300.1.1.1"]},
        {"scopes": ["read"], "public_key": b"short"},
        {"scopes": ["read"], "label": "x" * 81},
    ],
)
def test_a_key_with_terms_out_of_range_is_not_made(tmp_path: Path, terms: dict[str, object]) -> None:
    store = ApiKeyStore(tmp_path)
    with pytest.raises(ApiKeyError, match="expected"):
        store.create(1, **terms)  # type: ignore[arg-type]
    assert store.list() == []
