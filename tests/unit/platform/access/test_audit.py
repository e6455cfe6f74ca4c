"""The audit trail: a line is whole or not there, whatever the system takes at once, and keys go with their trail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tarazy.platform.access.audit import AuditTrail
from tarazy.platform.access.keys import KeyStore

Write = Callable[[int, bytes], int]


def test_line_that_the_system_takes_in_parts_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write: Write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:7]))
    trail = AuditTrail(tmp_path / "audit.jsonl")
    for number in range(3):
        trail.write("act", number=number, text="й" * 100)
    lines = (tmp_path / "audit.jsonl").read_text().splitlines()
    assert [json.loads(line)["number"] for line in lines] == [0, 1, 2]


def test_line_without_room_is_cut_off_and_the_key_is_not_made(tmp_path: Path) -> None:
    """A real limit on the size of files: the kernel takes a part of the line, then no more."""
    program = f"""
import resource, signal
from pathlib import Path
from tarazy.platform.access.audit import AuditTrail
from tarazy.platform.access.keys import KeyStore
folder = Path({str(tmp_path)!r})
trail = AuditTrail(folder / "audit.jsonl")
keys = KeyStore(folder, trail)
keys.create("first")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = (folder / "audit.jsonl").stat().st_size
(folder / "audit.jsonl").write_text("x" * (1 << 20) + chr(10))
resource.setrlimit(resource.RLIMIT_FSIZE, ((1 << 20) + 11, resource.RLIM_INFINITY))
try:
    keys.create("second")
except OSError as error:
    print("refused", error.strerror)
print([key.name for key in keys.list()])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == ["refused File too large", "['first']"]
    assert (tmp_path / "audit.jsonl").stat().st_size == (1 << 20) + 1


def test_processes_that_write_at_once_tear_no_line(tmp_path: Path) -> None:
    program = f"""
from pathlib import Path
from tarazy.platform.access.audit import AuditTrail
trail = AuditTrail(Path({str(tmp_path / "audit.jsonl")!r}))
for number in range(20):
    trail.write("act", text="x" * 9000)
"""
    running = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
    assert [each.wait(60) for each in running] == [0, 0, 0]
    lines = (tmp_path / "audit.jsonl").read_text().splitlines()
    assert [len(json.loads(line)["text"]) for line in lines] == [9_000] * 60


def test_key_without_its_trail_is_not_revoked(tmp_path: Path) -> None:
    class Broken(AuditTrail):
        def write(self, act: str, **facts: object) -> None:
            raise OSError("no room")

    store = KeyStore(tmp_path, AuditTrail(tmp_path / "audit.jsonl"))
    key, _ = store.create("wallet")
    store.close()
    store = KeyStore(tmp_path, Broken(tmp_path / "audit.jsonl"))
    with pytest.raises(OSError, match="no room"):
        store.revoke(key.app_key, "left")
    assert store.in_force(key.app_key) == key
    store.close()
