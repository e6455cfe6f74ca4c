"""The facility's sections of the configuration: where its record is, how its sequencer works, its read models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from tarazy.facility.accounts.logins.configuration import LoginSection
from tarazy.facility.feeds.configuration import FeedsSection
from tarazy.facility.gateway.fix.configuration import FixSection
from tarazy.facility.sequencer.settings import Options, Settings
from tarazy.platform.config.declaring import Address, DatabasePlace, FilePath, Section, plain_address, setting

if TYPE_CHECKING:
    from tarazy.facility.sequencer.stream import StreamSettings

GATEWAY_PORT = 8080
_SETTINGS = Settings()


class SequencerSection(Section):
    """The one writer. There is no switch for durability: a command is acknowledged after fdatasync, always."""

    frame_commands_max: int = setting(
        _SETTINGS.frame_commands_max,
        unit="commands",
        minimum=1,
        maximum=65_536,
        reason="the largest batch that shares one fdatasync; larger ones win little and delay the first of them",
    )
    frozen_frame_commands_max: int = setting(
        _SETTINGS.frozen_frame_commands_max,
        unit="commands",
        minimum=1,
        maximum=65_536,
        reason="the same while a checkpoint is written, when every page that is touched first is copied",
    )
    queue_commands_max: int = setting(
        _SETTINGS.queue_commands_max,
        unit="commands",
        minimum=1,
        maximum=1 << 24,
        reason="what may wait for the writer before callers are made to wait: 24 MiB of commands",
    )
    snapshots_keep: int | None = setting(
        _SETTINGS.snapshots_keep,
        unit="snapshots",
        minimum=1,
        reason="how many of the newest snapshots stay; without it all do, as auditors start from any of them",
    )
    clock_jump_max_ns: int = setting(
        _SETTINGS.clock_jump_max_ns,
        unit="ns",
        minimum=0,
        reason="how far the wall clock may run ahead of the monotonic one before nothing is ordered: a minute",
    )
    time_gap_max_ns: int = setting(
        _SETTINGS.time_gap_max_ns,
        unit="ns",
        minimum=0,
        reason="how long after the last command a start is believed without a person: seven days",
    )
    head_commands_max: int = setting(
        _SETTINGS.head_commands_max,
        unit="commands",
        minimum=1,
        reason="how many commands may be only chained before the facility signs the next head",
    )
    head_interval_s: float = setting(
        _SETTINGS.head_interval_s,
        unit="s",
        minimum=0.1,
        maximum=3_600,
        reason="how long the last commands may be only chained when traffic is thin",
    )
    checkpoint_timeout_s: int = setting(
        _SETTINGS.checkpoint_timeout_s,
        unit="s",
        minimum=1,
        maximum=86_400,
        reason="after this a checkpoint's process is given up; at the rate below it has written 37 GiB by then",
    )
    snapshot_bytes_per_s: int = setting(
        _SETTINGS.snapshot_bytes_per_s,
        unit="bytes/s",
        minimum=1 << 20,
        reason="how fast a snapshot is written, so that it leaves the device to the journal",
    )

    def options(self) -> Options:
        """Return the same as the sequencer takes it."""
        return cast(Options, self.model_dump())


class StreamSection(Section):
    """The replicated log, where the record is one."""

    url: Address | None = setting(None, reason="where the servers are, as `nats://HOST:PORT`; none for local files")
    credentials_file: FilePath | None = setting(
        None, reason="credentials file for the servers; its content is secret, its place is not"
    )
    replicas: int = setting(
        1, unit="servers", minimum=1, maximum=5, reason="on how many servers a frame is; three survive one"
    )
    ack_timeout_s: float = setting(2.0, unit="s", minimum=0.1, maximum=60, reason="until a frame is sent again")
    give_up_s: float = setting(30.0, unit="s", minimum=1, maximum=3_600, reason="until the writer stops")
    in_flight_max: int = setting(
        8, unit="frames", minimum=1, maximum=256, reason="frames sent and not yet acknowledged"
    )

    def settings(self) -> StreamSettings | None:
        """Return the same as the stream takes it, None for local files; the address is read now.

        Raises: ConfigError for a secret that cannot be read; StreamClientMissingError.
        """
        if self.url is None:
            return None
        from tarazy.facility.sequencer.stream import StreamSettings

        rest = self.model_dump(exclude={"url", "credentials_file"})
        return StreamSettings(plain_address(self.url), self.credentials_file, **rest)


class GatewaySection(Section):
    """The traders' gateway."""

    host: str = setting("127.0.0.1", reason="address to listen on; others than this machine come through a proxy")
    port: int = setting(GATEWAY_PORT, minimum=0, maximum=65_535, reason="port to listen on; 0 takes a free one")
    hosts: tuple[str, ...] = setting((), reason="names by which it is asked, beside `localhost` and numbers")
    weight_per_minute: int = setting(
        6_000,
        unit="weight",
        minimum=1,
        reason="of one address, as the dialect allows; placing and canceling weigh nothing",
    )
    requests_per_five_minutes: int = setting(
        300_000, unit="requests", minimum=1, reason="of one address, whatever they weigh, as the dialect allows"
    )
    orders_per_ten_seconds: int = setting(
        10_000, unit="orders", minimum=1, reason="of one account; a hundred times what the dialect usually allows"
    )
    orders_per_day: int = setting(20_000_000, unit="orders", minimum=1, reason="of one account")
    waiting_commands_max: int = setting(
        20_000, unit="commands", minimum=1, reason="may wait for the writer before requests are refused with 429"
    )
    drafts: FilePath | None = setting(
        None, reason="folder of drafts of instructions; a complete one is handed in while the facility is served"
    )
    disclosures: FilePath | None = setting(
        None, reason="folder of papers that anybody may read under `/v1/disclosures`; none without it"
    )
    tax_prices: FilePath | None = setting(
        None, reason="official prices for tax, as imported; certificates of a year have none without it"
    )
    bank_parameters: FilePath | None = setting(
        None, reason="dated parameters of the bank rails, as `tarazy bank --parameters` takes them; else the package's"
    )
    log_requests: bool = setting(True, reason="one line for each request in `DIR.log/access.jsonl`; never a secret")
    fix: FixSection = FixSection()


class FacilitySection(Section):
    """One facility."""

    directory: FilePath | None = setting(None, reason="folder of the record; verbs ask for it where it is not set")
    engine: Literal["core", "spec"] | None = setting(
        None, reason="which twin runs the venue; without it `core` where it is built, else `spec`"
    )
    sequencer: SequencerSection = SequencerSection()
    stream: StreamSection = StreamSection()
    feeds: FeedsSection = FeedsSection()
    gateway: GatewaySection = GatewaySection()
    logins: LoginSection = LoginSection()


class ProjectionsSection(Section):
    """The read models that follow the record."""

    database: DatabasePlace | None = setting(
        None,
        reason="a file, or `postgresql://HOST/NAME`, with a user as a secret; none for a file beside the record",
    )

    def place(self) -> Path | str | None:
        """Return the file, or the address, which is read now. Raises: ConfigError for a secret that cannot be read."""
        return self.database if isinstance(self.database, Path | None) else plain_address(self.database)
