"""A capture with its keys as one file."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence

from iosemu.lab.wireshark_profile import Keys, profile_files
from iosemu.server.packet_view.frames import Row, pcapng

_README = """\
capture.pcapng  the packets; what the keys open is told in their comments
keys.json       the IKE and ESP keys
profile/        the same for Wireshark: WIRESHARK_CONFIG_DIR=profile wireshark capture.pcapng
"""


def archive(rows: Sequence[Row], keys: Keys, epoch: int, now: float, comment: str) -> bytes:
    """A zip archive with the frames, the keys, and a Wireshark profile that uses them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.writestr("README.txt", _README)
        file.writestr("capture.pcapng", pcapng(rows, epoch, now, comment))
        file.writestr("keys.json", json.dumps(keys, indent=1) + "\n")
        for name, text in profile_files(keys).items():
            file.writestr(f"profile/{name}", text)
    return out.getvalue()
