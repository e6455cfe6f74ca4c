"""python-binance's client, pointed at a gateway of ours, and its end.

Each client makes an event loop that it never closes: left to the garbage collector it warns in a later test of the same
process, which then fails for it.
"""

from __future__ import annotations

import asyncio
from typing import Any


def python_binance(url: str, *credentials: str, **options: Any) -> Any:
    """Return a client of the gateway at this address."""
    from binance.client import Client

    class Pointed(Client):  # type: ignore[misc, unused-ignore]
        API_URL = f"{url}/api"
        MARGIN_API_URL = f"{url}/sapi"

    return Pointed(*credentials, **options)


def end_client(client: Any) -> None:
    """Close a client's connections and its event loop."""
    client.session.close()
    client.loop.close()
    asyncio.set_event_loop(None)
