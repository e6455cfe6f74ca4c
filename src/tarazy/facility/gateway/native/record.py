"""The record for those who check it: heads and proofs for anybody, whole frames for the supervisor.

Frames go out as their very bytes, which the reader's own software checks. Proofs read the record anew up to the head,
one question at a time: whoever needs many has a copy of the record and `tarazy prove-frame`.
"""

from __future__ import annotations

from typing import Any

from tarazy.facility.gateway.endpoint import Body, GatewayRequest, Security
from tarazy.facility.gateway.native.operation import (
    BYTES,
    Given,
    Operation,
    fields,
    listed,
    number_schema,
    text_schema,
    up_to,
)
from tarazy.facility.gateway.native.record_reads import FRAMES_MAX
from tarazy.facility.gateway.native.tables import NEXT_HEADER
from tarazy.journal.note import verifier_key
from tarazy.journal.proof_text import head_values


async def head(asked: GatewayRequest) -> Any:
    """Return the newest signed head with the key that checks it."""
    gateway = asked.gateway
    note = await gateway.record.ask(gateway.record.newest_head)
    key = verifier_key(gateway.identity.facility_id, gateway.sequencer.signer.public_key)
    return {**head_values(note), "verifierKey": str(key)}


async def frame_proof(asked: GatewayRequest) -> Any:
    """Return the proof that a head holds a frame."""
    parameters, record = asked.parameters, asked.gateway.record
    parameters.required("frame")
    number, size = parameters.integer("frame", low=1), parameters.integer("size", low=1)
    parameters.finish()
    return await record.ask(record.proof, number, size)


async def growth_proof(asked: GatewayRequest) -> Any:
    """Return the proof that a head goes on from an older one."""
    parameters, record = asked.parameters, asked.gateway.record
    parameters.required("from")
    old, size = parameters.integer("from", low=1), parameters.integer("size", low=1)
    parameters.finish()
    return await record.ask(record.growth, old, size)


async def frames(asked: GatewayRequest) -> Any:
    """Return frames of the record as their bytes, one behind the other."""
    parameters, record = asked.parameters, asked.gateway.record
    first, limit = parameters.integer("from", 1, low=1), parameters.count("limit", FRAMES_MAX, FRAMES_MAX)
    parameters.finish()
    content, following = await record.ask(record.frames, first, limit)
    headers = ((NEXT_HEADER, str(following).encode()),) if following is not None else ()
    return Body(content, BYTES, f"frames-{first}.bin", headers)


PROOF = {"hashes": listed(text_schema), "origin": text_schema, "size": number_schema, "root": text_schema}
FRAME = Given("frame", up_to(1 << 53), "number of the frame", True)
SIZE = Given("size", up_to(1 << 53), "of the head; the newest where it is not sent")
OPERATIONS = (
    Operation(
        "GET",
        "/v1/journal/head",
        head,
        Security.NONE,
        "The newest signed head of the record (C2SP tlog-checkpoint), and the key that checks it",
        fields(origin=text_schema, size=number_schema, root=text_schema, note=text_schema, verifierKey=text_schema),
        weight=20,
        section="record",
    ),
    Operation(
        "GET",
        "/v1/journal/proof",
        frame_proof,
        Security.NONE,
        "Proof that a head holds a frame (C2SP tlog-proof in `text`)",
        {"type": "object", "properties": PROOF},
        (FRAME, SIZE),
        500,
        section="record",
    ),
    Operation(
        "GET",
        "/v1/journal/growth",
        growth_proof,
        Security.NONE,
        "Proof that a head goes on from an older one",
        {"type": "object", "properties": PROOF},
        (Given("from", up_to(1 << 53), "size of the older head", True), SIZE),
        500,
        section="record",
    ),
    Operation(
        "GET",
        "/v1/journal/frames",
        frames,
        Security.SUPERVISE,
        "Durable frames from a number on, as their bytes; the header `x-tarazy-next` says where to go on",
        {},
        (
            Given("from", up_to(1 << 53), "number of the first frame; 1 where it is not sent"),
            Given("limit", up_to(FRAMES_MAX), "frames; they are also bounded to 8 MiB"),
        ),
        50,
        (BYTES,),
        section="record",
    ),
)
