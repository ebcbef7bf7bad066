"""Configuration of one interface: what each has; the rest are parts that subjects add."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from iosemu.box.interface_types import InterfaceType, type_of
from iosemu.box.parts import Parts, PartT


@dataclass(slots=True)
class InterfaceConfig:
    """What is typed under `interface NAME`."""

    name: str
    description: str = ""
    shutdown: bool = False
    duplex: str = "auto"
    speed: str = "auto"
    bandwidth: int | None = None
    """kbit/s; None: that of the hardware."""
    delay: int | None = None
    """Tens of microseconds, as typed; None: that of the hardware."""
    mtu: int = 0
    """Octets; of a new interface that of its type."""
    keepalive: int | None = 10
    """Seconds; None: `no keepalive`."""
    load_interval: int = 300
    suffix: str = field(default="", compare=False)
    """What follows the name where it was made: ` type tunnel`."""
    cloned: bool = field(default=False, compare=False)
    """It was made for a peer from a template: nobody typed it, and no configuration has it."""
    parts: Parts = field(default_factory=Parts)
    """What subjects add: `config.of(IpSettings)`."""
    encapsulated_mtu: int | None = field(default=None, compare=False)
    """The largest packet that fits what surrounds it (a tunnel's header); None: nothing does."""

    def __post_init__(self) -> None:
        self.mtu = self.mtu or self.type.mtu

    def of(self, part: type[PartT]) -> PartT:
        """The part of this class, made with its defaults when first asked for."""
        held: PartT | None = self.parts._held.get(part)  # `Parts.held` written out: asked for each packet
        return held if held is not None else self.parts.of(part)

    def held(self, part: type[PartT]) -> PartT | None:
        """The part of this class, None where the interface has none (layer 2 settings of a routed port)."""
        return self.parts.held(part)

    def put(self, part: PartT) -> PartT:
        """Take this object for the part of its class."""
        return self.parts.put(part)

    def drop(self, part: type) -> None:
        """Forget the part."""
        self.parts.drop(part)

    def fresh(self) -> InterfaceConfig:
        """A new interface of that name."""
        return InterfaceConfig(self.name)

    def reset(self) -> None:
        """Back to the settings of a fresh interface; `shutdown` included."""
        fresh = self.fresh()
        for each in fields(self):
            if each.name not in ("parts", "encapsulated_mtu", "cloned", "suffix"):
                setattr(self, each.name, getattr(fresh, each.name))
        for part in self.parts:
            self.parts.put(part.__class__())

    @property
    def kind(self) -> str:
        """`FastEthernet`, `Vlan` …"""
        return self.type.name

    @property
    def type(self) -> InterfaceType:
        """Its row in the table of types."""
        return type_of(self.name)

    @property
    def parent(self) -> str | None:
        """`FastEthernet0/0` of `FastEthernet0/0.10`; None for what is not a subinterface."""
        return self.name.split(".", 1)[0] if "." in self.name else None

    @property
    def largest_packet(self) -> int:
        """Octets of the largest packet that fits into what surrounds it."""
        return self.encapsulated_mtu or self.mtu
