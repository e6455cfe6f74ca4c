"""The commands of the guide for outsiders, run as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from ..go_tools import go_program
from ..servers import ROOT
from .journals import write_journal

GUIDE = ROOT / "docs" / "guides" / "check-a-proof.md"


def test_commands_of_the_guide_give_what_it_shows(proofcheck: Path, tmp_path: Path) -> None:
    hashes = write_journal(tmp_path / "venue", 23, 5)
    script = "\n".join(re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL))
    assert script.count("tarazy ") == 7
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    paths = [Path(sys.executable).parent, Path(go_program()).parent, *os.environ["PATH"].split(":")]
    settings = {"JOURNAL": "venue", "FRAME_HASH": hashes[2].hex(), "PATH": ":".join(map(str, paths))}
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=tmp_path,
        env={**os.environ, "GOTOOLCHAIN": "auto", **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[0].startswith("signed: 4 frames, root ")
    assert said[1:3] == [
        "held: frame 3 is in the head of 19 frames",
        "goes on: the head of 19 frames begins with the head of 4",
    ]
    assert [line.partition(":")[0] for line in said[3:]] == ["signed", "held", "goes on"]
