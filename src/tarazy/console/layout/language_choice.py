"""The language that a reader of pages chose, kept in a cookie."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import Response

from tarazy.console.layout.messages import NAMES, language_of

LANGUAGE_COOKIE = "tarazy_language"
YEAR_S = 31_536_000


def language_asked(request: Request) -> str:
    """Return the language that a request asks for."""
    return language_of(
        request.query_params.get("language"),
        request.cookies.get(LANGUAGE_COOKIE),
        request.headers.get("accept-language", ""),
    )


def keep_language(request: Request, response: Response) -> None:
    """Keep a language that was chosen."""
    wanted = request.query_params.get("language")
    if wanted in NAMES:
        terms: dict[str, Any] = {"samesite": "lax", "secure": request.url.scheme == "https", "path": "/"}
        response.set_cookie(LANGUAGE_COOKIE, str(wanted), YEAR_S, **terms)
