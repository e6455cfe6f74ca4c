"""The program on the format's page reads a journal with the standard library alone, and finds a changed byte."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tarazy.journal import errors
from tarazy.journal.segment import segment_path
from tarazy.journal.verify import verify

from .building import build

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "journal-format.md"


def run_program(directory: Path) -> subprocess.CompletedProcess[str]:
    """Run the page's program on a journal, without this project's code in reach."""
    (program,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    command = [sys.executable, "-I", "-S", "-c", program, str(directory)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_program_of_the_page_arrives_at_the_same_head(tmp_path: Path) -> None:
    build(tmp_path / "a", [5, 0, 20, 30, 0, 3])
    head = verify(tmp_path / "a").head
    assert head is not None
    expected = f"{head.frame_number} frames, {head.seq} commands, head {head.frame_hash.hex()}\n"
    assert run_program(tmp_path / "a").stdout == expected


def test_program_of_the_page_finds_a_changed_byte(tmp_path: Path) -> None:
    path = segment_path(build(tmp_path / "a", [5, 6]), 1)
    data = bytearray(path.read_bytes())
    data[4096 + 176 + 100] ^= 1
    path.write_bytes(data)
    assert "frame 1 was changed" in run_program(tmp_path / "a").stderr


def test_every_damage_is_on_the_page() -> None:
    listed = set(re.findall(r"`(\w+Error)`", PAGE.read_text()))
    classes = [found for found in vars(errors).values() if isinstance(found, type)]
    damages = {found.__name__ for found in classes if issubclass(found, errors.DamageError)}
    assert listed == damages - {"DamageError"}
