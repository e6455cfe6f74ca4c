"""The forms of order batches are those that their page states."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tarazy.facility.gateway.native.order_batch import HEAD, ORDER, OUTCOME, BatchStatus

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "order-batches.md"
ROW = re.compile(r"^\| (\d+) \| (u\d+) \| (\w+) \|", re.MULTILINE)
TYPES = {"u8": "u1", "u16": "u2", "u32": "u4", "u64": "u8"}


def stated() -> list[list[tuple[str, int, str]]]:
    """Return the tables of the page: name, offset and type of each field; a table begins at byte 0."""
    tables: list[list[tuple[str, int, str]]] = []
    for at, kind, name in ROW.findall(PAGE.read_text()):
        if at == "0":
            tables.append([])
        tables[-1].append((name, int(at), TYPES[kind]))
    return tables


@pytest.mark.parametrize(("place", "form", "size"), [(0, ORDER, 48), (1, HEAD, 24), (2, OUTCOME, 32)])
def test_a_form_is_the_table_of_its_page(place: int, form: np.dtype[Any], size: int) -> None:
    fields = form.fields or {}
    found = [(name, fields[name][1], fields[name][0].str.lstrip("<|")) for name in form.names or ()]
    assert (found, form.itemsize) == (stated()[place], size)


def test_the_words_for_a_status_are_those_of_the_page() -> None:
    row = next(line for line in PAGE.read_text().splitlines() if "| status |" in line)
    assert "1 open, 2 filled, 3 canceled, 4 refused, 5 client order id taken" in row
    assert [each.value for each in BatchStatus] == [1, 2, 3, 4, 5]
