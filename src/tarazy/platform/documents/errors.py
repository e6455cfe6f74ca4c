"""What can go wrong with a store of documents."""

from __future__ import annotations

from datetime import date

from tarazy.platform.errors import ExplainedError


class DocumentError(ExplainedError):
    """Root of the errors here."""


class DocumentMissingError(DocumentError):
    """A document that the store does not have, or no longer."""


class DocumentDamagedError(DocumentError):
    """A document, or the index, whose bytes are not those that were stored."""


class DocumentRefusedError(DocumentError):
    """A file or a description that cannot become a document."""


class RetentionError(DocumentError):
    """A document that must stay; `retain_until` is its last day."""

    def __init__(self, where: object, *, expected: str, found: str, retain_until: date) -> None:
        super().__init__(where, expected=expected, found=found)
        self.retain_until = retain_until


class StoreError(DocumentError):
    """What the machine says about the store's files."""
