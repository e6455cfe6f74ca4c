"""Limits that no configuration moves, for the reference page: where each stands, its unit, and why it is fixed."""

from __future__ import annotations

import importlib

FIXED = (
    ("tarazy.journal.frame", "FRAME_BYTES_MAX", "bytes", "a reader of a record bounds its memory by it"),
    (
        "tarazy.journal.identity",
        "SEGMENT_BYTES_MAX",
        "bytes",
        "the same; a facility fixes its own size when it is made",
    ),
    ("tarazy.journal.identity", "OFFICERS_MAX", "officers", "founders in an identity"),
    ("tarazy.journal.identity", "IDENTITY_BYTES_MAX", "bytes", "an identity is read whole before it is believed"),
    ("tarazy.journal.sections", "TEXT_BYTES_MAX", "bytes", "a client's own name of an order"),
    ("tarazy.journal.note", "NOTE_BYTES_MAX", "bytes", "a signed head or a proof, of strangers"),
    ("tarazy.facility.sequencer.listeners", "QUEUE_FRAMES_MAX", "frames", "what a slow listener may have waiting"),
    (
        "tarazy.facility.sequencer.listeners",
        "QUEUE_BYTES_MAX",
        "bytes",
        "the same in bytes; then it catches up from disk",
    ),
    ("tarazy.facility.officers.drafts", "DRAFT_BYTES_MAX", "bytes", "a draft of an instruction"),
    ("tarazy.facility.officers.draft_folder", "DRAFTS_MAX", "drafts", "drafts on the page of instructions"),
    ("tarazy.facility.officers.key_files", "KEY_BYTES_MAX", "bytes", "an officer's key file"),
    ("tarazy.platform.config.loading", "FILE_BYTES_MAX", "bytes", "the configuration file itself"),
    ("tarazy.platform.config.secret", "SECRET_BYTES_MAX", "bytes", "the first line of a secret's file"),
    ("tarazy.platform.documents.index", "LINES_MAX", "lines", "the index of documents is read into memory: 600 MB"),
    ("tarazy.platform.web.serving", "HEADERS_BYTES_MAX", "bytes", "headers of a request"),
    ("tarazy.platform.web.serving", "HEADERS_MS", "ms", "headers that come slower are refused"),
    ("tarazy.platform.web.serving", "REQUESTS_AT_ONCE_MAX", "requests", "answered at once; more wait with the system"),
    ("tarazy.platform.web.serving", "BACKLOG", "connections", "that wait with the system"),
    ("tarazy.platform.web.middleware", "UPLOAD_BYTES_MAX", "bytes", "a form of the pages with its files"),
    ("tarazy.platform.web.responding", "BRACKETS_MAX", "brackets", "lists and objects in a body of JSON"),
    ("tarazy.platform.web.access_log", "FILE_BYTES_MAX", "bytes", "the access log; then it begins anew"),
    ("tarazy.platform.access.buckets", "CALLERS_MAX", "callers", "whose rates are known; the oldest is forgotten"),
    ("tarazy.chains.evm.node", "BYTES_MAX", "bytes", "one answer of a node"),
    ("tarazy.chains.evm.node", "BATCH_MAX", "calls", "in one request to a node"),
    ("tarazy.chains.evm.code", "CODE_BYTES_MAX", "bytes", "code that is screened; five times what a chain takes"),
)
HEAD = """## Fixed limits

Bounds on what strangers send and on what is read whole. No setting moves them, because others rely on them: a reader of
a record bounds its memory by what a writer may write.

| limit | value | unit | what it bounds |
| --- | --- | --- | --- |"""


def section() -> str:
    """Return the section of the page."""
    return "\n".join([HEAD, *(row(*each) for each in FIXED)]) + "\n"


def row(module: str, name: str, unit: str, why: str) -> str:
    """Return one line of the table, with the value that the module has."""
    value = getattr(importlib.import_module(module), name)
    return f"| `{name}` in `{module.removeprefix('tarazy.')}` | `{value:_}` | {unit} | {why} |"
