"""`debug crypto isakmp`: the IKE engine's events in the words of IOS, a function for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from iosemu.ike import events, trace
from iosemu.ike.events import Event, SaSnapshot
from iosemu.subjects.crypto.debug import access, life, phase1, phase2
from iosemu.subjects.crypto.debug.about import About, Lines

ANY: dict[type[Event], Callable[[About, Any], Lines]] = {
    events.BadMessage: life.bad_message,
    trace.AccessStep: access.step,
    trace.ActionFailed: life.action_failed,
    trace.DeleteNotSent: phase2.delete_not_sent,
    trace.DeleteReceived: phase2.delete_received,
    trace.DpdSent: life.dpd_sent,
    trace.Duplicate: life.duplicate,
    trace.ErrorCounted: life.error_counted,
    trace.ExchangeBegun: phase1.exchange_begun,
    trace.IdentityReceived: phase1.identity,
    trace.InitialContactSent: phase1.initial_contact_sent,
    trace.InitializationFailed: life.initialization_failed,
    trace.KeyLookup: phase1.key_lookup,
    trace.LifetimeAgreed: phase1.lifetime_agreed,
    trace.LifetimeShortened: phase1.lifetime_shortened,
    trace.NatDetection: phase1.nat_detection,
    trace.NoCredentials: phase1.no_credentials,
    trace.NodeCreated: phase2.node_created,
    trace.NodeDeleted: phase2.node_deleted,
    trace.NodePurged: phase2.node_purged,
    trace.NotifySent: phase2.notify_sent,
    trace.PacketReceived: life.packet_received,
    trace.PayloadProcessed: phase1.payload_processed,
    trace.PolicyCheck: phase1.policy_check,
    trace.ProfileMatched: phase1.profile_matched,
    trace.ProposalCheck: phase2.proposal_check,
    trace.ProposalRefused: phase2.proposal_refused,
    trace.RequestAttached: phase1.request_attached,
    trace.SignatureStep: phase1.signature_step,
    trace.SpiAllocated: phase2.spi_allocated,
    trace.StateChange: life.state_change,
    trace.VendorIdReceived: phase1.vendor_id_received,
    trace.VendorIdSent: phase1.vendor_id_sent,
}
"""Events that are told whether or not there is an SA."""

OF_SA: dict[type[Event], Callable[[About, Any, SaSnapshot], Lines]] = {
    events.ChildUp: phase2.installed,
    events.InitialContact: phase1.initial_contact,
    events.PhaseOneDeleted: life.deleted,
    trace.Authenticated: phase1.authenticated,
    trace.ConfigurationPayload: access.payload,
    trace.DpdReceived: life.dpd_received,
    trace.IdentitySent: phase1.identity_sent,
    trace.NotifyReceived: phase2.notify_received,
    trace.OfferRefused: phase1.offer_refused,
    trace.OutstandingRequest: phase1.outstanding_request,
    trace.PacketSent: life.packet_sent,
    trace.PeerUnlocked: life.unlocked,
    trace.RequestRepeated: phase1.request_repeated,
    trace.Retransmitting: life.retransmitting,
    trace.SaAbandoned: life.abandoned,
    trace.SaInserted: life.inserted,
    trace.SaPurged: life.purged,
    trace.TransactionAnswered: access.answered,
    trace.TransactionBegun: access.begun,
}
"""Events that are told of an SA only."""


def isakmp_lines(event: Event, *, modern: bool = False, keepalives: bool = False) -> Lines:
    """What `debug crypto isakmp` prints about one event; the settings are those of `About`."""
    sa = event.sa
    about = About(sa.conn_id if sa is not None else 0, modern, keepalives)
    told = ANY.get(type(event))
    if told is not None:
        return told(about, event)
    of_sa = OF_SA.get(type(event))
    return of_sa(about, event, sa) if of_sa is not None and sa is not None else ()
