"""Routes for operators and for those who check: public key, health, counters, keys, events that overtake reports."""

from __future__ import annotations

import resource
import time
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from tarazy.platform.access.buckets import RateLimit
from tarazy.platform.access.keys import DEFAULT_SCOPES, ApiKey, has_key
from tarazy.platform.access.usage import WITHOUT_KEY
from tarazy.platform.refusals import BAD_PARAMETER, KEY_UNKNOWN, RefusedError
from tarazy.platform.signing.answers import FIRST_LINE
from tarazy.platform.web.responding import answer_json, caller_of, middleware_of
from tarazy.screening.api import parameters
from tarazy.screening.api.state import service_of

DAY = r"^(\d{4}-\d{2}-\d{2})?$"
router = APIRouter(prefix="/v1/screening", tags=["Operation"])


class InvalidationEvent(BaseModel):
    """Something that overtakes what is known of a contract."""

    model_config = ConfigDict(extra="forbid", strict=True)

    chain_id: int = Field(ge=1, lt=1 << 63)
    address: str = Field(max_length=80)
    reason: str = Field(min_length=1, max_length=200, description="Upgrade, change of owner, drained pool, ...")


class NewKey(BaseModel):
    """A key to make. Rates are requests; none: the service's own."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(min_length=1, max_length=80, description="Who gets it.")
    scopes: list[str] = Field(
        default=sorted(DEFAULT_SCOPES), max_length=10, description="read, screen, simulate, admin"
    )
    life_s: int | None = Field(None, ge=60, le=10 * 366 * 86_400, description="Seconds until it expires.")
    per_second: float | None = Field(None, ge=0.01, le=1e6)
    burst: float | None = Field(None, ge=1, le=1e6)


@router.get("/key", summary="Public key of the signatures")
async def key_route(request: Request) -> Response:
    """Return the Ed25519 key and what a signature covers.

    Take the key over another way too: who can change an answer can change this one.
    """
    signer = service_of(request).signer
    covers = [FIRST_LINE, "METHOD TARGET", "SHA-256 of the request's body", "Tarazy-Signed-At", "SHA-256 of the body"]
    told = {
        "algorithm": "Ed25519",
        "public_key": signer.public_key.hex(),
        "key_id": signer.key_id,
        "headers": ["Tarazy-Signature", "Tarazy-Signed-At", "Tarazy-Key-Id"],
        "covers_lines": covers,
    }
    return answer_json(request, told)


@router.get("/health", summary="Whether the service works")
async def health_route(request: Request) -> Response:
    """Return that it answers, and which software it is."""
    service = service_of(request)
    return answer_json(request, {"status": "ok", "software": service.software, "chains": sorted(service.sources)})


@router.get("/status", summary="Counters")
async def status_route(request: Request) -> Response:
    """Return what was served, what waits and what is held (scope admin)."""
    caller_of(request).need("admin")
    service, middleware = service_of(request), middleware_of(request)
    reports, disk_bytes = await service.in_thread(service.store.counts)
    told = {
        "up_s": round(time.monotonic() - service.started_s, 1),
        "served": middleware.served,
        "served_at_once": middleware.served_at_once,
        "answers_ready": len(service.answers),
        "answers_bytes": service.answers.size,
        "jobs_active": service.jobs.active(),
        "jobs_done": service.jobs.done,
        "jobs_refused": service.jobs.refused,
        "quick_waiting": service.helper.waiting,
        "quick_done": service.helper.done,
        "quick_refused": service.helper.refused,
        "reports": reports,
        "disk_bytes": disk_bytes,
        "memory_peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    return answer_json(request, told)


@router.post("/invalidations", status_code=202, summary="An event overtakes a contract's report")
async def invalidate_route(request: Request, event: InvalidationEvent) -> Response:
    """Mark the reports of a contract as stale, drop its ready answers and screen it anew (scope admin)."""
    caller = caller_of(request)
    caller.need("admin")
    service = service_of(request)
    address = parameters.address(event.address)
    service.source(event.chain_id)
    job = await service.invalidate(event.chain_id, address, event.reason, caller.name)
    return answer_json(request, {"job_id": job.id if job is not None else None}, 202)


@router.get("/usage", summary="Use by day, caller and product")
async def usage_route(request: Request, since: Annotated[str, Query(pattern=DAY)] = "") -> Response:
    """Tell what was used: a caller with a key its own, one with the scope admin everybody's."""
    caller = caller_of(request)
    caller.need("read")
    own = "" if "admin" in caller.scopes else caller.name if has_key(caller.name) else WITHOUT_KEY
    service = service_of(request)
    found = await service.in_thread(service.usage.read, since, own)
    return answer_json(request, {"usage": [asdict(each) for each in found]})


@router.get("/keys", summary="Keys in force")
async def keys_route(request: Request) -> Response:
    """List the keys, without secrets (scope admin)."""
    caller_of(request).need("admin")
    return answer_json(request, {"keys": [key_json(each) for each in service_of(request).keys.list()]})


@router.post("/keys", status_code=201, summary="Make a key")
async def make_key_route(request: Request, asked: NewKey) -> Response:
    """Make a key; its secret is in this answer and nowhere else (scope admin). The act is put into the audit trail."""
    caller = caller_of(request)
    caller.need("admin")
    rate = RateLimit(asked.per_second, asked.burst or asked.per_second) if asked.per_second is not None else None
    try:
        key, secret = service_of(request).keys.create(
            asked.name, frozenset(asked.scopes), asked.life_s, rate, by=caller.name
        )
    except ValueError as error:
        raise RefusedError(BAD_PARAMETER, str(error)) from error
    return answer_json(request, key_json(key) | {"app_secret": secret}, 201)


@router.delete("/keys/{app_key}", summary="Revoke a key")
async def revoke_key_route(request: Request, app_key: Annotated[str, Path(max_length=64)]) -> Response:
    """End a key and its tokens at once (scope admin). The act is put into the audit trail."""
    caller = caller_of(request)
    caller.need("admin")
    try:
        service_of(request).keys.revoke(app_key, "by request", by=caller.name)
    except KeyError as error:
        raise RefusedError(KEY_UNKNOWN, str(error.args[0])) from error
    return answer_json(request, {"app_key": app_key, "state": "revoked"})


def key_json(key: ApiKey) -> dict[str, object]:
    """Return what is told of a key."""
    rate = key.rate
    return {
        "app_key": key.app_key,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "expires_s": key.expires_s,
        "per_second": rate.per_second if rate is not None else None,
        "burst": rate.burst if rate is not None else None,
    }
