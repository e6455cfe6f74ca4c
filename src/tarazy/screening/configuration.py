"""The screening's sections of the configuration: the service that answers callers, and the watch of listed tokens."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import model_validator

from tarazy.platform.access.buckets import RateLimit
from tarazy.platform.config.declaring import (
    Address,
    ChainNumber,
    FileOrName,
    FilePath,
    Paths,
    Section,
    plain_address,
    refuse,
    setting,
)
from tarazy.screening.service.options import ServiceConfig
from tarazy.screening.watch.thresholds import Thresholds

_SERVICE = ServiceConfig()
_THRESHOLDS = Thresholds()
PORT = 8000
DAY_S = 86_400


def bounded(name: str, unit: str, reason: str, minimum: float = 1, maximum: float | None = None) -> Any:
    """Return the setting of one bound of the service, with the service's own default."""
    return setting(getattr(_SERVICE, name), unit=unit, minimum=minimum, maximum=maximum, reason=reason)


class AnonymousRateSection(Section):
    """What a caller without a key may ask."""

    per_second: float = setting(
        _SERVICE.anonymous_rate.per_second,
        unit="requests/s",
        minimum=0,
        reason="enough to try the service and for one person's pages; 0 is no limit",
    )
    burst: float = setting(
        _SERVICE.anonymous_rate.burst, unit="requests", minimum=1, reason="three seconds of it at once"
    )


class KeyRateSection(Section):
    """What a caller with a key may ask, where the key says nothing else."""

    per_second: float = setting(
        _SERVICE.key_rate.per_second, unit="requests/s", minimum=0, reason="a listing venue's peak; 0 is no limit"
    )
    burst: float = setting(_SERVICE.key_rate.burst, unit="requests", minimum=1, reason="two seconds of it at once")


class LimitsSection(Section):
    """Every bound of the service: processes, memory, queues, cache, bodies."""

    simulation_workers: int = bounded("simulation_workers", "processes", "each keeps a chain's state in memory", 1, 64)
    simulation_queue_max: int = bounded("simulation_queue_max", "requests", "what may wait for a simulation")
    simulation_wall_s: float = bounded("simulation_wall_s", "s", "one simulation, with its reads from the node", 0.1)
    simulations_per_worker: int = bounded(
        "simulations_per_worker",
        "simulations",
        "then the process is new, which bounds what leaks; a start costs a second",
    )
    worker_memory_bytes: int = bounded(
        "worker_memory_bytes", "bytes", "a hostile contract ends its own process", 256 << 20
    )
    worker_wall_s: float = bounded("worker_wall_s", "s", "one screening; the largest tokens take seconds", 0.1)
    fresh_s: float = bounded("fresh_s", "s", "how long a report is in force at first", 0)
    fresh_s_max: float = bounded("fresh_s_max", "s", "and at most, where nothing has changed again and again", 0)
    wait_s: float = bounded("wait_s", "s", "how long a caller waits for a report before it is told to come back", 0)
    answers_bytes_max: int = bounded("answers_bytes_max", "bytes", "answers kept in memory, ready to send", 0)
    reports_in_memory_max: int = bounded("reports_in_memory_max", "reports", "reports kept in memory")
    disk_bytes_max: int = bounded(
        "disk_bytes_max", "bytes", "reports on disk; the oldest not given out go first", 1 << 20
    )
    kept_of_caller_percent: int = bounded(
        "kept_of_caller_percent",
        "%",
        "of the disk for signed reports that one caller was given, which are kept; others keep the rest",
        1,
        100,
    )
    kept_without_key_percent: int = bounded(
        "kept_without_key_percent",
        "%",
        "the same for all callers without a key together: addresses cost nothing",
        1,
        100,
    )
    kept_days: float = bounded(
        "kept_days", "days", "how long a signed report is kept that was given out; one that a dossier cites stays", 0
    )
    queue_max: int = bounded("queue_max", "screenings", "what may wait in all; more is refused, not delayed for ever")
    queue_of_caller_max: int = bounded("queue_of_caller_max", "screenings", "so that one caller leaves room for others")
    batch_max: int = bounded("batch_max", "addresses", "one request in the GoPlus format", 1, 10_000)
    native_batch_max: int = bounded("native_batch_max", "contracts", "one request of the native interface", 1, 10_000)
    body_bytes_max: int = bounded("body_bytes_max", "bytes", "the largest body of a request; code is 24 KiB", 1 << 10)
    body_s: float = bounded("body_s", "s", "a body that comes slower is refused", 0.1)
    request_s: float = bounded("request_s", "s", "one request in all", 0.1)
    approval_blocks_max: int = bounded("approval_blocks_max", "blocks", "how far back a wallet's approvals are read")
    wallet_s: float = bounded("wallet_s", "s", "one wallet for its holder; what found no time is said", 0.1)


