"""The outside: SSH, the lab clock and other users of asyncio, sockets and wall time."""
