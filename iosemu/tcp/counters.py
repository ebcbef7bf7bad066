"""What is counted, as `show tcp` and `show tcp statistics` print it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Statistics:
    """Counters of a stack; names follow the lines of `show tcp statistics`. `_bytes` are octets of data."""

    received: int = 0
    no_port: int = 0
    checksum_error: int = 0
    bad_offset: int = 0
    too_short: int = 0
    bad_authentication: int = 0
    in_sequence: int = 0
    in_sequence_bytes: int = 0
    duplicate: int = 0
    duplicate_bytes: int = 0
    partially_duplicate: int = 0
    partially_duplicate_bytes: int = 0
    out_of_order: int = 0
    out_of_order_bytes: int = 0
    after_window: int = 0
    after_window_bytes: int = 0
    after_close: int = 0
    window_probe_received: int = 0
    window_update_received: int = 0
    duplicate_ack: int = 0
    ack_of_unsent: int = 0
    ack_received: int = 0
    ack_received_bytes: int = 0

    sent: int = 0
    urgent_sent: int = 0
    control: int = 0
    control_retransmitted: int = 0
    data: int = 0
    data_bytes: int = 0
    data_retransmitted: int = 0
    data_retransmitted_bytes: int = 0
    fast_retransmitted: int = 0
    ack_only: int = 0
    ack_delayed: int = 0
    window_probe_sent: int = 0
    window_update_sent: int = 0

    initiated: int = 0
    accepted: int = 0
    established: int = 0
    closed: int = 0
    dropped: int = 0
    embryonic_dropped: int = 0
    backlog_dropped: int = 0
    retransmit_timeout: int = 0
    dropped_in_retransmit: int = 0
    keepalive_timeout: int = 0
    keepalive_probe: int = 0
    dropped_in_keepalive: int = 0
    challenge_ack: int = 0


@dataclass(slots=True)
class ConnectionCounters:
    """Segments of one connection, as at the end of `show tcp`."""

    received: int = 0
    received_out_of_order: int = 0
    received_with_data: int = 0
    received_bytes: int = 0
    sent: int = 0
    retransmitted: int = 0
    fast_retransmitted: int = 0
    sent_with_data: int = 0
    sent_bytes: int = 0
