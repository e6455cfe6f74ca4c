"""The peers of the gateway bench: a bare ASGI handler with HMAC and a sequencer behind it, and a WebSocket echo.

Both are served by the web server of the product with its settings, in a process of their own.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import sys
from pathlib import Path
from typing import Any

from events_parts import open_facility, orders, set_up

from tarazy.domain.records import RECORD_SIZE
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.platform.web import serving

SECRET = b"bench"


class Peers:
    """An ASGI application without routes, checks, limits, read models or streams."""

    def __init__(self, sequencer: Sequencer, commands: bytes) -> None:
        self.sequencer, self.commands, self.at = sequencer, commands, 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one connection or request."""
        await {"lifespan": self.live, "http": self.order, "websocket": self.echo}[scope["type"]](scope, receive, send)

    async def live(self, _: Any, receive: Any, send: Any) -> None:
        """Agree to start and to stop."""
        while (kind := (await receive())["type"]) != "lifespan.shutdown":
            await send({"type": kind + ".complete"})
        await send({"type": "lifespan.shutdown.complete"})

    async def order(self, scope: Any, _: Any, send: Any) -> None:
        """Check the signature, submit the next command and answer when it is durable."""
        payload, _, signature = scope["query_string"].rpartition(b"&signature=")
        made = hmac.new(SECRET, payload, hashlib.sha256).hexdigest().encode()
        status, body = 401, b"{}"
        if hmac.compare_digest(made, signature):
            command = self.commands[self.at : self.at + RECORD_SIZE]
            self.at += RECORD_SIZE
            receipt = await asyncio.wrap_future(self.sequencer.submit(command))
            status, body = 200, b'{"orderId":%d}' % receipt.first_seq
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def echo(self, _: Any, receive: Any, send: Any) -> None:
        """Send each message back."""
        while (message := await receive())["type"] != "websocket.disconnect":
            if message["type"] == "websocket.connect":
                await send({"type": "websocket.accept"})
            else:
                await send({"type": "websocket.send", "text": message["text"]})


def main() -> None:
    """Serve in a folder as many orders as there will be; say the address."""
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    sequencer, desk = open_facility(folder)
    with sequencer:
        set_up(sequencer, desk)
        peers = Peers(sequencer, orders(sequencer.engine.next_seq, count))
        ready = serving.ServeOptions(port=0, ready=lambda url: print(url, flush=True), websockets=True)
        serving.serve(lambda: peers, ready)


if __name__ == "__main__":
    main()
