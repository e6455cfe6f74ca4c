"""One operation of the native API: its endpoint, and what its page in the OpenAPI document says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tarazy.facility.gateway.endpoint import Endpoint, Handler, Security

Schema = dict[str, Any]
JSON, CSV, PARQUET, PDF, BYTES, TEXT = (
    "application/json",
    "text/csv",
    "application/vnd.apache.parquet",
    "application/pdf",
    "application/octet-stream",
    "text/plain",
)
TABLE = (JSON, CSV, PARQUET)
DOCUMENT = (JSON, CSV, PDF)
WORDS = {JSON: "json", CSV: "csv", PARQUET: "parquet", PDF: "pdf"}

text_schema: Schema = {"type": "string"}
flag_schema: Schema = {"type": "boolean"}
amount_schema: Schema = {"type": "string", "description": "exact decimal text"}
time_schema: Schema = {"type": "integer", "description": "UTC milliseconds"}
number_schema: Schema = {"type": "integer", "minimum": 0}


def words(*names: str) -> Schema:
    """Return the schema of one of some words."""
    return {"type": "string", "enum": list(names)}


def up_to(high: int, low: int = 1) -> Schema:
    """Return the schema of a bounded whole number."""
    return {"type": "integer", "minimum": low, "maximum": high}


def listed(item: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": item}


def fields(optional: Iterable[str] = (), **properties: Schema) -> Schema:
    """Return the schema of an object; all its fields are there but the optional ones."""
    required = [name for name in properties if name not in set(optional)]
    return {"type": "object", "properties": properties, "required": required}


def or_nothing(schema: Schema) -> Schema:
    """Return the schema of a value that may be null."""
    return {"anyOf": [schema, {"type": "null"}]}


class Given(NamedTuple):
    """A parameter of an operation."""

    name: str
    schema: Schema
    doc: str
    required: bool = False


class Operation(NamedTuple):
    """An endpoint with its description. `answer` is the schema of its JSON, `media` what else it is given as.

    A body of another medium than JSON is bytes that are no form; `body_bytes_max` where it may be larger than others.
    """

    method: str
    path: str
    handler: Handler
    security: Security
    summary: str
    answer: Schema
    given: tuple[Given, ...] = ()
    weight: int = 1
    media: tuple[str, ...] = (JSON,)
    is_order: bool = False
    section: str = "account"
    body: Schema | None = None
    body_media: str = JSON
    body_bytes_max: int = 0

    @property
    def endpoint(self) -> Endpoint:
        """Return the endpoint."""
        is_raw = self.body_media != JSON
        terms = (self.handler, self.security, self.weight, self.is_order)
        return Endpoint(*terms, is_raw=is_raw, body_bytes_max=self.body_bytes_max)


def endpoints(operations: Iterable[Operation]) -> Mapping[tuple[str, str], Endpoint]:
    """Return operations as the application finds them."""
    return {(each.method, each.path): each.endpoint for each in operations}


def format_given(media: tuple[str, ...]) -> Given:
    """Return the parameter that says in which form an answer is wanted."""
    return Given("format", words(*(WORDS[each] for each in media)), "form of the answer; json where it is not sent")
