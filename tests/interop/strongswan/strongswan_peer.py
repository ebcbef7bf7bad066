"""A strongSwan gateway in a network namespace of its own, with a TAP device for its cable."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

ADDRESS, LAN = "10.9.0.2", "192.168.2.1"
PLUGINS = Path("/usr/lib/ipsec/plugins")
LOADED = (
    "random nonce openssl aes sha1 sha2 md5 gmp pem pkcs1 x509 constraints pubkey hmac kdf "
    "kernel-libipsec kernel-netlink socket-default vici updown xauth-generic eap-identity eap-md5 eap-mschapv2"
)
PATIENCE = 20.0


def missing() -> str:
    """Why there can be no such peer here; empty when there can."""
    for program in ("charon-systemd", "swanctl", "ip"):
        if shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None:
            return f"{program} is not installed (charon-systemd, strongswan-swanctl, iproute2)"
    if not (PLUGINS / "libstrongswan-kernel-libipsec.so").exists():
        return "strongSwan's kernel-libipsec is not installed (libcharon-extra-plugins)"
    if os.geteuid() != 0:
        return "network namespaces need root"
    name = f"iosemu-try-{os.getpid()}"
    tried = _run("ip", "netns", "add", name)
    if tried.returncode:
        return f"network namespaces are not permitted: {tried.stderr.strip()}"
    tap = _run("ip", "netns", "exec", name, "ip", "tuntap", "add", "dev", "try0", "mode", "tap")
    _run("ip", "netns", "del", name)
    return f"TAP devices are not permitted: {tap.stderr.strip()}" if tap.returncode else ""


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


class StrongSwan:
    """`start` it, `plug` a TAP device in, `load` connections; `stop` removes every trace."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.name = f"iosemu-{os.getpid()}"
        self._charon: subprocess.Popen[str] | None = None
        self._uri = f"unix://{directory}/charon.vici"
        self.log_file = directory / "charon.log"

    def start(self) -> None:
        """Make the namespace and run charon in it."""
        self._ip("netns", "add", self.name)
        self.inside("ip", "link", "set", "lo", "up")
        self.inside("ip", "address", "add", f"{LAN}/32", "dev", "lo")
        settings = self.directory / "strongswan.conf"
        settings.write_text(f"""
charon-systemd {{
  load = {LOADED}
  install_routes = yes
  i_dont_care_about_security_and_use_aggressive_mode_psk = yes
  retransmit_timeout = 2
  hash_and_url = yes
  journal {{ default = -1 }}
  filelog {{ log {{ path = {self.log_file}
    default = 1
    ike = 2
    flush_line = yes }} }}
  plugins {{
    vici {{ socket = {self._uri} }}
    kernel-libipsec {{ load = yes }}
  }}
}}
swanctl {{ load = openssl pem pkcs1 x509 pubkey random }}
""")
        environment = {**os.environ, "STRONGSWAN_CONF": str(settings)}
        self._charon = subprocess.Popen(
            ["ip", "netns", "exec", self.name, "charon-systemd"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + PATIENCE
        while not (self.directory / "charon.vici").exists():
            if self._charon.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"charon does not start: {self.log()}")
            time.sleep(0.02)  # a process outside: there is no event to wait for

    def stop(self) -> None:
        """End charon and remove the namespace."""
        if self._charon is not None:
            self._charon.terminate()
            try:
                self._charon.wait(10)
            except subprocess.TimeoutExpired:
                self._charon.kill()
                self._charon.wait()
            if self._charon.stderr is not None:
                self._charon.stderr.close()
        self._ip("netns", "del", self.name)

    def plug(self, tap: str) -> None:
        """Take a TAP device into the namespace as the gateway's WAN interface."""
        self._ip("link", "set", tap, "netns", self.name)
        self.inside("ip", "address", "add", f"{ADDRESS}/24", "dev", tap)
        self.inside("ip", "link", "set", tap, "up")

    def load(self, connections: str, secrets: str, authorities: str = "") -> None:
        """Take these connections, secrets and authorities in place of the former, and end what was up."""
        file = self.directory / "swanctl.conf"
        sections = {"connections": connections, "secrets": secrets, "authorities": authorities}
        file.write_text("".join(f"{name} {{\n{text}\n}}\n" for name, text in sections.items()))
        self.swanctl("--load-all", "--clear", "--file", str(file))

    def swanctl(self, *arguments: str, check: bool = True) -> str:
        """Run swanctl; RuntimeError with what it said when it fails."""
        verb, *rest = arguments
        command = ("swanctl", verb, "--uri", self._uri, *rest)
        # keys and certificates are looked for in folders of this directory
        environment = {
            **os.environ,
            "STRONGSWAN_CONF": str(self.directory / "strongswan.conf"),
            "SWANCTL_DIR": str(self.directory),
        }
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout}{done.stderr}\n{self.log()}")
        return done.stdout

    def inside(self, *command: str, check: bool = True) -> str:
        """Run a command in the namespace."""
        return self._ip("netns", "exec", self.name, *command, check=check)

    def log(self) -> str:
        """What charon wrote lately."""
        return self.log_file.read_text()[-6000:] if self.log_file.exists() else ""

    def _ip(self, *arguments: str, check: bool = True) -> str:
        done = _run("ip", *arguments)
        if check and done.returncode:
            raise RuntimeError(f"ip {' '.join(arguments)}: {done.stderr}")
        return done.stdout
