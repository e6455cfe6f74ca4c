"""Code and texts speak the field's words: docs/concepts/terms.md. What each replaces is in `words.py`."""

from __future__ import annotations

import re

import pytest

from .repository import ROOT, SOURCE, name, python_files, text_files
from .words import ROWS, Row, held, names_of

GLOSSARY = ROOT / "docs" / "concepts" / "terms.md"
TEXTS = [
    path
    for path in text_files(".py", ".md", ".html", ".rs", ".toml")
    if path.parent.name != "house" and not path.is_relative_to(ROOT / "tests" / "corpus")
]

# Names that others read: of capabilities and fields on the wire or in a store.
KEPT = frozenset({"leak", "launch_gate", "gates"})

# Files of the dialect that clients of Binance speak: its words stand there as it prescribes them.
OF_THE_WIRE = (
    "src/tarazy/facility/gateway/direct/",
    "tests/e2e/test_plain_orders.py",
    "tests/unit/facility/gateway/direct/",
    "src/tarazy/facility/gateway/dialect/",
    "src/tarazy/oversight/requests/",
    "src/tarazy/facility/gateway/fix/",
    "docs/reference/gateway.md",
    "examples/03_conformance.py",
    "tests/e2e/test_gateway_",
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.instead)
def test_no_name_holds_a_word_that_the_field_calls_otherwise(row: Row) -> None:
    found = [
        f"{name(path)}:{line}: {word}"
        for path in python_files(*row.folders)
        for line, word in names_of(path)
        if word not in KEPT and held(row, word)
    ]
    assert not found, f"say {row.instead}:\n" + "\n".join(found)


@pytest.mark.parametrize("row", [row for row in ROWS if row.phrases], ids=lambda row: row.instead)
def test_no_text_holds_a_phrase_that_the_field_calls_otherwise(row: Row) -> None:
    anywhere, elsewhere = (
        re.compile("|".join(rf"\b{re.escape(each)}\b" for each in phrases) or "(?!)")
        for phrases in (set(row.phrases) - set(row.wire), row.wire)
    )
    found = [
        f"{name(path)}:{number}: {line.strip()[:100]}"
        for path in TEXTS
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if anywhere.search(line) or (elsewhere.search(line) and not name(path).startswith(OF_THE_WIRE))
    ]
    assert not found, f"say {row.instead}:\n" + "\n".join(found)


def test_every_word_instead_is_in_the_glossary() -> None:
    terms = GLOSSARY.read_text().lower()
    missing = [
        each
        for row in ROWS
        for each in re.split("; ", row.instead)
        if each.lower().replace("reverted", "revert") not in terms
    ]
    assert not missing, f"{name(GLOSSARY)}: expected a line for {missing}"


def test_every_folder_of_a_row_has_files_in_it() -> None:
    missing = [folder for row in ROWS for folder in row.folders if not list((SOURCE / folder).rglob("*.py"))]
    assert not missing, f"expected Python files under {missing}"
