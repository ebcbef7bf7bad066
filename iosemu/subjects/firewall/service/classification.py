"""Which class of a policy a packet is in."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.box.device import Device
from iosemu.net.inspection.port_map import TRANSPORTS
from iosemu.subjects.acl.config import AclsConfig
from iosemu.subjects.firewall.config.maps import KIND, InspectProtocol
from iosemu.subjects.mqc.config import CLASS_DEFAULT, ClassMap, Criterion, MqcConfig, PolicyClass, PolicyMap
from iosemu.subjects.mqc.criteria import DEEPEST, AccessGroup, OfClass
from iosemu.subjects.mqc.sighting import Sighting


@dataclass(frozen=True, slots=True)
class Found:
    """A packet is in a class: by which of its lines, and as which application (empty: none is named)."""

    policy_class: PolicyClass
    criteria: tuple[Criterion, ...] = ()
    application: str = ""


def classify(device: Device, policy: PolicyMap, seen: Sighting) -> Found:
    """The class of a policy that a packet is in: the first that fits, else `class-default`."""
    config = device.config.of(MqcConfig)
    for name, each in policy.classes.items():
        if name == CLASS_DEFAULT:
            continue
        class_map = config.class_map(name, KIND)
        fit = _fit(device, config, class_map, seen, DEEPEST) if class_map is not None else None
        if fit is not None:
            return Found(each, *fit)
    return Found(policy.classes.get(CLASS_DEFAULT) or PolicyClass(CLASS_DEFAULT, policy))


def _fit(
    device: Device, config: MqcConfig, class_map: ClassMap, seen: Sighting, depth: int
) -> tuple[tuple[Criterion, ...], str] | None:
    """By which lines a packet is in a class-map, and as which application; one without lines has no packets."""
    if not class_map.criteria or not depth:
        return None
    applications: list[str] = []
    for criterion in class_map.criteria:
        application = _application(device, config, criterion, seen, depth)
        if class_map.match_any and application is not None:
            return (criterion,), application
        if not class_map.match_any and application is None:
            return None
        applications.append(application or "")
    if class_map.match_any:
        return None
    return tuple(class_map.criteria), next((name for name in applications if name), "")


def _application(
    device: Device, config: MqcConfig, criterion: Criterion, seen: Sighting, depth: int
) -> str | None:
    """The application by which a line fits, empty for none in particular; None: it does not fit."""
    if isinstance(criterion, OfClass):
        inner = config.class_map(criterion.name, KIND)
        fit = _fit(device, config, inner, seen, depth - 1) if inner is not None else None
        return None if fit is None else fit[1]
    if isinstance(criterion, AccessGroup):
        known = device.config.of(AclsConfig).get(criterion.name)
        if known is None or not known.items:
            return (
                None  # unlike the packets of an interface, those of a class are told by what a list permits
            )
    if not criterion.fits(device, seen):
        return None
    named = isinstance(criterion, InspectProtocol) and criterion.name not in TRANSPORTS
    return criterion.name if named and isinstance(criterion, InspectProtocol) else ""
