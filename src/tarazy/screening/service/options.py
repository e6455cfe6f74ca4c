"""What a service is configured with; every bound has its default here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tarazy.platform.access.buckets import RateLimit

MIB = 1024**2
ANONYMOUS_RATE = RateLimit(20.0, 60.0)
KEY_RATE = RateLimit(2_000.0, 4_000.0)


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """One service. Units: as the names say; times in seconds.

    `nodes` maps a chain id to the URL of a JSON-RPC node, `code_folders` one to a folder of code files.
    """

    data: Path = Path("var/screening")
    nodes: Mapping[int, str] = field(default_factory=dict)
    code_folders: Mapping[int, Path] = field(default_factory=dict)
    lists: tuple[Path, ...] = ()  # files that list addresses: service/lists.py
    lockers: dict[int, str] = field(default_factory=dict)  # chain id -> our time lock; grows where a page makes one
    position_managers: Mapping[int, tuple[str, ...]] = field(default_factory=dict)  # that are believed about positions
    criteria: str | None = None
    screening_workers: int = max(1, (os.cpu_count() or 2) - 1)
    simulation_workers: int = 2
    simulation_queue_max: int = 500
    simulation_wall_s: float = 8.0
    simulations_per_worker: int = 50_000  # a new one takes a second of imports and fetches its state anew
    worker_memory_bytes: int = 1024 * MIB
    worker_wall_s: float = 15.0
    # how long a report is in force at first and at most (service/entries.py), and how long a caller waits for one
    fresh_s: float = 300.0
    fresh_s_max: float = 3_600.0
    wait_s: float = 10.0
    answers_bytes_max: int = 256 * MIB
    reports_in_memory_max: int = 20_000
    disk_bytes_max: int = 2_048 * MIB
    kept_of_caller_percent: int = 10  # of disk_bytes_max
    kept_without_key_percent: int = 40
    kept_days: float = 90.0  # how long a report is kept that was given out and that no dossier cites
    queue_max: int = 1_000
    queue_of_caller_max: int = 200
    batch_max: int = 100
    native_batch_max: int = 500
    body_bytes_max: int = 4 * MIB
    body_s: float = 10.0
    request_s: float = 60.0
    require_key: bool = False
    hosts: tuple[str, ...] = ()  # names by which the service is asked, beside localhost and numbers
    anonymous_rate: RateLimit = ANONYMOUS_RATE
    key_rate: RateLimit = KEY_RATE
    trust_forwarded: bool = False  # believe X-Forwarded-For: only behind a proxy that sets it
    log_requests: bool = True
    warm: bool = True  # start all processes with the service, not with the first request for them
    approval_blocks_max: int = 5_000_000  # how far back a wallet's approvals are looked for
    wallet_s: float = 8.0  # how long one wallet is read for its holder
