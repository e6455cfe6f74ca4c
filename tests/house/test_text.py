"""Every text file of the repository stands alone: no marks of unfinished work, no paths of one machine."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from .repository import ROOT, name, text_files

# Folders of any Debian machine; a path under another root folder is one machine's own.
STANDARD = frozenset("bin boot dev etc lib lib32 lib64 libx32 media opt proc run sbin srv sys usr var".split())
OWN_FOLDERS = sorted({"home", "root", "Users"} | (set(os.listdir("/")) - STANDARD - {"tmp"}))
OWN_PATH = re.compile(r"(?<![\w./:*)}\]-])/(?:" + "|".join(map(re.escape, OWN_FOLDERS)) + r")/[\w.]")
MARK = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
ISSUE = re.compile(r"\b[Ii]ssues? #?\d|(?<![\w&;/#])#\d{1,3}\b(?!\d)")
LONG_LINE = 400
SKIP = {"LICENSE", "Cargo.lock", "requirements.lock"}
VENDORED = ("lightweight-charts",)  # files of others, as they come
FILES = [p for p in text_files() if p.name not in SKIP and p.parent.name not in VENDORED]


def lines_with(pattern: re.Pattern[str], path: Path) -> list[str]:
    """Return the lines of a file that hold the pattern."""
    lines = path.read_text().splitlines()
    return [f"{name(path)}:{i}: {line.strip()[:120]}" for i, line in enumerate(lines, 1) if pattern.search(line)]


@pytest.mark.parametrize(
    ("pattern", "what"),
    [(OWN_PATH, "path of one machine"), (MARK, "mark of unfinished work"), (ISSUE, "number of an issue")],
)
def test_no_file_holds(pattern: re.Pattern[str], what: str) -> None:
    found = [line for path in FILES for line in lines_with(pattern, path)]
    assert not found, f"{what}:\n" + "\n".join(found)


def test_text_ends_with_one_newline_and_has_no_trailing_space() -> None:
    wrong = []
    for path in FILES:
        text = path.read_text()
        if text and (not text.endswith("\n") or text.endswith("\n\n")):
            wrong.append(f"{name(path)}: expected one newline at the end")
        wrong += [f"{line} (trailing space)" for line in lines_with(re.compile(r"[ \t]+$"), path)]
    assert not wrong, "\n".join(wrong)


def test_lock_files_name_no_index() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text()
    sources = set(re.findall(r'^source = "(.*)"$', (ROOT / "core" / "Cargo.lock").read_text(), re.MULTILINE))
    assert sources <= {"registry+https://github.com/rust-lang/crates.io-index"}
