"""What can be wrong with the files that the criteria are run on."""

from __future__ import annotations


class ListingFileError(Exception):
    """A file of observations or of criteria cannot be used."""

    def __init__(self, where: object, expected: str, found: str, action: str = "Mend the file") -> None:
        super().__init__(f"{where}: expected {expected}, found {found}. {action}")
