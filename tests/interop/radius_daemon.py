"""FreeRADIUS with a configuration of its own, apart from that of the machine."""

from __future__ import annotations

from pathlib import Path

MAIN = """prefix = /usr
libdir = /usr/lib/freeradius
logdir = {d}
raddbdir = {d}
run_dir = {d}
pidfile = {d}/pid
correct_escapes = true
max_request_time = 30
cleanup_delay = 5
security {{
  max_attributes = 200
  reject_delay = 0
  status_server = no
}}
thread pool {{
  start_servers = 1
  max_servers = 4
  min_spare_servers = 1
  max_spare_servers = 1
  max_requests_per_server = 0
}}
"""


def prepare(directory: Path, users: str, rest: str, **values: str) -> None:
    """Write what `freeradius -d DIRECTORY` reads: `rest` has modules, clients and servers, with `values` put in."""
    (directory / "radiusd.conf").write_text((MAIN + rest).format(d=directory, **values))
    (directory / "users").write_text(users)
    (directory / "dictionary").write_text("$INCLUDE /usr/share/freeradius/dictionary\n")
