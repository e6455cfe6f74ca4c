"""A node that hangs, lies, drips, floods or talks nonsense: a typed error within time and bytes."""

from __future__ import annotations

import json
import re
import resource
import socket
import time
from typing import Any

import pytest

from tarazy.chains import errors
from tarazy.chains.evm.node import Node

from .... import servers
from ....servers import HostileNode

TOKEN = "0x" + "ab" * 20
TIMEOUT_S = 0.5
ALLOWED_S = 2.5


def ask(node: HostileNode, **options: Any) -> Any:
    """Ask for code with little time."""
    with Node(node.url, **{"timeout_s": TIMEOUT_S, **options}) as client:
        return client.code(TOKEN)


BEHAVIOURS: list[tuple[servers.Behaviour, type[errors.NodeError]]] = [
    (servers.hang, errors.NodeTimeoutError),
    (servers.slow_drip, errors.NodeTimeoutError),
    (servers.slow_headers, errors.NodeTimeoutError),
    (servers.garbage, errors.NodeMalformedError),
    (servers.deep, errors.NodeMalformedError),
    (servers.oversize, errors.NodeTooLargeError),
    (servers.announced_oversize, errors.NodeTooLargeError),
    (servers.wrong_id, errors.NodeMalformedError),
    (servers.close_mid_answer, errors.NodeMalformedError),
    (servers.redirect, errors.NodeMalformedError),
]


@pytest.mark.parametrize(("behaviour", "expected"), BEHAVIOURS, ids=lambda each: getattr(each, "__name__", ""))
def test_misbehaving_node_ends_in_a_typed_error_in_time(
    hostile_node: HostileNode, behaviour: servers.Behaviour, expected: type[errors.NodeError]
) -> None:
    hostile_node.behave = behaviour
    started = time.monotonic()
    with pytest.raises(errors.NodeError) as caught:
        ask(hostile_node)
    assert time.monotonic() - started < ALLOWED_S
    assert type(caught.value) is expected
    assert re.search(r"expected .+, found .+\. \w", str(caught.value))


def test_endless_answer_is_not_kept_in_memory(hostile_node: HostileNode) -> None:
    hostile_node.behave = servers.oversize
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(errors.NodeTooLargeError):
        ask(hostile_node, max_bytes=1 << 20)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 << 10  # KiB


@pytest.mark.parametrize(
    "result",
    [None, "", "0x1", "0xzz", 7, [], {}, True, "60", "0x60 ", "0x" + "60" * 3 + "6"],
    ids=repr,
)
def test_code_of_wrong_form_is_refused(hostile_node: HostileNode, result: Any) -> None:
    hostile_node.lies["eth_getCode"] = lambda parameters, true: result
    with pytest.raises(errors.NodeMalformedError, match="well-formed result of eth_getCode"):
        ask(hostile_node)


@pytest.mark.parametrize("result", ["0x", "0x00", "0x" + "0" * 66, "0x" + "0" * 62, "0"], ids=len)
def test_storage_of_wrong_length_is_refused(hostile_node: HostileNode, result: str) -> None:
    hostile_node.lies["eth_getStorageAt"] = lambda parameters, true: result
    with Node(hostile_node.url) as client, pytest.raises(errors.NodeMalformedError):
        client.storage(TOKEN, 0)


@pytest.mark.parametrize("result", ["0x", "0x00", "0x01", "31337", 31337, "0x" + "f" * 17, "-0x1"], ids=repr)
def test_quantity_of_wrong_form_is_refused(hostile_node: HostileNode, result: Any) -> None:
    hostile_node.lies["eth_chainId"] = lambda parameters, true: result
    with Node(hostile_node.url) as client, pytest.raises(errors.NodeMalformedError):
        client.chain_id()


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"7",
        b"[]",
        b'{"id":1,"result":"0x"}',
        b'{"jsonrpc":"2.0","id":1}',
        b'{"jsonrpc":"2.0","id":"1","result":"0x"}',
        b'{"jsonrpc":"2.0","id":true,"result":"0x"}',
        b'{"jsonrpc":"2.0","id":1,"error":"no"}',
        b'{"jsonrpc":"2.0","id":1,"error":{"code":"x","message":1}}',
        b'{"jsonrpc":"2.0","id":1,"result":NaN}',
        b'{"jsonrpc":"2.0","id":' + b"9" * 5_000 + b',"result":"0x"}',
        b"",
    ],
    ids=lambda body: body[:40].decode(),
)
def test_answer_that_is_no_answer_is_malformed(hostile_node: HostileNode, body: bytes) -> None:
    hostile_node.behave = lambda handler, request: handler.answer(body)
    with pytest.raises(errors.NodeMalformedError):
        ask(hostile_node)


@pytest.mark.parametrize(
    "change",
    [
        lambda answers: answers[:-1],
        lambda answers: answers + answers[:1],
        lambda answers: [{**each, "id": answers[0]["id"]} for each in answers],
        lambda answers: [{**each, "id": []} for each in answers],
        lambda answers: [None for _ in answers],
        lambda answers: None,
        lambda answers: {},
    ],
)
def test_batch_with_answers_missing_doubled_or_strange_is_malformed(hostile_node: HostileNode, change: Any) -> None:
    hostile_node.lies["eth_getCode"] = lambda parameters, true: "0x60"
    hostile_node.behave = lambda handler, request: handler.answer(
        json.dumps(change(handler.node.true_answer(request))).encode()
    )
    with Node(hostile_node.url) as client, pytest.raises(errors.NodeMalformedError):
        client.batch([("eth_getCode", (TOKEN, "latest"))] * 3)


