"""Signed requests as they are kept. The signature's bytes are those of binance-spot-api-docs, rest-api.md: query, then
form body, without the parameter `signature`, percent-encoded as sent."""

from __future__ import annotations

import base64
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tarazy.oversight.requests.document import (
    REST,
    SOCKET,
    RequestDocument,
    RequestDocumentError,
    decode_document,
    socket_payload,
    socket_values,
)
from tarazy.oversight.requests.errors import DialectError

KEY = Ed25519PrivateKey.from_private_bytes(b"\x05" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()


def test_signature_covers_query_then_body_and_nothing_else() -> None:
    query, body = b"symbol=BTCUSD&side=BUY", b"quantity=1&timestamp=5"
    signature = urlencode({"signature": base64.b64encode(KEY.sign(query + body)).decode()}).encode()
    document = RequestDocument(REST, "POST", "/api/v3/order", query, body + b"&" + signature)
    assert document.payload == query + body
    assert document.is_signed_by(PUBLIC)
    assert not document._replace(rest=document.rest.replace(b"quantity=1", b"quantity=2")).is_signed_by(PUBLIC)
    assert document._replace(path="/api/v3/order/test").is_signed_by(PUBLIC), "the path is not signed: the page says so"


@given(st.binary(max_size=60).filter(lambda b: b"\n" not in b), st.binary(max_size=60))
def test_kept_request_is_read_as_it_was(head: bytes, rest: bytes) -> None:
    document = RequestDocument(SOCKET, "POST", "/api/v3/order", head, rest)
    assert decode_document(document.encode()) == document


@pytest.mark.parametrize("data", [b"", b"tarazy request 1", b"tarazy request 1\nftp POST /x\n\n", b"x\n" * 9])
def test_other_bytes_are_no_request(data: bytes) -> None:
    with pytest.raises(RequestDocumentError):
        decode_document(data)


@pytest.mark.parametrize("cut", range(1, len(b"price=100&quantity=5")))
def test_signed_bytes_moved_between_query_and_body_never_mean_another_order(cut: int) -> None:
    """Query and body are signed one behind the other, nothing between them, so an operator may move the border."""
    payload = b"price=100&quantity=5"
    document = RequestDocument(REST, "POST", "/api/v3/order", payload[:cut], payload[cut:])
    assert document.payload == payload
    try:
        parameters = document.parameters()
    except DialectError:
        return
    assert (parameters.text("price"), parameters.text("quantity")) == ("100", "5")


def test_value_over_the_socket_that_looks_like_a_parameter_is_read_in_one_way() -> None:
    payload = socket_payload({"price": "1&quantity=9", "symbol": "BTCUSD"})
    assert socket_values(payload) == {"price": "1", "quantity": "9", "symbol": "BTCUSD"}
