"""A facility whose plain orders take the general path too: `python -m tests.long_path_server facility serve ...`."""

from __future__ import annotations

import sys
from typing import Any

from tarazy.cli.main import main
from tarazy.facility.gateway.direct.admitting import Admitted, Admitting


def leave_everything() -> None:
    """Let the short path take nothing, so that every order goes the general way of the real server."""

    def admit(*asked: Any, **named: Any) -> Admitted | None:
        return None

    Admitting.admit = admit  # type: ignore[method-assign]


if __name__ == "__main__":
    leave_everything()
    sys.exit(main(sys.argv[1:]))
