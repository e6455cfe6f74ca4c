"""A software HSM: softhsm2 with one token, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
TOKEN, PIN = "tarazy", "1234"


def software_hsm(folder: Path) -> Path | None:
    """Make a token in a folder, for this process and those that it starts; return the module, None where none is."""
    found = next((Path(each) for each in MODULES if Path(each).exists()), None)
    if found is None or shutil.which("softhsm2-util") is None:
        return None
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    command = ["softhsm2-util", "--init-token", "--free", "--label", TOKEN, "--pin", PIN, "--so-pin", PIN]
    subprocess.run(command, check=True, capture_output=True)
    return found
