"""One bad item stops no other one: faults of single items are kept until all were tried, then the first is raised."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from tarazy.chains.errors import NodeRefusedError
from tarazy.facility.custody.errors import CustodyError

T = TypeVar("T")
# A node that is down or lies ends the step at once: it would say the same of every item.
OF_ONE_ITEM = (CustodyError, NodeRefusedError)


def each_apart(items: Iterable[T], act: Callable[[T], None]) -> None:
    """Do an act for every item; raise the first item's fault after the last one."""
    first: Exception | None = None
    for item in items:
        try:
            act(item)
        except OF_ONE_ITEM as error:
            first = first or error
    if first is not None:
        raise first
