"""An area: its configuration, interfaces and database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.routing.ospf.config import AreaConfig
from iosemu.routing.ospf.constants import BACKBONE, AreaKind, InterfaceState, NetworkType, Option
from iosemu.routing.ospf.lsdb import Lsdb

if TYPE_CHECKING:
    from iosemu.routing.ospf.interface import Interface
    from iosemu.routing.ospf.spf import AreaRoutes, Tree

_E, _NP, _DC = Option.E.value, Option.NP.value, Option.DC.value


class Area:
    """An area that the router is, or was configured to be, attached to."""

    __slots__ = (
        "changes", "config", "id", "interfaces", "last_spf", "lsdb", "router_lsa_wanted", "routes",
        "spf_runs", "tree", "virtual_links",
    )  # fmt: skip

    def __init__(self, area_id: int, config: AreaConfig) -> None:
        self.id = area_id
        self.config = config
        self.interfaces: list[Interface] = []
        # The virtual links whose transit area this is.
        self.virtual_links: list[Interface] = []
        self.lsdb = Lsdb(self)
        self.router_lsa_wanted = False
        self.tree: Tree | None = None
        self.routes: AreaRoutes | None = None
        # The vertices whose LSAs changed since the tree was worked out; None: all may have.
        self.changes: set[int] | None = None
        self.spf_runs = 0
        self.last_spf: float | None = None

    @property
    def normal(self) -> bool:
        """Whether type 5 LSAs come in."""
        return self.config.kind is AreaKind.NORMAL

    @property
    def nssa(self) -> bool:
        """Whether this is a not-so-stubby area."""
        return self.config.kind is AreaKind.NSSA

    @property
    def active(self) -> bool:
        """Whether an interface is up; a virtual link counts for the backbone when its neighbor is there."""
        return any(interface.attaches for interface in self.interfaces)

    @property
    def transit(self) -> bool:
        """Whether a virtual link of ours goes through and is fully adjacent (TransitCapability)."""
        return any(link.has_full_neighbor for link in self.virtual_links)

    @property
    def hello_options(self) -> int:
        """The E and N bits of hellos and database descriptions (RFC 2328 10.5, RFC 3101 2.4)."""
        kind = self.config.kind
        return _E if kind is AreaKind.NORMAL else _NP if kind is AreaKind.NSSA else 0

    @property
    def lsa_options(self) -> int:
        """Options of the LSAs that describe the area: IOS always says that it understands DoNotAge."""
        return self.hello_options & ~_NP | _DC

    @property
    def is_backbone(self) -> bool:
        """Whether this is area 0."""
        return self.id == BACKBONE

    @property
    def loopbacks(self) -> int:
        """How many loopback interfaces it has."""
        return sum(i.config.network_type is NetworkType.LOOPBACK for i in self.interfaces)

    def up_interfaces(self) -> list[Interface]:
        """The interfaces that are not down."""
        return [i for i in self.interfaces if i.state is not InterfaceState.DOWN]
