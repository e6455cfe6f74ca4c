"""What is asked of the same facts more than once is worked out once and kept with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Generic, Protocol, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Cache:
    """Has room for tables of what was worked out; they end with it."""

    def __init__(self) -> None:
        self._tables: dict[CacheTable[Any, Any], dict[Any, Any]] = {}

    def table(self, table: CacheTable[K, V]) -> dict[K, V]:
        """Return a table, empty at first."""
        return self._tables.setdefault(table, {})


class Keeper(Protocol):
    """What has room for tables: the facts of a contract."""

    cache: Cache


class CacheTable(Generic[K, V]):
    """Names one kind of table with the types of its keys and values; each is known by its identity."""


F = TypeVar("F", bound=Keeper)


def cached(find: Callable[[F], V]) -> Callable[[F], V]:
    """Keep the answer of a function of facts with the facts."""
    answers: CacheTable[None, V] = CacheTable()

    @wraps(find)
    def asked(facts: F) -> V:
        known = facts.cache.table(answers)
        if None not in known:
            known[None] = find(facts)
        return known[None]

    return asked
