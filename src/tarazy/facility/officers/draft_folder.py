"""A folder of drafts: which instructions wait, for whom, and signatures that were made elsewhere added to them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from tarazy.facility.officers.drafts import Draft, add_signature, read_draft, sign_in_place
from tarazy.facility.officers.errors import DraftError, file_error

DRAFTS_MAX = 1_000
NAME = re.compile(r"(?!.*\.json$)[\w-][\w. -]{0,200}")
ENDING = ".json"


class DraftChangedError(DraftError):
    """A draft that is no longer the one that was shown."""


class Found(NamedTuple):
    """One file of the folder, by its name without `.json`: its draft, or why it is none."""

    name: str
    draft: Draft | None
    problem: str = ""


class DraftFolder:
    """The drafts of one facility in a folder, of which others may replace a file as a whole."""

    def __init__(self, directory: Path, facility_id: bytes) -> None:
        self.directory = Path(directory)
        self.facility_id = facility_id

    def all(self) -> list[Found]:
        """Return every draft of the folder, by name.

        Raises: DraftError where the folder cannot be read or holds too many.
        """
        try:
            files = [path.name for path in self.directory.iterdir() if path.name.endswith(ENDING)]
        except OSError as error:
            raise file_error(DraftError, self.directory, "list the drafts", error) from error
        names = sorted(file.removesuffix(ENDING) for file in files if not file.startswith("."))
        if len(names) > DRAFTS_MAX:
            expected, action = f"at most {DRAFTS_MAX} drafts", "Move those away that are done"
            raise DraftError(self.directory, expected=expected, found=str(len(names)), action=action)
        return [self._found(name) for name in names]

    def path(self, name: str) -> Path:
        """Return the file of a draft."""
        return self.directory / f"{name}{ENDING}"

    def read(self, name: str) -> Draft:
        """Return one draft, checked.

        Raises: DraftError.
        """
        if not NAME.fullmatch(name):
            expected = "the name of a draft: letters, digits, spaces, dots and dashes"
            raise DraftError("draft", expected=expected, found=ascii(name[:80]), action="Give the file another name")
        draft = read_draft(self.path(name))
        if draft.facility_id != self.facility_id:
            found = f"one to {draft.facility} ({draft.facility_id.hex()})"
            raise DraftError(name, expected=f"an instruction to {self.facility_id.hex()}", found=found)
        return draft

    def sign(self, name: str, digest: bytes, signature: bytes) -> Draft:
        """Add a signature to a draft that still has the digest that its signer saw.

        Raises: DraftChangedError for another digest, DraftError for a signature that does not hold.
        """

        def sign(draft: Draft) -> Draft:
            if draft.digest != digest:
                action = "It was changed after the page was shown: read it again. Nothing was signed"
                raise DraftChangedError(name, expected=draft.digest.hex(), found=digest.hex(), action=action)
            return add_signature(draft, signature)

        return sign_in_place(self.path(name), lambda: self.read(name), sign)

    def _found(self, name: str) -> Found:
        try:
            return Found(name, self.read(name))
        except DraftError as error:
            return Found(name, None, str(error))
