"""A JSON-RPC client of an Ethereum node that trusts no answer: bounded in time and size, strict in form.

One budget of time holds for a call with all its retries. Only methods that read are tried again.
Where a node answers something other than what was asked (another id, block, range or address), that is an error and
never a value.
"""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from tarazy.chains.errors import (
    NodeError,
    NodeInconsistentError,
    NodeMalformedError,
    NodeRefusedError,
    NodeRevertedError,
    NodeUnreachableError,
)
from tarazy.chains.evm import values
from tarazy.chains.evm.blocks import Block, ChainLog, TransactionReceipt, read_block, read_log, read_receipt
from tarazy.chains.transport import BusyError, StaleError, Transport

TIMEOUT_S = 10.0
BYTES_MAX = 8 << 20
RETRIES = 2
BACK_OFF_S = 0.05
BATCH_MAX = 100
CALL_GAS = 10_000_000
# What a node may be asked twice; anything else is sent once.
READS = re.compile(r"(?:eth_(?:get\w+|call|blockNumber|chainId|estimateGas|gasPrice)|net_version|web3_clientVersion)")
# What clients say when the contract, not the node, ended a call. Code 3 is the one that most agree on.
REVERTED_CODE = 3
REVERTED = re.compile(
    r"revert|invalid opcode|out of ?gas|invalid jump|stack (?:under|over)flow|opcode 0x|invalid\s*fe", re.I
)

BlockTag = int | str
T = TypeVar("T")


def block_tag(block: BlockTag) -> str:
    """Return a block's number or tag as the protocol writes it."""
    if isinstance(block, int):
        return hex(block)
    if block not in ("latest", "earliest", "pending", "safe", "finalized"):
        raise ValueError(f"expected a block number or a tag such as latest, found {block!r}")
    return block


