"""The way in for travel data of other providers, over HTTPS: two endpoints, bounded, signed both ways."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response

from tarazy.facility.custody.travel_exchange import BODY_BYTES_MAX, SIGNATURE, TravelDesk, answer_to

PREFIX = "/travel"


def travel_app(desk: TravelDesk) -> FastAPI:
    """Return the application."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    async def take(request: Request) -> Response:
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > BODY_BYTES_MAX:
                return Response(status_code=413)
        headers = {name.lower(): value for name, value in request.headers.items()}
        status, answer, signature = answer_to(desk, request.url.path.rpartition("/")[2], headers, body)
        return Response(answer, status, {SIGNATURE: signature}, "application/json")

    for path in ("transfers", "confirmations"):
        app.add_api_route(f"{PREFIX}/{path}", take, methods=["POST"], response_model=None)
    return app
