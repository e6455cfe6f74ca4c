"""What is asked of the same facts more than once is worked out once and kept with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from tarazy.screening.bytecode.facts import ContractFacts

T = TypeVar("T")


def cached(find: Callable[[ContractFacts], T]) -> Callable[[ContractFacts], T]:
    """Keep the answer of a function of facts with the facts."""
    name = f"{find.__module__}.{find.__qualname__}"

    @wraps(find)
    def asked(facts: ContractFacts) -> T:
        known: dict[str, T] = facts.__dict__
        if name not in known:
            known[name] = find(facts)
        return known[name]

    return asked
