"""What happens at a start: which image runs, and the configurations that come from servers."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.box.shipped import image_url
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Effect, Steps, Wait, Write
from iosemu.handling.filesystem import MOST_OCTETS, text_lines
from iosemu.handling.unattended import Unattended, unwatched
from iosemu.subjects.boot.config import EVERYBODY, BootConfig, BootFile

AGAIN = 600.0
"""Lab seconds after which a server is asked again for a configuration that it did not give (Cisco IOS
Configuration Fundamentals: every 10 minutes)."""
BOOT_FIELD = 0xF
LISTED = 2
"""From this boot field on the configuration's `boot system` lines count; with a lower one the first file does."""

Reading = Generator[str | Effect, Any, bool]


class Boot(Service):
    """The image that runs: `device.booted_image`; and the configurations that `service config` reads.

    An image is a file with the content of the one that the box came with: iosemu has no other software for it.
    """

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.refusals: list[str] = []
        """What the loader said of files that it could not load, line by line."""
        self._shipped = image_url(device.model, device.image)
        self._unattended = Unattended(device)
        self._reading = False

    def start(self) -> None:
        """Power came: unless the configuration says otherwise, the first image that is there runs."""
        self._load(())

    def stop(self) -> None:
        """Power goes."""
        self._unattended.cancel()

    def changed(self) -> None:
        """A line was typed: by a configuration that is loaded at the start it counts now, else at the next one."""
        if self.device.now == self.device.booted_at:
            self.device.soon(self._begin)

    def _begin(self) -> None:
        config = self.device.config.of(BootConfig)
        self.refusals = []
        listed = self.device.booted_register & BOOT_FIELD >= LISTED
        self._load(config.system if listed else ())
        if config.service_config and not self._reading:
            self._reading = True
            self._unattended.run(self._configurations())

    # --- the image -----------------------------------------------------------------------------------

    def _load(self, files: Sequence[BootFile]) -> None:
        """Run the first of these that is an image; if none is, the first one in flash."""
        for number, each in enumerate(files):
            if each.remote:
                self._load(())
                self._unattended.run(self._from_servers(files[number:]))
                return
            if self._local(each):
                return
        for name, data in self.device.flash.items():
            if self._is_image(data):
                self.device.booted_image = f"{self._flash}{name}"
                return
        self.device.booted_image = self._shipped

    @property
    def _flash(self) -> str:
        """Flash as this box writes it before a name: `flash:`, `flash0:`, `flash:/`."""
        scheme, colon, path = self._shipped.rpartition(":")
        return f"{scheme}{colon}{'/' if path.startswith('/') else ''}"

    def _is_image(self, data: bytes) -> bool:
        return any(data == image for image in self.device.flash.shipped.values())

    def _local(self, file: BootFile) -> bool:
        """Load from flash; tells whether that went well."""
        if not file.url:  # the image in ROM is the last resort anyway
            return False
        name = file.url.partition(":")[2].strip("/")
        flash = self.device.flash
        if not name:
            return False  # the first one in flash is what comes when nothing else is left
        data = flash.get(name)
        if data is not None and self._is_image(data):
            self.device.booted_image = file.url
            return True
        self.refusals += self._refusal(file.url, there=data is not None)
        return False

    def _refusal(self, url: str, *, there: bool) -> list[str]:
        """What a loader says of a file that is missing, or that is no image."""
        if self.device.is_switch:
            reason = "magic number mismatch: bad mzip file" if there else "no such file or directory"
            return [f'Loading "{url}"...{url}: {reason}', "", f'Error loading "{url}"', ""]
        reason = "bad file magic number:      0x0" if there else "error - on file open"
        return [f"loadprog: {reason}", f'boot: cannot load "{url}"', ""]

    def _from_servers(self, files: Sequence[BootFile]) -> Steps:
        """Load from a server; when that fails the next file is tried, from whichever place."""
        context = unwatched(self.device)
        largest = max(map(len, self.device.flash.shipped.values()), default=0)
        for each in files:
            if not each.remote:
                if self._local(each):
                    return
                continue
            data = yield from self._loaded(context, each.url, largest)
            if data is not None and self._is_image(data):
                self.device.booted_image = each.url
                return
            if data is not None:
                self._say(*self._refusal(each.url, there=True))

    # --- configurations ------------------------------------------------------------------------------

    def _wanted(self) -> list[list[str]]:
        """URLs of configurations; of those that stand together the first that is there counts."""
        config, name = self.device.config.of(BootConfig), self.device.hostname.lower()
        everybody = f"tftp://{EVERYBODY}"
        return [
            [config.network.url]
            if config.network
            else [f"{everybody}/network-confg", f"{everybody}/cisconet.cfg"],
            [config.host.url]
            if config.host
            else [f"{everybody}/{name}-confg", f"{everybody}/{name[:8]}.cfg"],
        ]

    def _configurations(self) -> Steps:
        """Read them until they have come; what was given once is not asked for again."""
        groups = self._wanted()
        while groups:
            for urls in list(groups):
                if (yield from self._first(urls)):
                    groups.remove(urls)
            if groups:
                yield Wait(AGAIN)

    def _first(self, urls: Sequence[str]) -> Reading:
        for url in urls:
            if (yield from self._configured(url)):
                return True
        return False

    def _configured(self, url: str) -> Reading:
        """Type the configuration from a server over the running one; tells whether it came."""
        from iosemu.subjects.files.commands import files

        device, context = self.device, unwatched(self.device)
        data = yield from self._loaded(context, url)
        if data is None:
            device.log("SYS", 4, "CONFIG_RESOLVE_FAILURE", f"System config parse from ({url}) failed")
            return False
        yield from self._told(files.merge(context, list(text_lines(data))))
        device.log("SYS", 5, "CONFIG_I", f"Configured from {url} by console")
        return True

    # --- both ----------------------------------------------------------------------------------------

    def _loaded(
        self, context: Context, url: str, limit: int = MOST_OCTETS
    ) -> Generator[str | Effect, Any, bytes | None]:
        """What is in a file on a server; None when it cannot be read, which the console tells."""
        from iosemu.subjects.files.commands import transfers

        try:
            data: bytes = yield from self._told(transfers.get(context, url, limit))
        except CommandError as error:
            self._say(*str(error).split("\n"))
            return None
        return data

    def _told(self, steps: Generator[str | Effect, Any, Any]) -> Generator[str | Effect, Any, Any]:
        """Have the console print what a command prints."""
        written, answer = "", None
        while True:
            try:
                item = steps.send(answer)
            except StopIteration as stop:
                return stop.value
            answer = None
            if isinstance(item, Write):
                written += item.text
            elif isinstance(item, str):
                if (written or item) and not item.startswith("Accessing "):
                    self._say(written + item)
                written = ""
            else:
                answer = yield item

    def _say(self, *lines: str) -> None:
        """Print on the console, without the time."""
        for line in lines:
            self.device.log("", 6, "", line, continues=True)
