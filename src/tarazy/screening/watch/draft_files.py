"""Drafts of suspensions as files, for the venue's operator: ID.json to read, ID.record with the 96 bytes.

Writing is repeatable: after a crash the same record gives the same files. A retraction withdraws the draft: the JSON
says so and the record goes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = "drafts"


def settle_draft(folder: Path, record: Mapping[str, Any]) -> None:
    """Write the draft of an alert, or withdraw that of an alert that is taken back."""
    drafts = folder / FOLDER
    if record["record"] == "alert" and record["draft"] is not None:
        drafts.mkdir(exist_ok=True)
        place = ("id", "title", "chain_id", "address", "block_number", "block_hash", "transaction", "content_hash")
        document = {**record["draft"], "alert": {name: record[name] for name in place}}
        replace(drafts / f"{record['id']}.record", bytes.fromhex(record["draft"]["record"]))
        replace(drafts / f"{record['id']}.json", text(document))
    elif record["record"] == "retraction":
        path = drafts / f"{record['retracts']}.json"
        if path.exists():
            document = json.loads(path.read_bytes())
            document |= {"status": "withdrawn", "warning": f"{record['title']}. {record['text']}", "record": None}
            path.with_suffix(".record").unlink(missing_ok=True)
            replace(path, text(document))


def text(document: Mapping[str, Any]) -> bytes:
    """Return a document as people read it."""
    return (json.dumps(document, indent=2, sort_keys=True) + "\n").encode()


def replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
