"""LCP (RFC 1661 section 5 and 6): authentication, magic numbers, the size of packets, multilink (RFC 1990)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from iosemu.net.ppp.control import ControlProtocol, Judged
from iosemu.net.ppp.happenings import Happening
from iosemu.net.ppp.multilink import MRRU
from iosemu.packets.ppp import MRU, LcpOption, Option, PppProtocol

CHAP_MD5 = PppProtocol.CHAP.to_bytes(2) + b"\x05"
PAP = PppProtocol.PAP.to_bytes(2)
REPORTS = PppProtocol.LQR.to_bytes(2)
METHODS = {"chap": CHAP_MD5, "pap": PAP}
"""The value of the option, by the words of `ppp authentication`."""
_NAMES = {value: name for name, value in METHODS.items()}
LOOPS = 3
"""Requests with our own magic number, one after the other, that are taken for a loop."""


class Lcp(ControlProtocol):
    """The link itself."""

    protocol = PppProtocol.LCP

    def __init__(self, happened: list[Happening], randbytes: Callable[[int], bytes]) -> None:
        super().__init__(happened)
        self._randbytes = randbytes
        self.wanted: tuple[str, ...] = ()
        """How the other end is to prove itself, best first."""
        self.willing: tuple[str, ...] = ("chap",)
        """How this end can prove itself, best first."""
        self.mru = MRU
        """What this end takes."""
        self.quality: float | None = None
        """Seconds between the link quality reports that are wanted (RFC 1989); None: none are."""
        self.endpoint = b""
        """Class and address of this end's discriminator (RFC 1990 section 5.1.3); empty: no multilink is wanted."""
        self.peer_endpoint = b""
        self.peer_mrru = 0
        """What the other end puts together; 0: it wants no multilink."""
        self.magic = b""
        self.peer_magic = b""
        self.peer_mru = MRU
        self.demanded = ""
        """How this end has to prove itself; empty: not at all."""
        self.asking = ""
        """How the other end has to."""
        self.loops = 0
        """How often our own magic number came back, one after the other."""
        self._methods: list[str] = []
        self._refused: set[int] = set()

    @property
    def looped(self) -> bool:
        """Whether the line leads back to this end."""
        return self.loops >= LOOPS

    @property
    def measured(self) -> bool:
        """Whether this end sends link quality reports by its own clock."""
        return self.quality is not None and LcpOption.QUALITY not in self._refused

    @property
    def multilink(self) -> bool:
        """Whether both ends want the link to be one of several."""
        return bool(self.endpoint and self.peer_mrru) and LcpOption.MRRU not in self._refused

    def reset(self) -> None:
        """A new magic number, and the first method."""
        self.magic = self._randbytes(4)
        self.peer_magic, self.demanded, self.peer_mru = b"", "", MRU
        self.peer_endpoint, self.peer_mrru = b"", 0
        self._methods = list(self.wanted)
        self.asking = self._methods[0] if self._methods else ""
        self._refused = set()

    def request(self) -> Sequence[Option]:
        """What is not the default, and not rejected."""
        options = []
        if self.mru != MRU:
            options.append(Option(LcpOption.MRU, self.mru.to_bytes(2)))
        if self.asking:
            options.append(Option(LcpOption.AUTHENTICATION, METHODS[self.asking]))
        if self.quality is not None:
            period = round(self.quality * 100)
            options.append(Option(LcpOption.QUALITY, REPORTS + period.to_bytes(4)))
        options.append(Option(LcpOption.MAGIC, self.magic))
        if self.endpoint:
            options.append(Option(LcpOption.MRRU, MRRU.to_bytes(2)))
            options.append(Option(LcpOption.ENDPOINT, self.endpoint))
        return [each for each in options if each.kind not in self._refused]

    def judge(self, options: Sequence[Option]) -> Judged:
        """Sizes are as the other end likes; it must be another one, and want a proof that can be given."""
        judged = Judged()
        for each in options:
            if each.kind == LcpOption.MRU and len(each.value) == 2:
                continue
            if each.kind == LcpOption.MAGIC and len(each.value) == 4:
                if each.value == self.magic:
                    self.loops += 1
                    judged.naks.append(Option(each.kind, self._randbytes(4)))
                else:
                    self.loops = 0
            elif each.kind == LcpOption.AUTHENTICATION:
                if _NAMES.get(each.value) not in self.willing:
                    if self.willing:
                        judged.naks.append(Option(each.kind, METHODS[self.willing[0]]))
                    else:
                        judged.rejects.append(each)
            elif each.kind == LcpOption.QUALITY:
                if each.value[:2] != REPORTS:
                    judged.naks.append(Option(each.kind, REPORTS + bytes(4)))
            elif not self.endpoint or each.kind not in (LcpOption.MRRU, LcpOption.ENDPOINT):
                judged.rejects.append(each)
        return judged

    def accepted(self, options: Sequence[Option]) -> None:
        """Remember what the other end is and wants."""
        self.demanded, self.peer_mru = "", MRU
        self.peer_endpoint, self.peer_mrru = b"", 0
        for each in options:
            if each.kind == LcpOption.MRU:
                self.peer_mru = int.from_bytes(each.value)
            elif each.kind == LcpOption.MAGIC:
                self.peer_magic = each.value
            elif each.kind == LcpOption.MRRU:
                self.peer_mrru = int.from_bytes(each.value)
            elif each.kind == LcpOption.ENDPOINT:
                self.peer_endpoint = each.value
            elif each.kind == LcpOption.AUTHENTICATION:
                self.demanded = _NAMES[each.value]

    def nakked(self, options: Sequence[Option]) -> None:
        """Another magic number, another way to prove oneself, a size that is taken."""
        for each in options:
            if each.kind == LcpOption.MAGIC:
                self.magic = self._randbytes(4)
            elif each.kind == LcpOption.MRU and len(each.value) == 2:
                self.mru = min(self.mru, int.from_bytes(each.value))
            elif each.kind == LcpOption.AUTHENTICATION:
                hint = _NAMES.get(each.value, "")
                if hint in self._methods:
                    self.asking = hint

    def rejected(self, options: Sequence[Option]) -> None:
        """Want it no more; that the other end proves itself is wanted all the same, and decided when it is up."""
        self._refused |= {each.kind for each in options}

    @property
    def refused(self) -> bool:
        """The other end does not want to prove itself."""
        return bool(self.asking) and LcpOption.AUTHENTICATION in self._refused
