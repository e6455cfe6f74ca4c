"""The `facility.gateway.fix` section of the configuration: ports, TLS and limits of FIX sessions."""

from __future__ import annotations

from tarazy.platform.config.declaring import FilePath, Section, setting


class FixSection(Section):
    """Traders by FIX 4.4. Without ports nothing is served."""

    host: str = setting(
        "127.0.0.1", reason="address to listen on; without a certificate only addresses of this machine are taken"
    )
    port: int | None = setting(
        None, minimum=0, maximum=65_535, reason="port of order entry and drop copies; 0 takes a free one, none for none"
    )
    market_data_port: int | None = setting(
        None, minimum=0, maximum=65_535, reason="port of market data; 0 takes a free one, none for none"
    )
    certificate_file: FilePath | None = setting(None, reason="certificate chain in PEM; with it clients come by TLS")
    key_file: FilePath | None = setting(None, reason="private key of the certificate in PEM; its place is no secret")
    comp_id: str = setting("SPOT", reason="what clients call us in TargetCompID; the dialect's clients say SPOT")
    connections_max: int = setting(1_000, unit="connections", minimum=1, reason="open at once on both ports together")
    waiting_logons_of_address_max: int = setting(
        20, unit="connections", minimum=1, reason="of one address that have not logged on yet"
    )
    order_sessions_of_account_max: int = setting(
        5, unit="sessions", minimum=1, reason="order entry sessions of one account at once, as in the dialect"
    )
    copy_sessions_of_account_max: int = setting(
        10, unit="sessions", minimum=1, reason="drop copy sessions of one account at once, as in the dialect"
    )
    market_sessions_of_account_max: int = setting(
        100, unit="sessions", minimum=1, reason="market data sessions of one account at once, as in the dialect"
    )
    messages_per_ten_seconds: int = setting(
        10_000, unit="messages", minimum=1, reason="a session of orders may send, as in the dialect; more end it"
    )
    market_messages_per_minute: int = setting(
        10_000, unit="messages", minimum=1, reason="a session of market data may send, as in the dialect"
    )
    message_bytes_max: int = setting(
        65_536, unit="bytes", minimum=1_024, reason="the longest message a client may send; a longer one ends it"
    )
    waiting_bytes_max: int = setting(
        8 << 20, unit="bytes", minimum=65_536, reason="may wait for a slow client before its connection is ended"
    )
    subscriptions_max: int = setting(
        1_000, unit="subscriptions", minimum=1, reason="of one session of market data, each of one symbol"
    )
    kept_messages_max: int = setting(
        100_000, unit="messages", minimum=1, reason="of a session that a client may ask for again: some 40 MB"
    )
    kept_sessions_max: int = setting(
        20, unit="sessions", minimum=1, reason="of an account that are kept over disconnects; the longest unused go"
    )
