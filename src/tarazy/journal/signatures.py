"""Ed25519 signatures: check one, and check very many on every processor.

A check costs about 0.1 ms of one processor and releases no lock for long, so that many of them go to processes of
their own, in chunks; few are checked in place. A key or a signature of a wrong form is a signature that does not hold;
so is any signature of a key of small order, because anybody can make one that the equation accepts.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

CHUNK = 1_000
IN_PLACE_MAX = 2_000

_FIELD = 2**255 - 19
_Y = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")
# The y coordinates of the eight points whose order divides 8.
_SMALL_ORDER = {0, 1, _FIELD - 1, _Y, _FIELD - _Y}

Check = tuple[bytes, bytes, bytes]


def is_signed(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether the signature of the message is by the key."""
    try:
        _loaded(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def verify_chunk(checks: Sequence[Check]) -> list[bool]:
    """Say of each (public key, signature, message) whether it holds, in this process."""
    return [is_signed(*check) for check in checks]


def verify_many(checks: Sequence[Check], *, jobs: int | None = None) -> list[bool]:
    """Say of each (public key, signature, message) whether it holds, in the order given.

    `jobs` is how many processes may work, None = one for each processor.
    """
    with SignaturePool(jobs) as pool:
        return pool.verify(checks)


class SignaturePool:
    """Processes that check signatures, started when there is enough to do; for callers that come again and again."""

    def __init__(self, jobs: int | None = None) -> None:
        self.jobs = jobs or len(os.sched_getaffinity(0))
        self._executor: ProcessPoolExecutor | None = None

    def verify(self, checks: Sequence[Check]) -> list[bool]:
        """Say of each (public key, signature, message) whether it holds, in the order given."""
        if self.jobs == 1 or len(checks) <= IN_PLACE_MAX:
            return verify_chunk(checks)
        chunks = [checks[at : at + CHUNK] for at in range(0, len(checks), CHUNK)]
        return [held for part in self._workers().map(verify_chunk, chunks) for held in part]

    def _workers(self) -> ProcessPoolExecutor:
        """Return the processes; the first call starts them, with a fresh interpreter each, as threads may run here."""
        if self._executor is None:
            context = multiprocessing.get_context("spawn")
            self._executor = ProcessPoolExecutor(self.jobs, mp_context=context)
        return self._executor

    def close(self) -> None:
        """Let the processes go."""
        if self._executor is not None:
            self._executor.shutdown()
            self._executor = None

    def __enter__(self) -> SignaturePool:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


@lru_cache(maxsize=1024)
def _loaded(public_key: bytes) -> Ed25519PublicKey:
    """Return the library's form of a public key; officers are few and sign often.

    Raises: ValueError for a key of a wrong form or of small order.
    """
    if (int.from_bytes(public_key, "little") & (1 << 255) - 1) % _FIELD in _SMALL_ORDER:
        raise ValueError(f"a key of small order: {public_key.hex()}")
    return Ed25519PublicKey.from_public_bytes(public_key)
