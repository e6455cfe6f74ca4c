"""A JSON-RPC client of a Bitcoin node (bitcoind, btcd) that trusts no answer: bounded in time and size, strict in form.

It asks for what every implementation has: heights, hashes, raw blocks and raw transactions. Where a transaction was
mined needs the node's index of transactions (`txindex=1`). Only methods that read are tried again.
"""

from __future__ import annotations

import itertools
import json
import re
import time
from typing import Any

from tarazy.chains.bitcoin.blocks import BitcoinBlock, read_block
from tarazy.chains.errors import (
    NodeError,
    NodeInconsistentError,
    NodeMalformedError,
    NodeRefusedError,
    NodeUnreachableError,
)
from tarazy.chains.evm import values
from tarazy.chains.transport import BusyError, StaleError, Transport

TIMEOUT_S = 20.0
BYTES_MAX = 20 << 20  # a block of 4 MB as hexadecimal digits, and room
RETRIES = 2
BACK_OFF_S = 0.05
HEIGHT_MAX = 1 << 31
HASH = re.compile(r"[0-9a-f]{64}")
# Answers of nodes to a transaction that they have: bitcoind's code -27, and words of both.
KNOWN = re.compile(r"already (?:in|have|exists|known)|txn-already|already spent by transaction in mempool itself", re.I)


class BitcoinNode:
    """One node. Units: seconds and bytes; credentials stand in the URL and in no error.

    Raises: NodeError from every method.
    """

    def __init__(self, url: str, timeout_s: float = TIMEOUT_S, max_bytes: int = BYTES_MAX) -> None:
        self.timeout_s = timeout_s
        self._transport = Transport(url, max_bytes)
        self._numbers = itertools.count(1)

    @property
    def where(self) -> str:
        """Return host and port."""
        return self._transport.where

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def call(self, method: str, *parameters: Any, reads: bool = True) -> Any:
        """Return the result of one request."""
        number = next(self._numbers)
        request = {"jsonrpc": "1.0", "id": number, "method": method, "params": list(parameters)}
        body = json.dumps(request, separators=(",", ":")).encode()
        answer = self._parse(self._exchange(body, RETRIES if reads else 0))
        if not isinstance(answer, dict) or answer.get("id") != number:
            raise NodeMalformedError(self.where, f"the answer to request {number}", values.show(answer))
        error = answer.get("error")
        if error is not None:
            raise self._refusal(error, method)
        return answer.get("result")

    def _exchange(self, body: bytes, retries: int) -> bytes:
        deadline, tries = time.monotonic() + self.timeout_s, 0
        while True:
            try:
                return self._transport.post(body, deadline)
            except StaleError:
                failure: NodeError = NodeUnreachableError(self.where, "an answer", "the connection was closed")
            except BusyError as error:
                failure = NodeRefusedError(self.where, "an answer", f"the server is busy: {error}")
            except NodeUnreachableError as error:
                failure = error
            wait_s = BACK_OFF_S * 2**tries
            tries += 1
            if tries > retries or time.monotonic() + wait_s >= deadline:
                raise failure
            time.sleep(wait_s)

    def _parse(self, body: bytes) -> Any:
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise NodeMalformedError(self.where, "JSON", values.show(body[:60])) from error

    def _refusal(self, error: Any, method: str) -> NodeError:
        if not isinstance(error, dict) or type(error.get("code")) is not int:
            return NodeMalformedError(self.where, "an error with code and message", values.show(error))
        found = f"error {error['code']}: {str(error.get('message'))[:200]}"
        return NodeRefusedError(self.where, f"a result of {method}", found, code=error["code"])

    # ------------------------------------------------------------ reads

    def height(self) -> int:
        """Return the height of the best chain."""
        found = self.call("getblockcount")
        if type(found) is not int or not 0 <= found < HEIGHT_MAX:
            raise NodeMalformedError(self.where, "a height", values.show(found))
        return found

    def block_hash(self, height: int) -> str:
        """Return the name of the block of the best chain at a height."""
        return self._hash(self.call("getblockhash", height), f"the hash of block {height}")

    def block(self, block_hash: str) -> BitcoinBlock:
        """Return a block, checked against its hash."""
        raw = self._hex(self.call("getblock", block_hash, 0), f"block {block_hash}")
        try:
            found = read_block(raw)
        except ValueError as error:
            raise NodeMalformedError(self.where, f"block {block_hash}", str(error)) from error
        if found.block_hash != block_hash:
            raise NodeInconsistentError(self.where, f"block {block_hash}", f"block {found.block_hash}")
        return found

    def transaction_block(self, txid: str) -> str | None:
        """Return the hash of the block that a transaction is in, "" where it waits, None where it is not known."""
        try:
            found = self.call("getrawtransaction", txid, 1)
        except NodeRefusedError as error:
            if error.code == -5:
                return None
            raise
        told = found if isinstance(found, dict) else {}
        if told.get("txid") != txid:
            raise NodeInconsistentError(self.where, f"transaction {txid}", values.show(told.get("txid")))
        block_hash = told.get("blockhash")
        return self._hash(block_hash, "the hash of a block") if block_hash else ""

    def unspent_minor(self, txid: str, output: int) -> int | None:
        """Return the amount of an output that is not spent, None where there is no such one. Units: satoshi."""
        found = self.call("gettxout", txid, output, False)
        if found is None:
            return None
        value = found.get("value") if isinstance(found, dict) else None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 21_000_000:
            raise NodeMalformedError(self.where, "an output with its value", values.show(found))
        return round(value * 100_000_000)

    def send(self, raw: bytes) -> None:
        """Hand a transaction in; one that the node has already is no fault."""
        try:
            self.call("sendrawtransaction", raw.hex(), reads=False)
        except NodeRefusedError as error:
            if error.code != -27 and not KNOWN.search(str(error)):
                raise

    def _hash(self, value: Any, what: str) -> str:
        if not isinstance(value, str) or not HASH.fullmatch(value):
            raise NodeMalformedError(self.where, what, values.show(value))
        return value

    def _hex(self, value: Any, what: str) -> bytes:
        try:
            return bytes.fromhex(value)
        except (TypeError, ValueError) as error:
            raise NodeMalformedError(self.where, f"{what} as hexadecimal digits", values.show(value)) from error
