"""The forms of order batches are those that their page states, and both translations of a batch are one."""

from __future__ import annotations

import re
import struct
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarazy.facility.gateway.native.order_batch import HEAD, ORDER, OUTCOME, BatchStatus, commands_of, read_orders
from tarazy.oversight.requests.batch_requests import batch_commands
from tarazy.oversight.requests.order_requests import OrderParty
from tarazy.oversight.requests.parameters import Parameters

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


IN_BATCH = struct.Struct("<BBBBIQQQQQ")
U32, U64 = st.integers(0, (1 << 32) - 1), st.integers(0, (1 << 64) - 1)
NUMBER = st.integers(1, (1 << 64) - 1)
THREE = st.integers(1, 3)
PLACED = st.tuples(st.just(1), THREE, st.integers(1, 2), THREE, U32, NUMBER, U64, U64, U64, st.just(0))
ZEROS = (st.just(0),) * 3
CANCELED = st.one_of(
    st.tuples(st.just(2), *ZEROS, U32, NUMBER, *ZEROS, st.just(0)),
    st.tuples(st.just(2), *ZEROS, U32, st.just(0), *ZEROS, NUMBER),
)


@given(st.lists(st.one_of(PLACED, CANCELED), min_size=1, max_size=20), U32, U32)
def test_batch_becomes_the_same_commands_column_by_column_and_one_by_one(
    orders: list[tuple[int, ...]], account_id: int, approval_id: int
) -> None:
    body, party = b"".join(IN_BATCH.pack(*each) for each in orders), OrderParty(account_id, approval_id)
    one_by_one = batch_commands(Parameters({"sha256": sha256(body).hexdigest()}), body, party)
    assert b"".join(each.pack() for each in one_by_one) == commands_of(read_orders(body), party)
