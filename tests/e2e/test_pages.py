"""The pages that show commands with their output are run: every shown line must be in the real output.

A line `$ tarazy ...` or `$ python3 ...` in a console block is run, in order, in an empty folder. Lines below it must
occur in its output; `...` stands for lines left out. `# fails` after a command expects exit code 1. How many frames a
record has is not compared: a slower machine signs more heads on the way, and each is a frame.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tarazy.cli.demo.demo import SHARED_FLOW, find_one

ROOT = Path(__file__).resolve().parents[2]
FRAMES = re.compile(r"\b[\d,]+ frames\b|\bframe \d+")
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
LAUNCHER = "#!/bin/sh\nexec {python} -c 'import sys; from tarazy.cli.main import main; sys.exit(main())' \"$@\"\n"


def steps(page: Path) -> list[tuple[str, list[str]]]:
    """Return (command, lines that must be in its output) of a page, in order."""
    found: list[tuple[str, list[str]]] = []
    for block in BLOCK.findall(page.read_text()):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif line.strip() not in ("", "..."):
                found[-1][1].append(line)
    return found


def run_page(page: Path, folder: Path) -> None:
    """Run a page's commands and compare."""
    launcher = folder / "bin" / "tarazy"
    launcher.parent.mkdir()
    launcher.write_text(LAUNCHER.format(python=sys.executable))
    launcher.chmod(0o755)
    environment = {
        "PATH": f"{launcher.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    for command, expected in steps(page):
        done = subprocess.run(
            ["sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        shown = [FRAMES.sub("frames", line.rstrip()) for line in done.stdout.splitlines()]
        assert done.returncode == ("# fails" in command), f"{command}\n{done.stdout}{done.stderr}"
        missing = [line for line in expected if not any(FRAMES.sub("frames", line.strip()) in real for real in shown)]
        assert not missing, f"{page.name}: `{command}` no longer prints {missing}\n{done.stdout}"


def test_tutorial_prints_what_it_shows(tmp_path: Path) -> None:
    run_page(ROOT / "docs" / "tutorial" / "first-half-hour.md", tmp_path)


def test_guide_to_signing_prints_what_it_shows(tmp_path: Path) -> None:
    run_page(ROOT / "docs" / "guides" / "sign-an-instruction.md", tmp_path)


def test_guide_to_onboarding_prints_what_it_shows(tmp_path: Path) -> None:
    run_page(ROOT / "docs" / "guides" / "onboard-a-client.md", tmp_path)


FLOW = Path(os.environ.get("FLOW") or ROOT / SHARED_FLOW).resolve()


@pytest.mark.skipif(find_one(FLOW, "bitstamp*orders*.csv*") is None, reason=f"no real order flow in {FLOW}; set FLOW")
def test_readme_shows_what_the_real_half_hour_prints(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    shutil.copy(ROOT / "README.md", page)
    page.write_text(page.read_text().replace("make demo ONCE=1", f"tarazy demo --flow {FLOW}"))
    run_page(page, tmp_path)