class ScreeningSection(Section):
    """The screening service, as `tarazy screening serve` runs it."""

    host: str = setting("127.0.0.1", reason="address to listen on; only this machine reaches the default")
    port: int = setting(PORT, minimum=0, maximum=65_535, reason="port to listen on; 0 takes a free one")
    data: FilePath = setting(_SERVICE.data, reason="reports, callers' keys and the signing key")
    nodes: Mapping[ChainNumber, Address] = setting({}, reason="JSON-RPC node of each chain, by the chain's number")
    code_folders: Mapping[ChainNumber, FilePath] = setting({}, reason="code files `0xADDRESS.hex` in place of a node")
    lockers: Mapping[ChainNumber, str] = setting({}, reason="our time lock on each chain")
    lists: Paths = setting((), reason="files that list addresses")
    criteria: FileOrName = setting(None, reason="criteria file, or the name of a built-in one; `house` without it")
    workers: int | None = setting(
        None, unit="processes", minimum=1, maximum=1_024, reason="screening processes; without it processors less one"
    )
    poll_s: float = setting(1.0, unit="s", minimum=0.01, maximum=3_600, reason="how often the watch looks for a block")
    assets: FilePath | None = setting(None, reason="JSON list of chain_id, address, asset_id to follow")
    require_key: bool = setting(False, reason="true answers callers with a key only, at the pages after a login")
    hosts: tuple[str, ...] = setting((), reason="names by which it is asked, beside `localhost` and numbers")
    trust_forwarded: bool = setting(False, reason="true believes X-Forwarded-For: only behind a proxy that sets it")
    console: bool = setting(True, reason="false leaves the pages out")
    log_requests: bool = setting(True, reason="one line a request on stderr")
    certificate: FilePath | None = setting(None, reason="TLS certificate chain; none serves plain HTTP")
    certificate_key_file: FilePath | None = setting(None, reason="its private key")
    limits: LimitsSection = LimitsSection()
    anonymous_rate: AnonymousRateSection = AnonymousRateSection()
    key_rate: KeyRateSection = KeyRateSection()

    @model_validator(mode="after")
    def certificate_has_its_key(self) -> Self:
        """Refuse a certificate without its key, or the other way round."""
        if (self.certificate is None) != (self.certificate_key_file is None):
            raise refuse("certificate and certificate_key_file together", "one of them")
        return self

    def service_config(self) -> ServiceConfig:
        """Return the same as the service takes it; secrets are read now.

        Raises: ConfigError for a secret that cannot be read.
        """
        return ServiceConfig(
            data=self.data,
            nodes={chain: plain_address(each) for chain, each in self.nodes.items()},
            code_folders=dict(self.code_folders),
            lists=self.lists,
            lockers=dict(self.lockers),
            criteria=self.criteria,
            screening_workers=self.workers or _SERVICE.screening_workers,
            require_key=self.require_key,
            hosts=self.hosts,
            trust_forwarded=self.trust_forwarded,
            log_requests=self.log_requests,
            anonymous_rate=RateLimit(**self.anonymous_rate.model_dump()),
            key_rate=RateLimit(**self.key_rate.model_dump()),
            **self.limits.model_dump(),
        )


class ThresholdsSection(Section):
    """From where a change of a listed token is an alert. Units: parts per million, and blocks."""

    drain_ppm: int = setting(
        _THRESHOLDS.drain_ppm, unit="ppm", minimum=1, maximum=1_000_000, reason="half a pool's quote coin has left"
    )
    drain_blocks: int = setting(
        _THRESHOLDS.drain_blocks, unit="blocks", minimum=1, maximum=255, reason="within this span: about four minutes"
    )
    supply_ppm: int = setting(
        _THRESHOLDS.supply_ppm, unit="ppm", minimum=1, maximum=1_000_000_000, reason="supply grew by a hundredth"
    )
    tax_ppm: int = setting(
        _THRESHOLDS.tax_ppm, unit="ppm", minimum=1, maximum=1_000_000, reason="a tax rose by a tenth of a per cent"
    )
    unlock_ppm: int = setting(
        _THRESHOLDS.unlock_ppm, unit="ppm", minimum=1, maximum=1_000_000, reason="a hundredth of the shares is unlocked"
    )
    quiet_blocks: int = setting(
        _THRESHOLDS.quiet_blocks,
        unit="blocks",
        minimum=0,
        reason="an alert is repeated once a day, or when it got worse",
    )

    def thresholds(self) -> Thresholds:
        """Return the same as the watch takes it."""
        return Thresholds(**self.model_dump())


class WatchSection(Section):
    """The watch of listed tokens, as `tarazy screening watch` runs it."""

    node: Address | None = setting(None, reason="JSON-RPC node of the chain; the verb asks for it where it is not set")
    witness: Address | None = setting(None, reason="second node, asked where the first might lie")
    tokens: FilePath | None = setting(None, reason="JSON list of tokens with their pools and holders")
    folder: FilePath = setting(Path("var/watch"), reason="state and alerts; one watch a folder")
    key_file: FilePath | None = setting(None, reason="signing key; without it made in the folder")
    poll_s: float = setting(1.0, unit="s", minimum=0.01, maximum=3_600, reason="seconds between looks for a block")
    criteria: FileOrName = setting(None, reason="criteria file, or the name of a built-in one; `house` without it")
    screening: bool = setting(True, reason="false alerts on what was read alone")
    thresholds: ThresholdsSection = ThresholdsSection()
