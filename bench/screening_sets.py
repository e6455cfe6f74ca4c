"""Labelled tokens for the bench: rows of (set, flag, code, label), de-duplicated by code, split by hash into parts.

The real contracts are third-party data and not part of the repository; they are read from a folder with labels.csv and
runtime-bytecode.tar.xz (TARAZY_TOKENS, or ../shared/data/tokens beside the clone).
"""

from __future__ import annotations

import csv
import hashlib
import os
import tarfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import common

from tarazy.chains.evm.code import Code, parse_code

TUNING, REPORTING, WHOLE = "tuning", "reporting", "whole"
LISTED = "listed_benign"

# Which of our capabilities answers a label of each set; yes where any of them is yes.
FLAGS: dict[str, dict[str, tuple[str, ...]]] = {
    "crpwarner_sample": {"mint": ("mint",), "limit": ("limit",), "leak": ("leak",)},
    "piedpiper_confirmed": {
        "generate": ("mint",),
        "destroy": ("burn", "balance_change"),
        "freeze": ("limit",),
        "disable_transfer": ("limit",),
        "arbitrary_transfer": ("leak",),
    },
}


@dataclass(frozen=True, slots=True)
class Row:
    """One question with its label: does this code have this flag? Listed tokens have no flag and no label."""

    set: str
    part: str
    id: str
    key: str  # hash of the code without the metadata trailer
    flag: str
    capabilities: tuple[str, ...]
    label: bool | None


@dataclass(frozen=True, slots=True)
class Given:
    """Code as it is screened: `kind` is runtime or creation."""

    kind: str
    code: bytes


@dataclass(frozen=True, slots=True)
class Labelled:
    """All rows, the codes by key, and what de-duplication did."""

    rows: list[Row]
    codes: dict[str, Given]
    notes: dict[str, dict[str, int]]


def data_folder(given: str | None) -> Path | None:
    """Return the folder of the real contracts, or None where there is none."""
    for path in (given, os.environ.get("TARAZY_TOKENS"), str(common.ROOT.parent / "shared" / "data" / "tokens")):
        if path and (Path(path) / "labels.csv").is_file():
            return Path(path)
    return None


def key_of(code: bytes) -> str:
    """Return SHA-256 of the code without the compiler's metadata trailer."""
    return hashlib.sha256(Code(code).body).hexdigest()


def part_of(key: str) -> str:
    """Return the part: tuning where the first byte of the hash is even, reporting where it is odd."""
    return REPORTING if int(key[:2], 16) % 2 else TUNING


def read_real(folder: Path) -> Labelled:
    """Return the rows of the real contracts; of equal code one counts, and equal code with two labels none."""
    with tarfile.open(folder / "runtime-bytecode.tar.xz") as archive:
        texts = {entry.name: archive.extractfile(entry) for entry in archive if entry.isfile()}
        given = {name: parse_code(file.read()) for name, file in texts.items() if file}
    rows: dict[tuple[str, str, str], Row] = {}
    conflicts: set[tuple[str, str, str]] = set()
    codes: dict[str, Given] = {}
    notes: dict[str, Counter[str]] = {}
    with (folder / "labels.csv").open() as file:
        for line in csv.DictReader(file):
            row, code = read_row(line, given[line["runtime"]])
            place = (row.set, row.flag, row.key)
            note = notes.setdefault(row.set, Counter())
            note["rows"] += 1
            codes.setdefault(row.key, Given("runtime", code))
            if place not in rows:
                rows[place] = row
                continue
            note["same_code"] += 1
            if rows[place].label is not row.label:
                conflicts.add(place)
    for set_name, _, _ in conflicts:
        notes[set_name]["two_labels_for_one_code"] += 1
    kept = [row for place, row in rows.items() if place not in conflicts]
    return Labelled(kept, codes, {name: dict(note) for name, note in notes.items()})


def read_row(line: dict[str, str], code: bytes) -> tuple[Row, bytes]:
    """Return one line of labels.csv as a row, with its code."""
    key = key_of(code)
    flags = FLAGS.get(line["set"])
    flag = line["kinds"] if flags else ""
    capabilities = flags[flag] if flags else ()
    label = line["label"] == "1" if flags else None
    return Row(line["set"], part_of(key), line["id"], key, flag, capabilities, label), code


def join(*parts: Labelled) -> Labelled:
    """Return several sets as one list of rows; they are scored apart all the same."""
    return Labelled(
        [row for part in parts for row in part.rows],
        {key: code for part in parts for key, code in part.codes.items()},
        {name: note for part in parts for name, note in part.notes.items()},
    )
