"""The native API: submit code or an address, follow the job, read the report with its evidence and signature."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from tarazy.platform.jobs.queue import DONE, Job
from tarazy.platform.refusals import BAD_PARAMETER, NOT_FOUND, NOT_READY, RefusedError
from tarazy.platform.web.middleware import Caller
from tarazy.platform.web.responding import JSON, KEY_ID, SIGNATURE, SIGNED_AT, answer_json, caller_of, middleware_of
from tarazy.platform.web.streams import CountedStream
from tarazy.screening.api import parameters
from tarazy.screening.api.state import service_of
from tarazy.screening.request import RequestError, ScreenRequest
from tarazy.screening.service.entries import ReportEntry
from tarazy.screening.service.service import ScreeningService
from tarazy.screening.service.store import Stored

router = APIRouter(prefix="/v1/screening", tags=["Screening"])

RUNTIME_BYTES_MAX = 256 * 1024  # ten times what a chain takes, so that a refusal is about content
CREATION_BYTES_MAX = 512 * 1024
LIST_MAX = 200
KEEP_ALIVE_S = 15.0
STREAM_S_MAX = 600.0
JobId = Annotated[str, Path(max_length=40, description="Id that the submission gave.")]


class ScreeningSubmission(BaseModel):
    """One contract: chain and address, or runtime code, or creation code."""

    model_config = ConfigDict(extra="forbid", strict=True)

    chain_id: int | None = Field(None, ge=1, lt=1 << 63, description="Chain of the address, or to name in the report.")
    address: str | None = Field(None, max_length=80, description="Contract on a chain that this service reads.")
    runtime: str | None = Field(None, description=f"Runtime code as 0x text, at most {RUNTIME_BYTES_MAX:,} bytes.")
    creation: str | None = Field(None, description=f"Creation code as 0x text, at most {CREATION_BYTES_MAX:,} bytes.")
    name: str | None = Field(None, max_length=256, description="Name of the token, where code alone is given.")
    symbol: str | None = Field(None, max_length=256, description="Symbol of the token, where code alone is given.")
    again: bool = Field(False, description="Screen anew although a report is in force.")


class BatchSubmission(BaseModel):
    """Many contracts at once; each is answered for itself."""

    model_config = ConfigDict(extra="forbid", strict=True)

    items: list[ScreeningSubmission] = Field(min_length=1, description="What to screen.")


@router.post("", status_code=202, summary="Submit a contract for screening")
async def submit(request: Request, asked: ScreeningSubmission) -> Response:
    """Begin a screening, or name the report that is in force (status 200, state done).

    The answer names the job; poll `jobs/{id}` or follow `jobs/{id}/events`. Status 429: too much is under way.
    """
    caller = caller_of(request)
    caller.need("screen")
    told = await submitted(service_of(request), caller, asked)
    status = 200 if told["state"] == DONE else 202
    return answer_json(request, told, status)


@router.post("/batch", status_code=202, summary="Submit many contracts")
async def submit_batch(request: Request, asked: BatchSubmission) -> Response:
    """Begin many screenings; the answer has one entry for each, in order, with its job or its refusal."""
    service, caller = service_of(request), caller_of(request)
    caller.need("screen")
    count_max = service.config.native_batch_max
    if len(asked.items) > count_max:
        raise RefusedError(BAD_PARAMETER, f"items: expected at most {count_max}, found {len(asked.items)}")
    middleware_of(request).charge(caller, len(asked.items) - 1)
    told = []
    for each in asked.items:
        try:
            told.append(await submitted(service, caller, each))
        except RefusedError as refusal:
            told.append({"state": "refused", "code": refusal.reason.name, "reason": str(refusal)})
    return answer_json(request, {"items": told}, 202)


async def submitted(service: ScreeningService, caller: Caller, asked: ScreeningSubmission) -> dict[str, Any]:
    """Submit one contract and return how to follow it.

    Raises: RefusedError.
    """
    if asked.address is not None:
        if asked.runtime is not None or asked.creation is not None or asked.chain_id is None:
            found = ", ".join(sorted(asked.model_fields_set))
            raise RefusedError(BAD_PARAMETER, f"expected chain_id and address, or code alone, found {found}")
        address = parameters.address(asked.address)
        entry = await service.recall(asked.chain_id, address) if not asked.again else None
        if entry is not None and entry.is_fresh():
            return in_force(entry)
        return job_json(service, service.submit_address(asked.chain_id, address, caller.name))
    request = code_request(asked)
    code = request.runtime if request.runtime is not None else request.creation or b""
    entry = await service.recall_code(request) if not asked.again else None
    if entry is not None and entry.is_fresh():
        return in_force(entry)
    return job_json(service, service.submit_code(request, f"{len(code):,} bytes of code", caller.name))


def code_request(asked: ScreeningSubmission) -> ScreenRequest:
    """Return the request for supplied code.

    Raises: RefusedError.
    """
    runtime = None if asked.runtime is None else parameters.hex_bytes(asked.runtime, "runtime", RUNTIME_BYTES_MAX)
    creation = None if asked.creation is None else parameters.hex_bytes(asked.creation, "creation", CREATION_BYTES_MAX)
    if runtime == b"" or creation == b"":
        raise RefusedError(BAD_PARAMETER, "expected code, found none: give at least one byte")
    try:
        return ScreenRequest(
            id="",
            runtime=runtime,
            creation=creation,
            chain_id=asked.chain_id,
            name=asked.name,
            symbol=asked.symbol,
        )
    except RequestError as error:
        raise RefusedError(BAD_PARAMETER, str(error)) from error


def in_force(entry: ReportEntry) -> dict[str, Any]:
    """Return that a report is in force and nothing had to be done."""
    return {"job_id": None, "state": DONE, "report_id": entry.report_id, "report": report_path(entry.report_id)}


def report_path(report_id: str) -> str:
    """Return where a report is read."""
    return f"/v1/screening/reports/{report_id}"


def job_json(service: ScreeningService, job: Job) -> dict[str, Any]:
    """Return how far a job is."""
    return {
        "job_id": job.id,
        "label": job.label,
        "state": job.state,
        "waiting_before": service.jobs.before(job),
        "seconds": round(job.seconds, 4),
        "stages": [{"name": stage.name, "at_s": round(stage.at_s, 4)} for stage in job.stages],
        "reason": str(job.refusal) if job.refusal is not None else "",
        "report_id": job.report_id,
        "report": report_path(job.report_id) if job.report_id else None,
        "events": f"/v1/screening/jobs/{job.id}/events",
    }


def find_job(request: Request, job_id: str) -> Job:
    """Return a job.

    Raises: RefusedError where there is none.
    """
    caller_of(request).need("read")
    job = service_of(request).jobs.find(job_id)
    if job is None:
        raise RefusedError(NOT_FOUND, f"expected the id of a job, found {parameters.shown(job_id)}")
    return job


@router.get("/jobs/{job_id}", summary="How far a job is")
async def job_route(request: Request, job_id: JobId) -> Response:
    """Return state (waiting, running, done, failed), stages reached, and the report's id once there is one."""
    return answer_json(request, job_json(service_of(request), find_job(request, job_id)))


