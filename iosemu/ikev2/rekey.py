"""The renewal of an IKE SA: another takes its place and its child SAs (RFC 7296, 1.3.2, 2.8.2 and 2.18)."""

from __future__ import annotations

from typing import Final

from iosemu.ike.algorithms import GROUPS, KeyExchange
from iosemu.ikev2.events import Step
from iosemu.ikev2.informational import DeleteSa
from iosemu.ikev2.keys import IkeKeys, IkeSuite, rekeyed_skeyseed
from iosemu.ikev2.machine import CLOSING_PATIENCE, NONCE_LENGTH, Machine, error
from iosemu.ikev2.message import Message
from iosemu.ikev2.numbers import ExchangeType, Notify
from iosemu.ikev2.payloads import KeyExchangeData, MalformedMessage, Nonce, Payload, SecurityAssociation
from iosemu.ikev2.proposals import choose_ike, chosen_ike, ike_answer, ike_offer
from iosemu.ikev2.sa import IkeSa, Role, State
from iosemu.ikev2.tasks import QueuedTask

AGAIN: Final = 10.0
"""Seconds until a renewal that was refused is tried again."""


class RekeyIke(QueuedTask):
    """Ask for the successor of an IKE SA."""

    EXCHANGE = ExchangeType.CREATE_CHILD_SA
    ALONE = True

    def __init__(self, group: int | None = None) -> None:
        self.group = group
        self.spi = b""
        self.nonce = b""
        self.exchange: KeyExchange | None = None

    def payloads(self, machine: Machine, sa: IkeSa) -> list[Payload] | None:
        """The offer, with a new SPI."""
        proposals = machine.configuration.proposals(sa.local.address)
        groups = [group for each in proposals for group in each.groups if group in GROUPS]
        if not groups or not sa.up:
            return None
        self.spi, self.nonce = machine.randbytes(8), machine.randbytes(NONCE_LENGTH)
        group = self.group if self.group in groups else groups[0]
        self.exchange = KeyExchange.generate(group, machine.randbytes)
        machine.tell(sa, Step.IKE_REKEY_BEGUN)
        offer = ike_offer(proposals, self.spi)
        machine.tell(sa, Step.OFFERED, offer.proposals)
        return [offer, Nonce(self.nonce), KeyExchangeData(self.exchange.group, self.exchange.public)]

    def answered(self, machine: Machine, sa: IkeSa, message: Message) -> None:
        """The successor takes over, unless the peer's own renewal stays."""
        other = message.notification(Notify.INVALID_KE_PAYLOAD)
        if other is not None and self.group is None:
            machine.begin(sa, RekeyIke(int.from_bytes(other.data)))
            return
        made = self._make(machine, sa, message) if message.error is None else None
        if made is None:
            if not sa.rivals:
                sa.rekey_at = machine.now + AGAIN
                machine.touch(sa)
            else:
                take_over(machine, sa, sa.rivals[0][1])
            return
        lowest = min(self.nonce, message.need(Nonce).data)
        rivals = [(nonce, each) for nonce, each in sa.rivals if machine.sas.holds(each)]
        if rivals and lowest < min(nonce for nonce, _ in rivals):
            machine.tell(sa, Step.COLLISION, False)
            take_over(machine, sa, rivals[0][1])
            machine.sas.move(made, State.CLOSING)
            machine.begin(made, DeleteSa("simultaneous rekey"))
            return
        if rivals:
            machine.tell(sa, Step.COLLISION, True)
        take_over(machine, sa, made)
        machine.begin(sa, DeleteSa("rekeyed"))

    def _make(self, machine: Machine, sa: IkeSa, message: Message) -> IkeSa | None:
        answer, nonce, public = (
            message.need(SecurityAssociation),
            message.need(Nonce),
            message.need(KeyExchangeData),
        )
        suite = chosen_ike(machine.configuration.proposals(sa.local.address), answer)
        assert self.exchange is not None
        spi_r = answer.proposals[0].spi
        if (
            suite is None
            or len(spi_r) != 8
            or public.group != self.exchange.group
            or suite.group != public.group
        ):
            return None
        try:
            shared = self.exchange.shared(public.data)
        except ValueError:
            return None
        return _successor(
            machine, sa, Role.INITIATOR, (self.spi, spi_r), suite, (self.nonce, nonce.data), shared
        )


def answer(machine: Machine, sa: IkeSa, message: Message, offered: SecurityAssociation) -> None:
    """Answer a request for a successor."""
    nonce, public = message.need(Nonce), message.need(KeyExchangeData)
    chosen = choose_ike(machine.configuration.proposals(sa.local.address), offered)
    if chosen is None:
        machine.respond(sa, message.header, [error(Notify.NO_PROPOSAL_CHOSEN)])
        return
    proposal, suite = chosen
    if len(proposal.spi) != 8 or proposal.spi == bytes(8):
        raise MalformedMessage("the proposal has no SPI")
    if public.group != suite.group:
        machine.respond(
            sa, message.header, [error(Notify.INVALID_KE_PAYLOAD, suite.group.to_bytes(2, "big"))]
        )
        return
    exchange = KeyExchange.generate(suite.group, machine.randbytes)
    try:
        shared = exchange.shared(public.data)
    except ValueError:
        raise MalformedMessage("not a public value of the group") from None
    spi, own = machine.randbytes(8), machine.randbytes(NONCE_LENGTH)
    said = [ike_answer(proposal, suite, spi), Nonce(own), KeyExchangeData(exchange.group, exchange.public)]
    machine.respond(sa, message.header, said)
    made = _successor(machine, sa, Role.RESPONDER, (proposal.spi, spi), suite, (nonce.data, own), shared)
    if any(isinstance(each.task, RekeyIke) for each in sa.pending.values()):
        sa.rivals.append((min(nonce.data, own), made))
    else:
        take_over(machine, sa, made)


def _successor(
    machine: Machine,
    old: IkeSa,
    role: Role,
    spis: tuple[bytes, bytes],
    suite: IkeSuite,
    nonces: tuple[bytes, bytes],
    shared: bytes,
) -> IkeSa:
    assert old.keys is not None
    sa = IkeSa(old.local, old.peer, role, *spis, State.READY)
    sa.profile, sa.session, sa.nat, sa.fragments = old.profile, old.session, old.nat, old.fragments
    sa.own_identity, sa.peer_identity = old.own_identity, old.peer_identity
    sa.peer_certificate = old.peer_certificate
    sa.own_method, sa.peer_method, sa.user = old.own_method, old.peer_method, old.user
    sa.peer_window = old.peer_window
    machine.insert(sa)
    seed = rekeyed_skeyseed(old.keys.suite.prf, old.keys.sk_d, b"".join(nonces), shared)
    machine.use_keys(sa, IkeKeys.derive(suite, seed, b"".join(nonces), b"".join(spis)))
    machine.establish(sa, rekeyed=True)
    return sa


def take_over(machine: Machine, old: IkeSa, new: IkeSa) -> None:
    """The child SAs, and what waits to be asked, are the successor's now; the old SA only answers."""
    new.children.update(old.children)
    for child in old.children:
        machine.sas.adopt(child, new)
    old.children = {}
    old.successor = new
    new.requests += old.requests
    old.requests = []
    waiting, old.queue = old.queue, []
    machine.sas.move(old, State.REKEYED)
    old.rekey_at = old.liveness_at = old.keepalive_at = None
    old.expires = machine.now + CLOSING_PATIENCE
    machine.touch(old)
    for task in waiting:
        machine.begin(new, task)
