"""What the workers of these tests are asked to do: each is a real function in a real process."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

from tarazy.chains.evm.facts import TokenFacts

seen: list[Any] = []


class Hostile:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, ("touch " + seen[-1][1],)


def do(request: tuple[str, Any]) -> Any:
    """Do what the request names."""
    seen.append(request)
    what, value = request
    actions = {
        "echo": lambda: value,
        "facts": lambda: TokenFacts(symbol=value),
        "sleep": lambda: time.sleep(value),
        "spin": lambda: spin(),
        "memory": lambda: len(bytearray(value)),
        "raise": lambda: 1 // 0,
        "kill": lambda: os.kill(os.getpid(), signal.SIGSEGV),
        "exit": lambda: os._exit(7),
        "recurse": lambda: do(request),
        "large": lambda: bytes(value),
        "print": lambda: print("x" * value),
        "stderr": lambda: sys.stderr.write("y" * value) and None,
        "hostile": lambda: Hostile(),
        "pid": lambda: os.getpid(),
        "count": lambda: len(seen),
        "priority": lambda: os.getpriority(os.PRIO_PROCESS, 0),
        "die_when_used": lambda: os._exit(3) if len(seen) > 1 else "fresh",
        "unreadable": lambda: object(),
    }
    return actions[what]()


def spin() -> None:
    """Never end and never let go of the interpreter's lock for long."""
    while True:
        pass
