"""Reading what a test has written, and a bank book that is set up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tarazy.facility.banking.reading import WholeStatement, turned_statements, whole_statements

from .desk import BankDesk

Read = Callable[..., list[WholeStatement]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return a function that writes bytes to a file and reads its statements."""

    def reading(content: bytes, *, by_balances: bool = False) -> list[WholeStatement]:
        path = tmp_path / "file.bank"
        path.write_bytes(content)
        turned = turned_statements(path) if by_balances else frozenset()
        return list(whole_statements(path, turned))

    return reading


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[BankDesk]:
    """Return a desk with its accounts and clients."""
    found = BankDesk(tmp_path)
    found.set_up()
    yield found
    found.book.close()
