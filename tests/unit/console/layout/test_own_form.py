"""A form that comes too slowly, or breaks off, is an answer of one sentence, not a defect in the log."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import Request

from tarazy.console.layout import login
from tarazy.console.layout.forms import FormError, FormGuard

HEADERS = [(b"content-type", b"application/x-www-form-urlencoded")]


def read(*messages: dict[str, Any]) -> None:
    """Read a form whose body comes in these messages, and then not at all."""
    left = list(messages)

    async def receive() -> dict[str, Any]:
        if left:
            return left.pop(0)
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    request = Request({"type": "http", "method": "POST", "path": "/", "headers": HEADERS}, receive)
    asyncio.run(login.own_form(request, FormGuard()))


def test_form_that_breaks_off_is_said() -> None:
    with pytest.raises(FormError, match="broke off") as refused:
        read({"type": "http.request", "body": b"a", "more_body": True}, {"type": "http.disconnect"})
    assert refused.value.status == 400


def test_form_that_does_not_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "FORM_S", 0.05)
    with pytest.raises(FormError, match="within") as refused:
        read({"type": "http.request", "body": b"a", "more_body": True})
    assert refused.value.status == 408
