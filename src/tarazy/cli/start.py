"""The first lines of the program: Ctrl-C before or after a verb ends it as quietly as within."""

from __future__ import annotations

import os
import signal
import sys

STOPPED = 130  # as a shell counts an end by this signal


def main() -> int:
    """Load the command line and run it."""
    try:
        from tarazy.cli.main import main as run

        code = run()
    except KeyboardInterrupt:
        os.write(2, b"tarazy: stopped by the keyboard\n")
        if "--json" in sys.argv:
            os.write(1, b'{"error": "stopped by the keyboard"}\n')
        code = STOPPED
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is left is to end
    return code


if __name__ == "__main__":
    sys.exit(main())
