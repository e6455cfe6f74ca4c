"""The WebSocket routes of market data: /ws, /ws/STREAM/STREAM and /stream?streams=STREAM/STREAM."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from tarazy.facility.feeds.service import Feeds
from tarazy.facility.feeds.streams.connection import POLICY_VIOLATION
from tarazy.facility.feeds.streams.requests import StreamRequestError
from tarazy.facility.feeds.streams.session import StreamSession
from tarazy.platform.web.mounting import Mounted


def is_number(name: str) -> bool:
    """Say whether a name is only a client's number for its connection, as ccxt puts it into the path."""
    return name.isascii() and name.isdigit() and len(name) <= 10


class StreamRoutes:
    """Takes clients in and lets them listen."""

    def __init__(self, feeds: Feeds) -> None:
        self._feeds = feeds

    async def raw(self, socket: WebSocket) -> None:
        """Serve streams as they are."""
        await self._serve(socket, socket.path_params.get("streams", ""), is_combined=False)

    async def combined(self, socket: WebSocket) -> None:
        """Serve streams wrapped with their names."""
        await self._serve(socket, socket.query_params.get("streams", ""), is_combined=True)

    async def _serve(self, socket: WebSocket, names: str, *, is_combined: bool) -> None:
        """Serve one client."""
        feeds = self._feeds
        connection = await feeds.connect(socket, per_second_max=feeds.limits.messages_per_second_max)
        if connection is None:
            return
        connection.is_combined = is_combined
        session = StreamSession(connection, feeds.hub, feeds.views, feeds.limits, feeds.listen_keys)
        try:
            try:
                session.subscribe([name for name in names.split("/") if name and not is_number(name)])
            except StreamRequestError as error:
                connection.say(error.plain)
                connection.close(POLICY_VIOLATION, error.plain["msg"])
            await connection.run(session.handle)
        finally:
            session.close()
            feeds.gone(connection)

    def mounted(self, *more: WebSocketRoute) -> Mounted:
        """Return the routes, with others, as the application takes them; the feeds start and stop with them."""
        router = APIRouter()
        for path, handler in (("/ws", self.raw), ("/ws/{streams:path}", self.raw), ("/stream", self.combined)):
            router.routes.append(WebSocketRoute(path, handler))
        router.routes.extend(more)
        return Mounted("", router, (self._feeds,))
