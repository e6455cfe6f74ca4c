"""The documents' section of the configuration."""

from __future__ import annotations

from tarazy.platform.config.declaring import FilePath, Section, setting
from tarazy.platform.documents.store import DOCUMENT_BYTES_MAX, RETENTION_YEARS


class DocumentsSection(Section):
    """Documents by hash, beside the record."""

    directory: FilePath | None = setting(None, reason="folder of the store; verbs ask for it where it is not set")
    document_bytes_max: int = setting(
        DOCUMENT_BYTES_MAX, unit="bytes", minimum=1, maximum=1 << 30, reason="a scanned file of some hundred pages"
    )
    retention_years: int = setting(
        RETENTION_YEARS, unit="years", minimum=1, maximum=100, reason="six years at least (`aifc_cob/16.1`)"
    )