class Node:
    """One node. Units: seconds and bytes; safe to use from several threads.

    Raises: NodeError from every method.
    """

    def __init__(
        self, url: str, timeout_s: float = TIMEOUT_S, max_bytes: int = BYTES_MAX, retries: int = RETRIES
    ) -> None:
        self.timeout_s = timeout_s
        self.retries = retries
        self._transport = Transport(url, max_bytes)
        self._numbers = itertools.count(1)
        self._takes_batches = True

    def __repr__(self) -> str:
        return f"Node({self.where})"

    def __enter__(self) -> Node:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def where(self) -> str:
        """Return host and port, as errors name this node; never credentials."""
        return self._transport.where

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    # ------------------------------------------------------------ requests

    def call(self, method: str, *parameters: Any) -> Any:
        """Return the result of one request, as plain data of any shape."""
        number = next(self._numbers)
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": list(parameters)}
        return self._result(self._exchange(request, bool(READS.fullmatch(method))), number, method)

    def batch(self, requests: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """Return the results of many reads in their order; an error of the node stands in its place as an exception."""
        results: list[Any] = []
        for start in range(0, len(requests), BATCH_MAX):
            part = requests[start : start + BATCH_MAX]
            results += self._batch(part) if self._takes_batches and len(part) > 1 else self._one_by_one(part)
        return results

    def _one_by_one(self, requests: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        results: list[Any] = []
        for method, parameters in requests:
            try:
                results.append(self.call(method, *parameters))
            except NodeRefusedError as error:
                results.append(error)
        return results

    def _batch(self, requests: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        sent = {
            next(self._numbers): {"jsonrpc": "2.0", "method": method, "params": list(parameters)}
            for method, parameters in requests
        }
        answers = self._exchange([{**request, "id": number} for number, request in sent.items()], retry=True)
        if isinstance(answers, dict) and "error" in answers:  # this node takes no batches
            self._takes_batches = False
            return self._one_by_one(requests)
        found = {answer_id(answer): answer for answer in answers} if isinstance(answers, list) else {}
        if not isinstance(answers, list) or len(answers) != len(sent) or set(found) != set(sent):
            raise NodeMalformedError(self.where, f"{len(sent)} answers, one for each request", values.show(answers))
        results: list[Any] = []
        for number, request in sent.items():
            try:
                results.append(self._result(found[number], number, str(request["method"])))
            except NodeRefusedError as error:
                results.append(error)
        return results

    def _exchange(self, request: Any, retry: bool) -> Any:
        body = json.dumps(request, separators=(",", ":")).encode()
        deadline = time.monotonic() + self.timeout_s
        tries = 0
        while True:
            try:
                return self._parse(self._transport.post(body, deadline))
            except StaleError:  # the server closed an idle connection; a write may have arrived all the same
                failure: NodeError = NodeUnreachableError(self.where, "an answer", "the connection was closed")
                if retry:
                    continue
            except BusyError as error:
                failure = NodeRefusedError(self.where, "an answer", f"the server is busy: {error}")
            except NodeUnreachableError as error:
                failure = error
            wait_s = BACK_OFF_S * 2**tries
            tries += 1
            if not retry or tries > self.retries or time.monotonic() + wait_s >= deadline:
                raise failure
            time.sleep(wait_s)

    def _parse(self, body: bytes) -> Any:
        try:
            return json.loads(body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            found = f"{values.show(body[:60])} ({type(error).__name__})"
            raise NodeMalformedError(self.where, "JSON", found) from error

    def _result(self, answer: Any, number: int, method: str) -> Any:
        if not isinstance(answer, dict) or answer.get("jsonrpc") != "2.0":
            raise NodeMalformedError(self.where, f"a JSON-RPC 2.0 answer to {method}", values.show(answer))
        error = answer.get("error")
        if error is not None:
            raise self._refusal(error, method)
        if type(answer.get("id")) is not int or answer["id"] != number:
            raise NodeMalformedError(
                self.where, f"the answer to request {number}", f"id {values.show(answer.get('id'))}"
            )
        if "result" not in answer:
            raise NodeMalformedError(self.where, f"a result or an error of {method}", values.show(answer))
        return answer["result"]

    def _refusal(self, error: Any, method: str) -> NodeError:
        if not isinstance(error, dict):
            return NodeMalformedError(self.where, "an error with code and message", values.show(error))
        code, message = error.get("code"), error.get("message")
        if type(code) is not int or not isinstance(message, str):
            return NodeMalformedError(self.where, "an error with code and message", values.show(error))
        ended = method in ("eth_call", "eth_estimateGas") and (code == REVERTED_CODE or REVERTED.search(message))
        kind = NodeRevertedError if ended else NodeRefusedError
        return kind(self.where, f"a result of {method}", f"error {code}: {message[:200]}", code=code)

    def checked(self, method: str, result: Any, check: Callable[[Any], T]) -> T:
        """Return a result that a check takes; an error that stands in a batch is raised here.

        Raises: NodeMalformedError with what the check expected and found.
        """
        if isinstance(result, NodeError):
            raise result
        try:
            return check(result)
        except ValueError as error:
            raise NodeMalformedError(self.where, f"a well-formed result of {method}", str(error)) from error

    def _read(self, check: Callable[[Any], T], method: str, *parameters: Any) -> T:
        return self.checked(method, self.call(method, *parameters), check)

    # ------------------------------------------------------------ reads

    def chain_id(self) -> int:
        """Return the number of the chain."""
        return self._read(_small, "eth_chainId")

    def block_number(self) -> int:
        """Return the number of the newest block."""
        return self._read(_small, "eth_blockNumber")

    def block(self, block: BlockTag, transactions: bool = False) -> Block:
        """Return a block by number or tag, with its transactions where asked."""
        found = self._read(
            lambda result: read_block(result, transactions), "eth_getBlockByNumber", block_tag(block), transactions
        )
        if isinstance(block, int) and found.number != block:
            raise NodeInconsistentError(self.where, f"block {block}", f"block {found.number}")
        return found

    def code(self, address: str, block: BlockTag = "latest") -> bytes:
        """Return the runtime code at an address; empty where there is none."""
        return self._read(values.data, "eth_getCode", address, block_tag(block))

    def storage(self, address: str, slot: int, block: BlockTag = "latest") -> bytes:
        """Return the 32 bytes of a storage slot."""
        return self._read(values.word, "eth_getStorageAt", address, hex(slot), block_tag(block))

    def balance(self, address: str, block: BlockTag = "latest") -> int:
        """Return the native balance. Units: wei."""
        return self._read(values.quantity, "eth_getBalance", address, block_tag(block))

    def transaction_count(self, address: str, block: BlockTag = "latest") -> int:
        """Return the nonce of an account."""
        return self._read(
            lambda result: values.quantity(result, 64), "eth_getTransactionCount", address, block_tag(block)
        )

    def eth_call(
        self,
        to: str,
        data: bytes,
        block: BlockTag = "latest",
        sender: str = values.ZERO_ADDRESS,
        overrides: dict[str, Any] | None = None,
    ) -> bytes:
        """Return what a call returns without sending a transaction.

        Raises: NodeRevertedError where the contract reverted.
        """
        return self._read(values.data, *call_request(to, data, block, sender, overrides))

    def receipt(self, transaction: str) -> TransactionReceipt | None:
        """Return the receipt of a transaction, or None where the node has none."""
        result = self.call("eth_getTransactionReceipt", transaction)
        if result is None:
            return None
        found = self.checked("eth_getTransactionReceipt", result, read_receipt)
        if found.transaction != transaction:
            raise NodeInconsistentError(self.where, f"the receipt of {transaction}", f"that of {found.transaction}")
        return found

    def logs(
        self, address: str | None, topics: Sequence[str | list[str] | None], first_block: int, last_block: int
    ) -> tuple[ChainLog, ...]:
        """Return the logs of one address, or of any, in a range of blocks, in order."""
        wanted = {"topics": list(topics), "fromBlock": hex(first_block), "toBlock": hex(last_block)}
        wanted |= {"address": address} if address is not None else {}
        found = self._read(
            lambda result: tuple(read_log(each) for each in values.elements(result, "logs")), "eth_getLogs", wanted
        )
        for log in found:
            other = address is not None and log.address != address.lower()
            if other or not first_block <= log.block_number <= last_block:
                raise NodeInconsistentError(
                    self.where,
                    f"logs of {address or 'any address'} in blocks {first_block} to {last_block}",
                    f"one of {log.address} in block {log.block_number}",
                )
            if not _has_topics(log, topics):
                raise NodeInconsistentError(self.where, "logs with the topics asked for", values.show(log.topics))
        return tuple(sorted(found, key=lambda log: (log.block_number, log.index)))


def call_request(
    to: str,
    data: bytes,
    block: BlockTag,
    sender: str = values.ZERO_ADDRESS,
    overrides: dict[str, Any] | None = None,
    gas: int = CALL_GAS,
) -> tuple[Any, ...]:
    """Return method and parameters of a call, bounded in gas."""
    call = {"from": sender, "to": to, "data": values.as_hex(data), "gas": hex(gas)}
    return ("eth_call", call, block_tag(block), *([overrides] if overrides else []))


def answer_id(answer: Any) -> int | None:
    """Return the number of the request that an answer names."""
    found = answer.get("id") if isinstance(answer, dict) else None
    return found if type(found) is int else None


def _small(value: Any) -> int:
    return values.quantity(value, 64)


def _has_topics(log: ChainLog, topics: Sequence[str | list[str] | None]) -> bool:
    if len(log.topics) < len(topics):
        return False
    wanted = [[each] if isinstance(each, str) else each for each in topics]
    return all(each is None or found in each for each, found in zip(wanted, log.topics, strict=False))


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
