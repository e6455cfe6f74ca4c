"""The `facility.feeds` section of the configuration: limits of connections and the pace of streams."""

from __future__ import annotations

from tarazy.platform.config.declaring import Section, setting


class FeedsSection(Section):
    """Market data and user data over WebSocket."""

    connections_max: int = setting(
        5_000, unit="connections", minimum=1, maximum=50_000, reason="open at once; each costs some 50 KiB of memory"
    )
    connections_of_address_max: int = setting(
        300,
        unit="connections",
        minimum=1,
        reason="open at once from one address; the dialect allows 300 attempts in five minutes",
    )
    connection_attempts_max: int = setting(
        300, unit="connections", minimum=1, reason="begun by one address in five minutes, as the dialect allows"
    )
    streams_of_connection_max: int = setting(
        1_024, unit="streams", minimum=1, maximum=10_000, reason="one connection may listen to, as the dialect allows"
    )
    messages_per_second_max: int = setting(
        5, unit="messages/s", minimum=1, reason="one connection may send; more end it, as in the dialect"
    )
    api_messages_per_second_max: int = setting(
        1_000, unit="messages/s", minimum=1, reason="the same on the WebSocket API, where orders are messages"
    )
    message_bytes_max: int = setting(
        65_536, unit="bytes", minimum=1_024, reason="the longest message a client may send; 1,024 names of streams fit"
    )
    waiting_messages_max: int = setting(
        1_000,
        unit="messages",
        minimum=10,
        reason="may wait for a slow client before it is told and dropped: 100 s of a depth stream",
    )
    waiting_bytes_max: int = setting(
        4 << 20, unit="bytes", minimum=65_536, reason="the same in bytes: what one client can make us hold"
    )
    connection_hours_max: int = setting(
        24, unit="h", minimum=1, reason="until a connection is ended, as the dialect does, so that clients reconnect"
    )
    listen_key_minutes: int = setting(
        60, unit="min", minimum=1, reason="a listen key lives without being kept alive, as the dialect has it"
    )
