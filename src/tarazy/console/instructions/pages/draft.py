"""One draft: everything that a signature covers, and the form that signs it in the browser."""

from __future__ import annotations

from tarazy.console.instructions.desk import WAITS, InstructionDesk
from tarazy.console.layout.page_layout import Page, PageError, PageRequest, Redirect
from tarazy.facility.officers.draft_folder import DraftChangedError
from tarazy.facility.officers.errors import DraftError

DIGEST_BYTES, SIGNATURE_BYTES = 32, 64


def show(desk: InstructionDesk, asked: PageRequest) -> Page:
    """Return the page."""
    name = asked.path["name"]
    try:
        draft = desk.drafts.read(name)
    except DraftError as error:
        raise PageError(404, "No such draft", str(error)) from error
    data = desk.shown(name, draft)
    wrong = [each for each in data["officers"] if not each["known"]]
    return Page("draft.html", f"Instruction {name}", data | {"can_sign": data["state"] == WAITS and not wrong})


def sign(desk: InstructionDesk, asked: PageRequest) -> Redirect:
    """Add the signature that the browser made."""
    name, form = asked.path["name"], asked.form
    digest = from_hex("digest", form.text("digest"), DIGEST_BYTES)
    signature = from_hex("signature", form.text("signature"), SIGNATURE_BYTES)
    try:
        desk.drafts.sign(name, digest, signature)
    except DraftChangedError as error:
        raise PageError(409, "Not signed", str(error)) from error
    except DraftError as error:
        raise PageError(422, "Not signed", str(error)) from error
    return Redirect("draft", {"name": name})


def from_hex(field: str, text: str, size: int) -> bytes:
    """Return a field's bytes.

    Raises: PageError.
    """
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != size:
        raise PageError(422, "Not signed", f"{field}: expected {2 * size} hexadecimal digits, found {len(text)} others")
    return found
