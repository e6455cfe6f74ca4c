"""Sections of pages as an application of their own, for one person: only names of this machine are answered."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from fastapi.responses import RedirectResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware

HOSTS = ["127.0.0.1", "localhost"]


def own_app(routers: dict[str, APIRouter]) -> FastAPI:
    """Return an application that serves sections under these prefixes; its root leads to the first."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for prefix, router in routers.items():
        app.include_router(router, prefix=prefix)
    first = next(iter(routers))
    app.add_api_route("/", lambda: RedirectResponse(f"{first}/"), methods=["GET"])
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)
    return app
