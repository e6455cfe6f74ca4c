"""Without the extra `stream` everything but the stream works, and the error says what to install."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
sys.modules["nats"] = None  # as if it were not installed
import tarazy.facility.sequencer.sequencer
import tarazy.facility.sequencer.stream_opening
"""


def test_missing_client_is_named_with_what_to_install() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "StreamClientMissingError: nats-py: the client of the stream is not installed" in done.stderr
    assert "pip install 'tarazy[stream]'" in done.stderr
    assert "line 5, in <module>" in done.stderr