def test_batch_in_any_order_comes_back_in_the_order_of_the_requests(hostile_node: HostileNode) -> None:
    hostile_node.lies["eth_getStorageAt"] = lambda parameters, true: parameters[1]
    hostile_node.behave = lambda handler, request: handler.answer(
        json.dumps(handler.node.true_answer(request)[::-1]).encode()
    )
    with Node(hostile_node.url) as client:
        assert client.batch([("eth_getStorageAt", (TOKEN, hex(i), "latest")) for i in range(5)]) == [
            hex(i) for i in range(5)
        ]


def test_node_without_batches_is_asked_one_by_one(hostile_node: HostileNode) -> None:
    def no_batches(handler: Any, request: Any) -> None:
        if isinstance(request, list):
            handler.answer(b'{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no batches"}}')
        else:
            servers.honest(handler, request)

    hostile_node.lies["eth_getCode"] = lambda parameters, true: "0x60"
    hostile_node.behave = no_batches
    with Node(hostile_node.url) as client:
        assert client.batch([("eth_getCode", (TOKEN, "latest"))] * 3) == ["0x60"] * 3
        assert client.batch([("eth_getCode", (TOKEN, "latest"))] * 2) == ["0x60"] * 2
    assert sum(isinstance(each, list) for each in hostile_node.requests) == 1


def test_block_of_another_number_is_inconsistent(hostile_node: HostileNode) -> None:
    zero = "0x" + "0" * 64
    hostile_node.lies["eth_getBlockByNumber"] = lambda parameters, true: {
        "number": "0x5",
        "hash": zero,
        "parentHash": zero,
        "timestamp": "0x1",
    }
    with Node(hostile_node.url) as client, pytest.raises(errors.NodeInconsistentError, match="block 4, found block 5"):
        client.block(4)


def test_logs_of_another_contract_are_inconsistent(hostile_node: HostileNode) -> None:
    word = "0x" + "1" * 64
    hostile_node.lies["eth_getLogs"] = lambda parameters, true: [
        {
            "address": "0x" + "cd" * 20,
            "topics": [word],
            "data": "0x",
            "blockNumber": "0x1",
            "blockHash": word,
            "transactionHash": word,
            "logIndex": "0x0",
        }
    ]
    with Node(hostile_node.url) as client, pytest.raises(errors.NodeInconsistentError, match="0xcdcd"):
        client.logs(TOKEN, [word], 0, 9)


def break_off(handler: Any, request: Any) -> None:
    """Close the connection without a word."""
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def test_read_is_tried_again_when_the_server_is_busy_or_breaks_off(hostile_node: HostileNode) -> None:
    replies: list[servers.Behaviour] = [
        lambda handler, request: handler.answer(b"slow down", 429),
        break_off,
        servers.honest,
    ]
    hostile_node.lies["eth_getCode"] = lambda parameters, true: "0x60"
    hostile_node.behave = lambda handler, request: replies.pop(0)(handler, request)
    assert ask(hostile_node, timeout_s=10) == b"\x60"
    assert len(hostile_node.requests) == 3


def test_write_is_never_sent_twice(hostile_node: HostileNode) -> None:
    hostile_node.behave = lambda handler, request: handler.answer(b"slow down", 503)
    with Node(hostile_node.url) as client, pytest.raises(errors.NodeRefusedError, match="busy"):
        client.call("eth_sendRawTransaction", "0x")
    assert len(hostile_node.requests) == 1


def test_connection_is_kept_and_opened_anew_when_the_server_closed_it(hostile_node: HostileNode) -> None:
    ports = []

    def note_port(handler: Any, request: Any) -> None:
        ports.append(handler.client_address[1])
        servers.honest(handler, request)
        handler.close_connection = len(ports) == 2

    hostile_node.lies["eth_getCode"] = lambda parameters, true: "0x60"
    hostile_node.behave = note_port
    with Node(hostile_node.url) as client:
        for _ in range(3):
            assert client.code(TOKEN) == b"\x60"
    assert ports[0] == ports[1] != ports[2]


def test_nothing_listening_is_unreachable() -> None:
    with Node("http://127.0.0.1:1", timeout_s=1) as client, pytest.raises(errors.NodeUnreachableError):
        client.chain_id()


@pytest.mark.parametrize("url", ["", "ftp://h", "127.0.0.1:8545", "http://", "http://h:port", "file:///etc/passwd"])
def test_address_that_is_no_node_is_refused(url: str) -> None:
    with pytest.raises(errors.NodeAddressError, match="http://127"):
        Node(url)


def test_credentials_are_sent_and_never_shown(hostile_node: HostileNode) -> None:
    seen = []

    def note(handler: Any, request: Any) -> None:
        seen.append(handler.headers["Authorization"])
        servers.garbage(handler, request)

    hostile_node.behave = note
    client = Node(hostile_node.url.replace("http://", "http://user:hunter%402@") + "/v3/secret-path")
    with client, pytest.raises(errors.NodeMalformedError) as caught:
        client.chain_id()
    assert seen == ["Basic dXNlcjpodW50ZXJAMg=="]
    for text in (str(caught.value), repr(caught.value), repr(client), client.where):
        assert "hunter" not in text
        assert "secret" not in text
