"""802.1X against real programs: wpa_supplicant at a port of the lab, freeradius and the lab's own server behind it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from namespace_lab import Namespace, lacking, run, until
from radius_daemon import prepare

from iosemu.lab.lab import Lab
from iosemu.lab.ssh_service import serve
from iosemu.subjects.dot1x.service import PortAccess, Session

REASON = lacking("ip", "ss", "wpa_supplicant", "openssl")
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)
no_freeradius = pytest.mark.skipif(
    shutil.which("freeradius", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None,
    reason="freeradius is not installed",
)

SWITCH = """hostname SW1
logging buffered 20000 debugging
aaa new-model
aaa authentication dot1x default group radius
aaa authorization network default group radius
dot1x system-auth-control
vlan 20,30
radius-server host 192.168.7.2 auth-port 1812 acct-port 1813 timeout 3 key r4dius
interface Vlan1
 ip address 192.168.7.1 255.255.255.0
 no shutdown
interface FastEthernet0/24
 switchport mode access
 spanning-tree portfast
interface FastEthernet0/1
 switchport mode access
 spanning-tree portfast
 authentication port-control auto
 dot1x pae authenticator
 dot1x timeout quiet-period 2
end
"""
RADIUSD = """modules {{
  pap {{
  }}
  files {{
    filename = {d}/users
  }}
  mschap {{
  }}
  eap {{
    default_eap_type = md5
    timer_expire = 60
    md5 {{
    }}
    mschapv2 {{
    }}
    tls-config tls-common {{
      private_key_file = {d}/server.key
      certificate_file = {d}/server.pem
      ca_file = {d}/ca.pem
      tls_max_version = "1.2"
      tls_min_version = "1.2"
    }}
    tls {{
      tls = tls-common
    }}
    peap {{
      tls = tls-common
      default_eap_type = mschapv2
      copy_request_to_tunnel = yes
      use_tunneled_reply = yes
      virtual_server = "default"
    }}
  }}
}}
client lab {{
  ipaddr = 192.168.7.0/24
  secret = r4dius
  require_message_authenticator = yes
}}
server default {{
  listen {{
    type = auth
    ipaddr = 192.168.7.2
    port = 1812
  }}
  authorize {{
    files
    mschap
    eap
    pap
  }}
  authenticate {{
    Auth-Type PAP {{
      pap
    }}
    Auth-Type MS-CHAP {{
      mschap
    }}
    eap
  }}
}}
"""
USERS = """alice Cleartext-Password := "wonder"
  Tunnel-Type = VLAN,
  Tunnel-Medium-Type = IEEE-802,
  Tunnel-Private-Group-ID = "20"

carol Cleartext-Password := "christmas"
"""
SUPPLICANT = """ctrl_interface={d}/control
ap_scan=0
network={{
  key_mgmt=IEEE8021X
  eapol_flags=0
{network}
}}
"""


def certificates(directory: Path) -> None:
    """An authority, and what it says of a server and of a client."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Lab CA",
         "-keyout", str(directory / "ca.key"), "-out", str(directory / "ca.pem")],
        check=True, capture_output=True,
    )  # fmt: skip
    for name in ("server", "client"):
        subprocess.run(
            ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}",
             "-keyout", str(directory / f"{name}.key"), "-out", str(directory / f"{name}.csr")],
            check=True, capture_output=True,
        )  # fmt: skip
        subprocess.run(
            ["openssl", "x509", "-req", "-in", str(directory / f"{name}.csr"), "-CA", str(directory / "ca.pem"),
             "-CAkey", str(directory / "ca.key"), "-CAcreateserial", "-days", "30",
             "-out", str(directory / f"{name}.pem")],
            check=True, capture_output=True,
        )  # fmt: skip


