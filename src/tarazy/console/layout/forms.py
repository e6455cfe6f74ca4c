"""Forms as browsers send them, read within bounds, and the token that proves that a form came from our own page.

The token is an HMAC of a random cookie under a key of this process: another site can make a browser send the cookie
but cannot read it, so it cannot know the token. `Sec-Fetch-Site` and `Origin`, where sent, are looked at as well.
Known limits: where a section has no key that lasts, forms filled in before a restart of the server are refused once,
with the reason, and then accepted.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

BODY_BYTES_MAX = 64 * 1024**2
PARTS_MAX = 10_010
BOUNDARY_BYTES_MAX = 200
COOKIE = "tarazy_form"
TOKEN_FIELD = "form_token"


class FormError(Exception):
    """A form cannot be read or is not ours; `status` is the HTTP status that says so."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was sent with a form; its name is the sender's choice."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """The fields and the files of a form."""

    fields: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Upload, ...] = ()

    def text(self, name: str) -> str:
        """Return a field without the space around it, or nothing."""
        return self.fields.get(name, "").strip()


async def read_form(
    stream: AsyncIterator[bytes], content_type: str, declared: str | None, most: int = BODY_BYTES_MAX
) -> Form:
    """Return the form in a body of at most `most` bytes, read as it comes; `declared` is its Content-Length.

    Raises: FormError where it is larger, before it was read to its end; where it is of another kind, or broken.
    """
    too_large = FormError(413, f"expected at most {in_words(most)}, found more: send less at once")
    if declared is not None and declared.isdigit() and int(declared) > most:
        raise too_large
    reader, size = reader_of(content_type), 0
    async for piece in stream:
        size += len(piece)
        if size > most:
            raise too_large
        reader.write(piece)
    return reader.form()


def in_words(size: int) -> str:
    """Return a size in whole MiB or KiB."""
    return f"{size // 1024**2} MiB" if size >= 1024**2 else f"{size // 1024} KiB"


def reader_of(content_type: str) -> FieldReader | PartReader:
    """Return what reads a body of this type.

    Raises: FormError where it is no form's.
    """
    kind, options = parse_options_header(content_type)
    if kind == b"application/x-www-form-urlencoded":
        return FieldReader()
    if kind == b"multipart/form-data":
        return PartReader(options.get(b"boundary", b""))
    raise FormError(415, f"expected a form, found a body of type {kind.decode('latin-1') or 'unknown'!r}")


class FieldReader:
    """Reads a form of fields alone."""

    def __init__(self) -> None:
        self._body = bytearray()

    def write(self, piece: bytes) -> None:
        """Take a piece of the body."""
        self._body += piece

    def form(self) -> Form:
        """Return the form.

        Raises: FormError.
        """
        try:
            return Form(dict(parse_qsl(self._body.decode("utf-8"), keep_blank_values=True, max_num_fields=PARTS_MAX)))
        except ValueError as error:
            raise FormError(400, f"expected a form of UTF-8 text, found another body: {error}") from None


class PartReader:
    """Reads a form with files. Raises: FormError where it is broken or has too many parts."""

    def __init__(self, boundary: bytes) -> None:
        if not boundary or len(boundary) > BOUNDARY_BYTES_MAX:
            raise FormError(400, "expected a multipart form with its boundary, found none: send the form again")
        self._fields: dict[str, str] = {}
        self._files: list[Upload] = []
        self._count = 0
        self._headers: list[list[bytearray]] = []  # of the part at hand: name and value
        self._content = bytearray()
        self._ended = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_begin": lambda: self._headers.append([bytearray(), bytearray()]),
                "on_header_field": lambda data, start, end: self._headers[-1][0].extend(data[start:end]),
                "on_header_value": lambda data, start, end: self._headers[-1][1].extend(data[start:end]),
                "on_part_data": lambda data, start, end: self._content.extend(data[start:end]),
                "on_part_end": self._end,
                "on_end": self._close,
            },
        )

    def write(self, piece: bytes) -> None:
        """Take a piece of the body."""
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise FormError(400, f"expected a whole multipart form, found a broken one: {error}") from None

    def form(self) -> Form:
        """Return the form."""
        if not self._ended:
            raise FormError(400, "expected a whole multipart form, found one that is cut off: send it again")
        return Form(self._fields, tuple(self._files))

    def _begin(self) -> None:
        self._count += 1
        if self._count > PARTS_MAX:
            raise FormError(413, f"expected at most {PARTS_MAX:,} parts, found more: send fewer files")
        self._headers, self._content = [], bytearray()

    def _end(self) -> None:
        values = [bytes(value) for name, value in self._headers if name.lower() == b"content-disposition"]
        options = parse_options_header(values[0])[1] if values else {}
        if b"name" not in options:
            raise FormError(400, "expected a name for every part of the form, found a part without")
        name, file_name = written(options[b"name"]), options.get(b"filename")
        if file_name is None:
            self._fields[name] = self._content.decode("utf-8", "replace")
        elif file_name or self._content:
            self._files.append(Upload(written(file_name), bytes(self._content)))

    def _close(self) -> None:
        self._ended = True


def written(value: bytes) -> str:
    """Return a name as it was before the browser wrote a quote inside it as %22."""
    return value.decode("utf-8", "replace").replace("%22", '"').replace("%0D", "").replace("%0A", "")


class FormGuard:
    """Gives out and checks the tokens of forms."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)

    def cookie(self, found: str | None) -> str:
        """Return the cookie that the browser has, or a new one."""
        return found if found and len(found) == 43 and found.isascii() else secrets.token_urlsafe(32)

    def token(self, cookie: str) -> str:
        """Return the token that a form carries beside this cookie."""
        return hmac.new(self._key, cookie.encode(), hashlib.sha256).hexdigest()

    def check(self, form: Form, cookie: str | None, headers: Mapping[str, str]) -> None:
        """Let a form pass that was sent from our own page.

        Raises: FormError with what was wrong.
        """
        again = "load the page again and send the form from there"
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise FormError(403, f"expected a form sent from this console, found one sent from another site: {again}")
        origin = headers.get("origin", "")
        if origin not in ("", "null") and urlsplit(origin).netloc != headers.get("host", ""):
            raise FormError(403, f"expected a form sent from this console, found one sent from {origin}: {again}")
        expected = self.token(cookie) if cookie else ""
        if not expected or not hmac.compare_digest(expected.encode(), form.text(TOKEN_FIELD).encode()):
            raise FormError(403, f"expected the form's own token, found another or none: {again}")
