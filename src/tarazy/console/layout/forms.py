"""Forms as browsers send them, read within bounds, and the token that proves that a form came from our own page.

The token is an HMAC of a random cookie under a key of this process: another site can make a browser send the cookie
but cannot read it, so it cannot know the token. `Sec-Fetch-Site` and `Origin`, where sent, are looked at as well.
Known limits: forms filled in before a restart of the server are refused once, with the reason, and then accepted.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

BODY_BYTES_MAX = 64 * 1024**2
PARTS_MAX = 10_010
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


async def read_body(stream: AsyncIterator[bytes], declared: str | None) -> bytes:
    """Return a body of at most `BODY_BYTES_MAX` bytes.

    Raises: FormError where it is larger, before it was read to its end.
    """
    too_large = FormError(413, f"expected at most {BODY_BYTES_MAX // 1024**2} MiB, found more: send fewer files")
    if declared is not None and declared.isdigit() and int(declared) > BODY_BYTES_MAX:
        raise too_large
    pieces, size = [], 0
    async for piece in stream:
        size += len(piece)
        if size > BODY_BYTES_MAX:
            raise too_large
        pieces.append(piece)
    return b"".join(pieces)


def parse_form(body: bytes, content_type: str) -> Form:
    """Return the form in a body.

    Raises: FormError where it is of another kind or broken.
    """
    kind, _, rest = content_type.partition(";")
    if kind.strip().lower() == "application/x-www-form-urlencoded":
        try:
            pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=PARTS_MAX)
        except ValueError as error:
            raise FormError(400, f"expected a form of UTF-8 text, found another body: {error}") from None
        return Form(dict(pairs))
    if kind.strip().lower() == "multipart/form-data":
        return parse_multipart(body, parameter(rest, "boundary"))
    raise FormError(415, f"expected a form, found a body of type {kind.strip() or 'unknown'!r}")


def parse_multipart(body: bytes, boundary: str | None) -> Form:
    """Return the form in a multipart body.

    Raises: FormError where a boundary is missing, or there are too many parts.
    """
    if not boundary or len(boundary) > 200:
        raise FormError(400, "expected a multipart form with its boundary, found none: send the form again")
    mark = b"--" + boundary.encode("latin-1", "replace")
    pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise FormError(400, "expected a whole multipart form, found one that is cut off: send it again")
    if len(pieces) - 2 > PARTS_MAX:
        raise FormError(413, f"expected at most {PARTS_MAX:,} parts, found {len(pieces) - 2:,}: send fewer files")
    fields: dict[str, str] = {}
    files: list[Upload] = []
    for piece in pieces[1:-1]:
        head, gap, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        disposition = disposition_of(head.decode("utf-8", "replace"))
        if not gap or "name" not in disposition:
            raise FormError(400, "expected a name for every part of the form, found a part without")
        if "filename" not in disposition:
            fields[disposition["name"]] = content.decode("utf-8", "replace")
        elif disposition["filename"] or content:
            files.append(Upload(disposition["filename"], content))
    return Form(fields, tuple(files))


def disposition_of(head: str) -> dict[str, str]:
    """Return name and file name of a part, from its headers."""
    for line in head.split("\r\n"):
        title, _, value = line.partition(":")
        if title.strip().lower() == "content-disposition":
            rest = value.partition(";")[2]
            found = {key: parameter(rest, key) for key in ("name", "filename")}
            return {key: text for key, text in found.items() if text is not None}
    return {}


def parameter(rest: str, name: str) -> str | None:
    """Return one parameter of a header, quoted or not; browsers write a quote inside as %22."""
    place = 0
    while place < len(rest):
        key, equals, after = rest[place:].partition("=")
        if not equals:
            return None
        start = len(rest) - len(after)
        if after.startswith('"'):
            end = rest.find('"', start + 1)
            end = len(rest) if end < 0 else end
            value, place = rest[start + 1 : end], end + 1
        else:
            end = rest.find(";", start)
            end = len(rest) if end < 0 else end
            value, place = rest[start:end].strip(), end
        if key.strip(" ;\t\r\n").lower() == name:
            return value.replace("%22", '"').replace("%0D", "").replace("%0A", "")
    return None


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
