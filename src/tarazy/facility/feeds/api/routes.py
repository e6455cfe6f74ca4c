"""The route of the WebSocket API, and the listen keys' endpoints."""

from __future__ import annotations

from typing import Any

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from tarazy.facility.feeds.api.session import ApiSession
from tarazy.facility.feeds.service import Feeds
from tarazy.facility.gateway.endpoint import Endpoint, GatewayRequest, Security
from tarazy.facility.gateway.gateway import Gateway
from tarazy.oversight.requests.errors import DialectError

NO_SUCH_KEY = -1125
PATH = "/api/v3/userDataStream"


def api_route(feeds: Feeds, gateway: Gateway) -> WebSocketRoute:
    """Return the route /ws-api/v3 over the endpoints of the application."""

    async def serve(socket: WebSocket) -> None:
        connection = await feeds.connect(socket, per_second_max=feeds.limits.api_messages_per_second_max)
        if connection is None:
            return
        address = (socket.client.host if socket.client else None) or "unknown"
        session = ApiSession(connection, feeds, gateway, socket.app.state.endpoints, address)
        try:
            await connection.run(session.handle)
        finally:
            session.close()
            feeds.gone(connection)

    return WebSocketRoute("/ws-api/v3", serve)


def listen_key_endpoints(feeds: Feeds) -> dict[tuple[str, str], Endpoint]:
    """Return the endpoints of listen keys: they need a key and no signature, as they always have in the dialect."""
    keys = feeds.listen_keys

    def named(asked: GatewayRequest) -> str:
        return asked.parameters.required("listenKey")

    def done(found: bool) -> Any:
        if not found:
            raise DialectError(NO_SUCH_KEY, "This listenKey does not exist.")
        return {}

    async def create(asked: GatewayRequest) -> Any:
        return {"listenKey": keys.create(asked.account_id)}

    async def keep_alive(asked: GatewayRequest) -> Any:
        return done(keys.keep_alive(named(asked), asked.account_id))

    async def close(asked: GatewayRequest) -> Any:
        return done(keys.close(named(asked), asked.account_id))

    handlers = {"POST": create, "PUT": keep_alive, "DELETE": close}
    return {(method, PATH): Endpoint(handler, Security.KEY, 2) for method, handler in handlers.items()}
