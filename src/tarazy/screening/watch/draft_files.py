"""Drafts of suspensions as files, for the venue's operator: ID.json to read, ID.record with the 96 bytes.

Writing is repeatable: after a crash the same record gives the same files. A retraction withdraws the draft: the JSON
says so and the record goes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tarazy.platform.storage.files import write_whole

FOLDER = "drafts"


def settle_draft(folder: Path, record: Mapping[str, Any]) -> None:
    """Write the draft of an alert, or withdraw that of an alert that is taken back."""
    drafts = folder / FOLDER
    if record["record"] == "alert" and record["draft"] is not None:
        drafts.mkdir(exist_ok=True)
        place = ("id", "title", "chain_id", "address", "block_number", "block_hash", "transaction", "content_hash")
        document = {**record["draft"], "alert": {name: record[name] for name in place}}
        write_whole(drafts / f"{record['id']}.record", bytes.fromhex(record["draft"]["record"]))
        write_whole(drafts / f"{record['id']}.json", text(document))
    elif record["record"] == "retraction":
        path = drafts / f"{record['retracts']}.json"
        if path.exists():
            document = json.loads(path.read_bytes())
            document |= {"status": "withdrawn", "warning": f"{record['title']}. {record['text']}", "record": None}
            path.with_suffix(".record").unlink(missing_ok=True)
            write_whole(path, text(document))


def text(document: Mapping[str, Any]) -> bytes:
    """Return a document as people read it."""
    return (json.dumps(document, indent=2, sort_keys=True) + "\n").encode()
