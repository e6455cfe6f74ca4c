"""Reading ahead gives the same items in the same order, and the same errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tarazy.journal.read_ahead import read_ahead


def test_items_come_in_order() -> None:
    assert list(read_ahead(range(1000))) == list(range(1000))


def test_error_of_the_items_is_raised_behind_the_items_before_it() -> None:
    def broken() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("third")

    items = read_ahead(broken())
    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(ValueError, match="third"):
        next(items)


def test_leaving_early_ends_the_thread() -> None:
    items = read_ahead(iter(range(10**9)))
    assert next(items) == 0
    items.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "tarazy-read-ahead"]
