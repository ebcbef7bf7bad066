"""What the firewall tells a trace: which class of which zone pair decided."""

from __future__ import annotations

from iosemu.net.inspection.session import Session
from iosemu.net.tracing import End, Line, Span
from iosemu.subjects.firewall.config.maps import decision_of
from iosemu.subjects.firewall.config.zones import ZonePair
from iosemu.subjects.mqc.config import CLASS_DEFAULT, PolicyClass

STAGE = "firewall"


def _member(interface: str) -> Line:
    return Line(f"interface {interface}", ("zone-member",))


def waits(device: str, span: Span) -> None:
    """A piece of a datagram came."""
    span.note(device, STAGE, "a fragment: waits for the others", end=End.IGNORED)


def no_zone(device: str, span: Span, zone: str, inside: str, outside: str) -> None:
    """One interface is in a zone and the other in none."""
    text = f"{inside} is in zone {zone}, {outside} in none: nothing passes between them"
    span.drop(device, STAGE, text, _member(inside), Line(f"interface {outside}"))


def no_policy(device: str, span: Span, zones: tuple[str, str], pair: ZonePair | None) -> None:
    """No zone pair has a policy for this way."""
    way = f"from zone {zones[0]} to zone {zones[1]}"
    if pair is None:
        span.drop(device, STAGE, f"there is no zone pair {way}", Line("zone-pair security"))
    else:
        line = Line(f"zone-pair security {pair.name}")
        span.drop(device, STAGE, f"zone pair {pair.name} {way} has no policy", line)


def _policy(pair: ZonePair, policy_class: PolicyClass) -> tuple[Line, ...]:
    name = policy_class.name
    start = f"class {name}" if name == CLASS_DEFAULT else f"class type inspect {name}"
    section = Line(f"policy-map type inspect {pair.policy}", (start,))
    return Line(f"zone-pair security {pair.name}", ("service-policy",)), section


def decided(device: str, span: Span, pair: ZonePair, policy_class: PolicyClass, reason: str) -> None:
    """A class decided about a packet; `reason`: why it is dropped although the class inspects."""
    place = f"zone pair {pair.name}, class {policy_class.name}"
    lines = _policy(pair, policy_class)
    verb = decision_of(policy_class).verb
    if reason or verb == "drop":
        text = f"{place} drops it" + (f": {reason}" if reason else "")
        span.drop(device, STAGE, text, *lines)
    elif verb == "pass":
        span.note(device, STAGE, f"{place} lets it pass, without a session", *lines)
    else:
        span.note(
            device, STAGE, f"{place} inspects it: a session begins, whose answers may come back", *lines
        )


def continued(device: str, span: Span, session: Session, pair: ZonePair | None, reason: str) -> None:
    """A packet belongs to a session."""
    ends = session.ends
    what = f"the {session.name} session of {ends.source} with {ends.destination}"
    lines = (Line(f"zone-pair security {pair.name}", ("service-policy",)),) if pair is not None else ()
    if reason:
        span.drop(device, STAGE, f"does not fit {what}: {reason}", *lines)
    else:
        span.note(device, STAGE, f"belongs to {what}", *lines)


def inspected(device: str, span: Span, rule: str, protocol: str, reason: str) -> None:
    """A rule of `ip inspect` is about a packet."""
    line = Line("", (f"ip inspect name {rule} {protocol}",))
    if reason:
        span.drop(device, "inspection", f"rule {rule} refuses it: {reason}", line)
    else:
        span.note(
            device,
            "inspection",
            f"rule {rule} inspects it: a session begins, whose answers may come back",
            line,
        )


def let(device: str, span: Span, session: Session) -> None:
    """The access list of an interface is not asked."""
    ends = session.ends
    text = f"not asked: the packet is of the {session.name} session of {ends.source} with {ends.destination}"
    span.note(device, "access list", text)
