"""Pages of rows as JSON, CSV or Parquet: the same columns in each, exact decimal text, and where to go on."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple

from tarazy.facility.gateway.endpoint import Body, GatewayRequest
from tarazy.facility.gateway.native.operation import CSV, PARQUET, Given, Schema, fields, listed, or_nothing, up_to
from tarazy.oversight.requests.errors import INVALID_PARAMETER, DialectError

ROWS, ROWS_MAX = 1_000, 10_000
NEXT_HEADER = b"x-tarazy-next"


class FileForm(Enum):
    """How a page is written."""

    json = "json"
    csv = "csv"
    parquet = "parquet"
    pdf = "pdf"


class PageColumn(NamedTuple):
    """One column of a page."""

    name: str
    schema: Schema
    doc: str


class RowPage(NamedTuple):
    """Rows with their columns. `following` is the cursor behind the last of them, None where there are no more."""

    columns: tuple[PageColumn, ...]
    rows: Sequence[Sequence[Any]]
    following: str | None


AFTER = Given("after", {"type": "string", "maxLength": 64}, "cursor of the last row that is known: go on behind it")
LIMIT = Given("limit", up_to(ROWS_MAX), f"rows; {ROWS} where it is not sent")


def page_schema(columns: Sequence[PageColumn]) -> Schema:
    """Return the schema of a page as JSON."""
    row = fields(**{each.name: {**each.schema, "description": each.doc} for each in columns})
    return fields(rows=listed(row), next=or_nothing({"type": "string"}))


def wanted_form(asked: GatewayRequest, *allowed: FileForm) -> FileForm:
    """Return the form that a request asks for.

    Raises: DialectError for another word.
    """
    message = f"Data sent for parameter 'format' is not valid: {', '.join(each.value for each in allowed)}."
    found = asked.parameters.choice("format", FileForm, FileForm.json, INVALID_PARAMETER, message) or FileForm.json
    if found not in allowed:
        raise DialectError(INVALID_PARAMETER, message)
    return found


def wanted_rows(asked: GatewayRequest) -> int:
    """Return how many rows are asked for."""
    return asked.parameters.count("limit", ROWS, ROWS_MAX)


def written(page: RowPage, form: FileForm, name: str) -> Any:
    """Return a page in a form: plain data, or a file with the cursor in a header."""
    names = [each.name for each in page.columns]
    if form is FileForm.json:
        return {"rows": [dict(zip(names, row, strict=True)) for row in page.rows], "next": page.following}
    headers = [(NEXT_HEADER, page.following.encode())] if page.following else []
    if form is FileForm.csv:
        return Body(csv_bytes(names, page.rows), CSV, f"{name}.csv", tuple(headers))
    return Body(parquet_bytes(page), PARQUET, f"{name}.parquet", tuple(headers))


def csv_bytes(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """Return rows as CSV of RFC 4180, in UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows([["" if value is None else plain_cell(value) for value in row] for row in rows])
    return text.getvalue().encode()


def plain_cell(value: Any) -> Any:
    """Return a value of a cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "@", "\t", "\r"):
        return f"'{value}"
    return value


def is_whole(schema: Schema) -> bool:
    """Say whether a column holds whole numbers, or nothing."""
    return any(each.get("type") == "integer" for each in (schema, *schema.get("anyOf", ())))


def parquet_bytes(page: RowPage) -> bytes:
    """Return rows as Parquet: whole numbers as int64, all other values as text.

    Raises: DialectError where the package for it is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        message = "Parquet needs the extra `export`, which is not installed here; ask for csv."
        raise DialectError(INVALID_PARAMETER, message) from None
    arrays = {}
    for at, column in enumerate(page.columns):
        values = [row[at] for row in page.rows]
        if is_whole(column.schema):
            arrays[column.name] = pa.array(values, pa.int64())
        else:
            arrays[column.name] = pa.array([None if each is None else str(each) for each in values], pa.string())
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(arrays), sink)
    return bytes(sink.getvalue())