@contextlib.asynccontextmanager
async def campus(
    directory: Path, *, own_server: bool
) -> AsyncIterator[tuple[Lab, Namespace, Namespace | None]]:
    """SW1 with a namespace at Fa0/1, and a server at Fa0/24: another namespace, or one of the lab."""
    client, server = Namespace(f"dxc{os.getpid()}", ""), Namespace(f"dxs{os.getpid()}", "192.168.7.2")
    (directory / "SW1.cfg").write_text(SWITCH)
    far = "AAA1:Fa0" if own_server else f"tap:{server.name}"
    (directory / "lab.yaml").write_text(f"""name: dot1x-linux
nodes:
  SW1: {{model: catalyst-2960-24tt, image: "15.1", config: SW1.cfg}}
  AAA1:
    model: server
    startup: "ipconfig 192.168.7.2 255.255.255.0"
    services:
      users: {{alice: {{password: wonder, vlan: 20}}}}
      radius: {{key: r4dius}}
links:
  - endpoints: ["SW1:Fa0/1", "tap:{client.name}"]
  - endpoints: ["SW1:Fa0/24", "{far}"]
""")
    lab = Lab.load(directory / "lab.yaml", time="real")
    lab.boot()
    made = [client] if own_server else [client, server]
    try:
        for namespace in made:
            assert not run("ip", "netns", "add", namespace.name).returncode
        async with serve(lab, base_port=0):
            for namespace in made:
                assert not run("ip", "link", "set", namespace.name, "netns", namespace.name).returncode
                namespace.run("ip", "link", "set", "lo", "up")
                assert not namespace.run("ip", "link", "set", namespace.name, "up").returncode
            server.run("ip", "address", "add", "192.168.7.2/24", "dev", server.name)
            yield lab, client, None if own_server else server
    finally:
        for namespace in made:
            namespace.end()
            run("ip", "netns", "del", namespace.name)


def session(lab: Lab) -> Session | None:
    port = lab.devices["SW1"].service(PortAccess).ports["FastEthernet0/1"]
    return port.sessions[0] if port.sessions else None


def let_in(lab: Lab) -> bool:
    found = session(lab)
    return found is not None and found.authorized


def supplicant(directory: Path, client: Namespace, network: str) -> Path:
    """Start wpa_supplicant; returns its log."""
    configuration, log = directory / "wpa.conf", directory / "wpa.log"
    configuration.write_text(SUPPLICANT.format(d=directory, network=network))
    client.start("wpa_supplicant", "-D", "wired", "-i", client.name, "-c", str(configuration), "-dd", log=log)
    return log


async def test_wpa_supplicant_proves_itself_by_md5_to_the_server_of_the_lab(tmp_path: Path) -> None:
    async with campus(tmp_path, own_server=True) as (lab, client, _):
        log = supplicant(tmp_path, client, '  eap=MD5\n  identity="alice"\n  password="wonder"')
        await until(lambda: let_in(lab))
        await until(lambda: "CTRL-EVENT-EAP-SUCCESS" in log.read_text())
        found = session(lab)
        assert found is not None
        assert (found.username, found.vlan) == ("alice", 20)


METHODS = {
    "md5": ('  eap=MD5\n  identity="alice"\n  password="wonder"', "alice", 20),
    "peap": (
        '  eap=PEAP\n  identity="alice"\n  password="wonder"\n  ca_cert="{d}/ca.pem"\n  phase2="auth=MSCHAPV2"',
        "alice",
        20,
    ),
    "tls": (
        '  eap=TLS\n  identity="carol"\n  ca_cert="{d}/ca.pem"\n  client_cert="{d}/client.pem"\n'
        '  private_key="{d}/client.key"',
        "carol",
        None,
    ),
}


@no_freeradius
@pytest.mark.parametrize("method", METHODS)
async def test_methods_pass_through_to_freeradius(tmp_path: Path, method: str) -> None:
    network, name, vlan = METHODS[method]
    certificates(tmp_path)
    prepare(tmp_path, USERS, RADIUSD)
    async with campus(tmp_path, own_server=False) as (lab, client, server):
        assert server is not None
        radius = tmp_path / "radius.log"
        server.start("freeradius", "-d", str(tmp_path), "-X", log=radius)
        await until(lambda: server.listens(1812))
        log = supplicant(tmp_path, client, network.format(d=tmp_path))
        await until(lambda: let_in(lab))
        await until(lambda: "CTRL-EVENT-EAP-SUCCESS" in log.read_text())
        found = session(lab)
        assert found is not None
        assert (found.username, found.vlan) == (name, vlan)


@no_freeradius
async def test_freeradius_refuses_a_wrong_password(tmp_path: Path) -> None:
    certificates(tmp_path)
    prepare(tmp_path, USERS, RADIUSD)
    async with campus(tmp_path, own_server=False) as (lab, client, server):
        assert server is not None
        server.start("freeradius", "-d", str(tmp_path), "-X", log=tmp_path / "radius.log")
        await until(lambda: server.listens(1812))
        log = supplicant(tmp_path, client, '  eap=MD5\n  identity="alice"\n  password="wrong"')
        await until(lambda: "CTRL-EVENT-EAP-FAILURE" in log.read_text())
        assert not let_in(lab)
        assert not lab.devices["SW1"].interfaces["FastEthernet0/1"].protocol_up
