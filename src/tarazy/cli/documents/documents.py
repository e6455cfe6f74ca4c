"""`tarazy documents ACT DIR`: documents by hash, kept beside the record until their day."""

from __future__ import annotations

import argparse

from tarazy.cli.acts import add_acts, run_act
from tarazy.cli.output import Output

ACTS = {
    "add": ("documents.add", "store files under their SHA-256, with kind, media type and retention date"),
    "show": ("documents.show", "tell what is known of a document, or write it out after checking its hash"),
    "list": ("documents.list", "list documents and tombstones, or read every document and check its hash"),
    "sign": ("documents.sign", "sign the index with the facility's key, so that it cannot be written anew unnoticed"),
    "retain": ("documents.retain", "move a document's retention date on"),
    "delete": ("documents.delete", "delete a document whose retention is over; a tombstone stays"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the acts and their arguments."""
    add_acts(parser, ACTS)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act."""
    return run_act(arguments, output, ACTS)
