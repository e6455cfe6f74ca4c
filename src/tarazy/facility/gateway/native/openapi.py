"""The OpenAPI document of the native API, made from the operations themselves; `schemas/native/openapi.json` is it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tarazy.facility.gateway.endpoint import CHANGES, Security
from tarazy.facility.gateway.native.operation import JSON, Given, Operation, Schema, fields, text_schema

VERSION = "1"
INTRODUCTION = """What the Binance Spot dialect under /api/v3 has no word for.

Signed operations are signed as there: the header X-MBX-APIKEY names the key, `signature` is HMAC-SHA-256 (hexadecimal)
or Ed25519 (base64) over the query as it is sent, without `signature`. Amounts are exact decimal text, times UTC
milliseconds. Files of an account carry a signed note about their bytes in the header x-tarazy-note."""
VENUE_S_OWN = ("rejectCode", "reject", "advice")
ERROR: Schema = {
    **fields(VENUE_S_OWN, code={"type": "integer"}, msg=text_schema, **{name: {} for name in VENUE_S_OWN}),
    "description": "`code` is the dialect's; a refusal of the venue has its own beside it",
}
STATUSES = {
    "400": "a parameter, a signature or the venue refuses",
    "401": "the key, its scope or its address",
    "403": "asked by a foreign name or from another site's page",
    "404": "there is no such thing",
    "405": "another method",
    "413": "the body is too large",
    "429": "too much; `Retry-After` says when",
    "503": "it stands still or stops; nothing was done",
    "504": "the outcome is not known",
}
SIGNED = (
    Given("timestamp", {"type": "integer", "minimum": 0}, "the client's clock, UTC milliseconds or microseconds", True),
    Given("recvWindow", {"type": "number", "minimum": 0, "maximum": 60_000}, "how long it is in time, milliseconds"),
    Given("signature", text_schema, "over everything else, last", True),
)
KEY = "apiKey"


def document(operations: Iterable[Operation]) -> dict[str, Any]:
    """Return the document."""
    paths: dict[str, dict[str, Any]] = {}
    for each in operations:
        paths.setdefault(each.path, {})[each.method.lower()] = operation_plain(each)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tarazy native API", "version": VERSION, "description": INTRODUCTION},
        "paths": paths,
        "components": {
            "schemas": {"Error": ERROR},
            "securitySchemes": {KEY: {"type": "apiKey", "in": "header", "name": "X-MBX-APIKEY"}},
        },
    }


def operation_plain(operation: Operation) -> dict[str, Any]:
    """Return one operation."""
    has_key = operation.security not in (Security.NONE, Security.OFFICERS)
    is_signed = has_key and operation.security is not Security.KEY
    given = (*operation.given, *(SIGNED if is_signed else ()))
    scope = operation.security.value if has_key else None
    plain: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": name_of(operation),
        "tags": [operation.section],
        "description": f"Weight {operation.weight}."
        + (f" Needs a key with the scope {scope}." if scope else "")
        + (" Counts once." if operation.security in CHANGES else ""),
        "parameters": [parameter_plain(each) for each in given],
        "responses": {"200": answer_plain(operation), **{status: error_plain(doc) for status, doc in STATUSES.items()}},
    }
    if operation.body is not None:
        plain["requestBody"] = {"required": True, "content": {operation.body_media: {"schema": operation.body}}}
    return plain | ({"security": [{KEY: []}]} if has_key else {})


def name_of(operation: Operation) -> str:
    """Return the operation's name, from its method and path."""
    parts = [
        part for part in operation.path.removeprefix("/v1/").replace("-", "/").replace(".", "/").split("/") if part
    ]
    return operation.method.lower() + "".join(part.capitalize() for part in parts)


def parameter_plain(given: Given) -> dict[str, Any]:
    """Return one parameter."""
    plain = {"name": given.name, "in": "query", "description": given.doc, "schema": given.schema}
    return plain | ({"required": True} if given.required else {})


def answer_plain(operation: Operation) -> dict[str, Any]:
    """Return the answer in each of its forms."""
    content = {
        media: {"schema": operation.answer if media == JSON else {"type": "string", "format": "binary"}}
        for media in operation.media
    }
    return {"description": operation.summary, "content": content}


def error_plain(doc: str) -> dict[str, Any]:
    """Return an error's answer."""
    return {"description": doc, "content": {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}}
