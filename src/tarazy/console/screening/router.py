"""The section of the screening: its pages and their addresses, as one router to mount under /screening."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request

from tarazy.console.layout.page_layout import ConsoleSection, Link
from tarazy.console.layout.routing import Route, section_router
from tarazy.console.screening import languages, words
from tarazy.console.screening.pages import (
    batch,
    checks,
    criteria,
    job,
    report,
    safe_token,
    screen,
    token,
    usage,
    wallet,
    watch,
)
from tarazy.console.screening.services import ScreeningServices
from tarazy.platform.access.sessions import Sessions
from tarazy.platform.web.responding import caller_of

SECTION = ConsoleSection(
    "screening",
    "Screening",
    "screen",
    (
        Link("Screen", "screen", ("screen_submit", "job", "report", "code", "token")),
        Link("Batch", "batch", ("batch_submit", "batch_rows")),
        Link("Wallet", "wallet", ("wallet_of", "sign", "sign_play", "revoke")),
        Link("Watch", "watch", ("follow", "unfollow")),
        Link("Safe token", "safe_token", ("create_token", "lock_token")),
        Link("Checks", "checks", ("check",)),
        Link("Criteria", "criteria"),
    ),
    Path(__file__).parent / "templates",
    words.FILTERS,
    words.GLOBALS,
    "Screen a token",
    "Unknown is never safe. What a contract can do is kept apart from the verdict under stated criteria.",
    languages.tools,
)


SCOPES = {"usage": "admin", "sign_play": "simulate", "revoke": "simulate"}  # the first names every caller
ROUTES = (
    Route("screen", "/", screen.show),
    Route("screen_submit", "/", screen.submit, "POST"),
    Route("job", "/job/{job_id}", job.show),
    Route("report", "/report/{report_id}", report.show),
    Route("code", "/report/{report_id}/code", report.show_code),
    Route("dossier", "/report/{report_id}/dossier", report.dossier, has_twin=False),
    Route("signed", "/report/{report_id}/signed", report.signed, has_twin=False),
    Route("batch", "/batch", batch.show),
    Route("batch_submit", "/batch", batch.submit, "POST"),
    Route("batch_rows", "/batch/{batch_id}", batch.show_rows),
    Route("batch_lines", "/batch/{batch_id}/lines", batch.lines, has_twin=False),
    Route("token", "/token/{chain_id}/{address}", token.show),
    Route("wallet", "/wallet", wallet.show),
    Route("wallet_of", "/wallet/{chain_id}/{address}", wallet.show_one),
    Route("sign", "/wallet/{chain_id}/{address}/sign", wallet.sign_form),
    Route("sign_play", "/wallet/{chain_id}/{address}/sign", wallet.sign_play, "POST"),
    Route("revoke", "/wallet/{chain_id}/{address}/revoke", wallet.revoke),
    Route("watch", "/watch", watch.show),
    Route("follow", "/watch", watch.follow, "POST"),
    Route("unfollow", "/watch/leave", watch.unfollow, "POST"),
    Route("safe_token", "/safe-token", safe_token.show),
    Route("create_token", "/safe-token", safe_token.create, "POST"),
    Route("lock_token", "/safe-token/lock", safe_token.lock, "POST"),
    Route("checks", "/checks", checks.show),
    Route("check", "/checks/{name}", checks.show_one),
    Route("criteria", "/criteria", criteria.show),
    Route("usage", "/usage", usage.show),
)


def screening_router(services: ScreeningServices, sessions: Sessions | None = None) -> APIRouter:
    """Return the pages of the screening; mount it with the prefix /screening. `sessions` give it a login."""
    return section_router(SECTION, ROUTES, services, allow, sessions)


def allow(request: Request, route: Route) -> None:
    """Raise RefusedError unless the caller may do at the pages what it may do at the API."""
    caller_of(request).need(SCOPES.get(route.name) or ("screen" if route.method == "POST" else "read"))
