"""`show policy-map …` of Catalysts."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.subjects.mls_qos.config import PortMarks
from iosemu.subjects.mls_qos.policy import ANY
from iosemu.subjects.mqc.config import CLASS_DEFAULT, ClassMap, MqcConfig, PolicyMap
from iosemu.subjects.qos.show import maps


def show_policy_map(context: Context, name: str = "", class_name: str = "") -> Iterator[str]:
    """`show policy-map [NAME [class CLASS]]`."""
    return maps.show_policy_map(context, name, class_name)


def show_policy_map_interface(
    context: Context, interface: str | None = None, direction: str = ""
) -> Iterator[str]:
    """`show policy-map interface [X [input | output]]`.

    Catalysts classify in hardware, which counts nothing by class: these figures stay at zero there (command reference
    of the Catalyst 3560, `show policy-map`), and do so here.
    """
    config = context.device.config.of(MqcConfig)
    for name, each in context.device.config.interfaces.items():
        marks = each.held(PortMarks)
        policy = config.policy_map(marks.policy) if marks is not None and marks.policy else None
        if policy is None or interface not in (None, name) or direction == "output":
            continue
        yield f" {name} "
        yield ""
        yield f"  Service-policy input: {policy.name}"
        yield ""
        for class_map in _class_maps(config, policy):
            yield f"    Class-map: {class_map.name} ({class_map.how})"
            yield "      0 packets, 0 bytes"
            yield "      5 minute offered rate 0 bps, drop rate 0 bps"
            for criterion in class_map.criteria:
                yield f"      Match: {criterion.text}"
                if class_map.match_any:
                    yield "        0 packets, 0 bytes"
                    yield "        5 minute rate 0 bps"
            yield ""


def _class_maps(config: MqcConfig, policy: PolicyMap) -> Iterator[ClassMap]:
    """The classes of a policy, `class-default` last whether it was typed or not."""
    for name in policy.classes:
        class_map = config.class_map(name)
        if class_map is not None and name != CLASS_DEFAULT:
            yield class_map
    yield ANY
