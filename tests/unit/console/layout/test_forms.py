"""Forms are read within bounds, and only from our own pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tarazy.console.layout.forms import (
    BODY_BYTES_MAX,
    PARTS_MAX,
    Form,
    FormError,
    FormGuard,
    Upload,
    read_form,
)

BOUNDARY = "----boundary7"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


def read(body: bytes, kind: str, step: int = 65_536) -> Form:
    """Return the form in a body that comes in pieces of so many bytes."""

    async def pieces() -> AsyncIterator[bytes]:
        for place in range(0, len(body), step):
            yield body[place : place + step]

    return asyncio.run(read_form(pieces(), kind, None))


def part(head: str, content: bytes) -> bytes:
    """Return one part of a multipart body."""
    return f"--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"


def multipart(*parts: bytes) -> bytes:
    """Return a multipart body."""
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def test_url_encoded_fields_are_read_as_sent() -> None:
    form = read(b"a=1&name=%D0%A2%D0%B5%D2%A3%D0%B3%D0%B5+%2B&empty=", "application/x-www-form-urlencoded")
    assert form.fields == {"a": "1", "name": "Теңге +", "empty": ""}


@pytest.mark.parametrize("step", [1, 7, 65_536])
def test_multipart_fields_and_files_are_read_byte_for_byte_however_they_come(step: int) -> None:
    raw = bytes(range(256)) + b"\r\n--not the boundary\r\n\r\n--" + BOUNDARY[:-1].encode() + b"\r\n"
    body = multipart(part('name="kind"', b"runtime"), part('name="file"; filename="a.bin"', raw))
    form = read(body, MULTIPART, step)
    assert form.fields == {"kind": "runtime"}
    assert form.files == (Upload("a.bin", raw),)


def test_file_name_with_quotes_and_semicolons_is_whole() -> None:
    form = read(multipart(part('name="file"; filename="a;b=%22c%22.bin"', b"x")), MULTIPART)
    assert form.files[0].name == 'a;b="c".bin'


def test_file_field_without_a_file_is_left_out() -> None:
    assert read(multipart(part('name="file"; filename=""', b"")), MULTIPART).files == ()


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (b"", "", 415),
        (b"a=\xff", "application/x-www-form-urlencoded", 400),
        (b"&".join([b"a=1"] * (PARTS_MAX + 1)), "application/x-www-form-urlencoded", 400),
        (b"", "multipart/form-data", 400),
        (b"--" + BOUNDARY.encode() + b"\r\n", MULTIPART, 400),
        (part('name="a"', b"1"), MULTIPART, 400),
        (multipart(b"--" + BOUNDARY.encode() + b"\r\nno header\r\n\r\nx\r\n"), MULTIPART, 400),
        (multipart(*[part('name="a"', b"")] * (PARTS_MAX + 1)), MULTIPART, 413),
    ],
)
def test_broken_form_is_refused_with_what_was_expected(body: bytes, kind: str, status: int) -> None:
    with pytest.raises(FormError, match="expected") as caught:
        read(body, kind)
    assert caught.value.status == status


def test_body_beyond_the_bound_is_refused_before_its_end() -> None:
    taken = 0

    async def stream() -> AsyncIterator[bytes]:
        nonlocal taken
        begun = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\n".encode()
        for _ in range(1_000):
            taken += 1
            yield begun.ljust(1024**2, b"x") if taken == 1 else bytes(1024**2)

    with pytest.raises(FormError, match="expected at most"):
        asyncio.run(read_form(stream(), MULTIPART, None))
    assert taken == BODY_BYTES_MAX // 1024**2 + 1
    with pytest.raises(FormError, match="expected at most"):
        asyncio.run(read_form(stream(), MULTIPART, str(BODY_BYTES_MAX + 1)))


def test_token_of_our_page_lets_a_form_pass() -> None:
    guard = FormGuard()
    cookie = guard.cookie(None)
    assert guard.cookie(cookie) == cookie
    guard.check(Form({"form_token": guard.token(cookie)}), cookie, {"sec-fetch-site": "same-origin", "host": "a"})
    guard.check(Form({"form_token": guard.token(cookie)}), cookie, {"origin": "http://a:1", "host": "a:1"})


def test_form_of_another_site_is_refused() -> None:
    guard = FormGuard()
    cookie = guard.cookie(None)
    right = {"form_token": guard.token(cookie)}
    refused: list[tuple[dict[str, str], str | None, dict[str, str]]] = [
        ({}, cookie, {}),
        ({"form_token": "0" * 64}, cookie, {}),
        ({"form_token": "тест"}, cookie, {}),
        ({"form_token": FormGuard().token(cookie)}, cookie, {}),
        (right, None, {}),
        (right, guard.cookie(None), {}),
        (right, cookie, {"sec-fetch-site": "cross-site"}),
        (right, cookie, {"sec-fetch-site": "same-site"}),
        (right, cookie, {"origin": "https://evil.example", "host": "console"}),
    ]
    for fields, sent, headers in refused:
        with pytest.raises(FormError, match="expected") as caught:
            guard.check(Form(fields), sent, headers)
        assert caught.value.status == 403
