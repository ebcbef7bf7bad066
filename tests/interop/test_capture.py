"""tshark reads what was captured and, with the exported keys, what was encrypted."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from netmiko import ConnectHandler

TSHARK = shutil.which("tshark")
pytestmark = pytest.mark.skipif(TSHARK is None, reason="tshark is not installed")


def tshark(capture: Path, *options: str) -> list[str]:
    result = subprocess.run(
        [str(TSHARK), "-r", capture, *options], capture_output=True, text=True, check=True
    )
    return result.stdout.splitlines()


def key_options(keys: dict[str, list[dict[str, str]]]) -> list[str]:
    options = ["-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE"]
    for ike in keys["ike"]:
        options += ["-o", f"uat:ikev1_decryption_table:{ike['cookie']},{ike['key']}"]
    for esp in keys["esp"]:
        sa = ("IPv4", esp["src"], esp["dst"], esp["spi"], esp["enc"], f"0x{esp['enckey']}", esp["auth"])
        sa += (f"0x{esp['authkey']}",)
        options += ["-o", "uat:esp_sa:" + ",".join(f'"{field}"' for field in sa)]
    return options


def test_a_capture_of_the_lab_decrypts(up: Callable[..., Any], tmp_path: Path) -> None:
    running = up("ipsec-vpn")
    capture, key_file = tmp_path / "all.pcapng", tmp_path / "keys.json"
    command = [sys.executable, "-m", "iosemu.lab.cli", "capture", "all", "-w", "-", "--keys", str(key_file)]
    recorder = subprocess.Popen(command, stdout=subprocess.PIPE, env=running.environment)
    assert recorder.stdout is not None
    data = recorder.stdout.read(4)  # the file has begun, so the lab is recorded from here on
    with ConnectHandler(**{**running.netmiko("PC-A"), "device_type": "generic"}) as pc:
        for _ in range(2):
            pc.send_command("ping 192.168.2.1", expect_string=r"C:\\>$")
    # a Catalyst speaks DTP every 30 seconds
    subprocess.run([*command[:3], "advance", "40s"], env=running.environment, check=True)
    recorder.send_signal(signal.SIGINT)
    data += recorder.stdout.read()
    recorder.stdout.close()
    assert recorder.wait() == 0
    capture.write_bytes(data)
    keys = json.loads(key_file.read_text())
    assert len(keys["ike"]) == 1
    assert len(keys["esp"]) == 2

    checks = ["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"]
    bad = "_ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0 || icmp.checksum.status == 0"
    assert tshark(capture, *checks, "-Y", bad) == []
    protocols = set(tshark(capture, "-T", "fields", "-e", "_ws.col.Protocol"))
    assert {"STP", "DTP", "ARP", "ICMP", "ISAKMP", "ESP"} <= protocols

    decrypted = key_options(keys)
    hidden = tshark(capture, *decrypted, "-Y", "esp && icmp")
    assert len(hidden) == 13  # seven requests, six answers
    assert tshark(capture, *decrypted, "-Y", "esp && !icmp") == []
    assert tshark(capture, *decrypted, "-Y", "esp.icv_good == 0") == []
    quick = "isakmp.exchangetype == 32 && isakmp.typepayload == 1"
    assert tshark(capture, "-Y", quick) == []
    assert tshark(capture, *decrypted, "-Y", quick)
    assert tshark(capture, *decrypted, "-Y", "_ws.malformed") == []
