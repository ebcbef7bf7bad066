"""Clusters of next hop servers: which of them a client speaks to (Cisco's DMVPN guide, backup NHS).

With a limit of connections the best of a cluster have their turn, the lowest priority first. One that does not answer
is asked on, and the next has its turn in its place; when it answers again, what stood in for it is given up after a
time.
"""

from __future__ import annotations

from collections.abc import Sequence

from iosemu.nhrp.servers import Server


def chosen(
    ordered: Sequence[Server], most: int, fallback: float, now: float
) -> tuple[list[Server], float | None]:
    """The servers of one cluster, best first, that have their turn, `most` of which may be connected.

    Also the lab time at which that may be otherwise by itself, None: never.
    """
    turn: list[Server] = []
    again: float | None = None
    connected = 0
    for place, server in enumerate(ordered):
        if connected >= most:
            break
        turn.append(server)
        stands_in = any(each.responding for each in ordered[place + 1 :])
        if server.responding:
            proven = server.since + fallback
            if not stands_in or now >= proven:
                connected += 1
            else:
                again = proven if again is None else min(again, proven)
        elif not server.given_up and not stands_in:
            connected += 1
    return turn, again