@router.get("/jobs/{job_id}/events", summary="Follow a job (server-sent events)")
async def events_route(request: Request, job_id: JobId) -> Response:
    """Send an event `progress` with the job at every change, and at its end an event `end`; then close."""
    job, service = find_job(request, job_id), service_of(request)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return CountedStream(
        events(service, job),
        middleware_of(request).streams,
        caller_of(request).name,
        media_type="text/event-stream",
        headers=headers,
    )


async def events(service: ScreeningService, job: Job) -> AsyncIterator[str]:
    """Yield the events of a job."""
    ends_s = time.monotonic() + STREAM_S_MAX
    async for moved in job.follow(KEEP_ALIVE_S):
        if time.monotonic() > ends_s:
            return
        name = "end" if job.ended_s is not None else "progress"
        yield f"event: {name}\ndata: {json.dumps(job_json(service, job))}\n\n" if moved else ": still here\n\n"


@router.get("/reports/{report_id}", summary="A report with its evidence")
async def report_route(request: Request, report_id: JobId) -> Response:
    """Return the report as it was signed when it was made: the signature covers these bytes for ever."""
    caller_of(request).need("read")
    return stored_response(await stored(request, report_id))


async def stored(request: Request, report_id: str) -> Stored:
    """Return a report.

    Raises: RefusedError where there is none.
    """
    service = service_of(request)
    found = await service.in_thread(service.store.give_out, report_id, caller_of(request).name)
    if found is None:
        raise RefusedError(NOT_FOUND, f"expected the id of a report, found {parameters.shown(report_id)}")
    return found


def stored_response(found: Stored) -> Response:
    """Return a stored report with its own signature."""
    response = Response(found.body)
    response.raw_headers = [
        (b"content-type", JSON),
        (b"content-length", str(len(found.body)).encode()),
        (SIGNATURE.encode(), found.signature.encode()),
        (SIGNED_AT.encode(), found.signed_at.encode()),
        (KEY_ID.encode(), found.key_id.encode()),
    ]
    return response


@router.get("/reports", summary="Reports of an address, or the newest of all")
async def reports_route(
    request: Request,
    chain_id: Annotated[str, Query(description="Chain of the address.")] = "",
    address: Annotated[str, Query(description="The contract.")] = "",
    limit: Annotated[int, Query(ge=1, le=LIST_MAX)] = 20,
) -> Response:
    """List reports, newest first, each with its verdict and state; `stale`: an event made it stale."""
    caller_of(request).need("read")
    service = service_of(request)
    if address or chain_id:
        place = parameters.chain(chain_id), parameters.address(address)
        found = await service.in_thread(service.store.history, *place, limit)
    else:
        found = await service.in_thread(service.store.recent, limit)
    return answer_json(request, {"reports": [head_json(each) for each in found]})


def head_json(found: Stored) -> dict[str, Any]:
    """Return what a list says of a report."""
    return {
        "report_id": found.id,
        "chain_id": found.chain_id or None,
        "address": found.address or None,
        "code_hash": found.code_hash,
        "block_number": found.block_number if found.block_number >= 0 else None,
        "verdict": found.verdict or None,
        "stale": found.stale,
        "signed_at": found.signed_at,
        "report": report_path(found.id),
    }


@router.get("/contracts/{chain_id}/{address}", summary="The report in force of a contract, screened now where needed")
async def contract_route(request: Request, chain_id: str, address: str) -> Response:
    """Wait for the report and return it; status 202 with the job where that takes longer than this service waits."""
    service, caller = service_of(request), caller_of(request)
    caller.need("screen")
    place = parameters.chain(chain_id), parameters.address(address)
    look = await service.look(*place, caller.name)
    if look.reason is None and look.entry is not None:
        return stored_response(await stored(request, look.entry.report_id))
    if look.reason is NOT_READY:
        return answer_json(request, job_json(service, service.submit_address(*place, caller.name)), 202)
    raise RefusedError(look.reason or NOT_READY, look.detail)
