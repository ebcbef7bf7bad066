"""What `auto qos voip` configures: "Generated Auto-QoS Configuration" of the 3560's software configuration guide.

The lines are typed as a user would type them, so that each can be changed afterwards.
"""

from __future__ import annotations

PHONE, SOFTPHONE, TRUST = "cisco-phone", "cisco-softphone", "trust"
_POLICIES = {PHONE: "AutoQoS-Police-CiscoPhone", SOFTPHONE: "AutoQoS-Police-SoftPhone"}
_QUEUES = """\
mls qos map cos-dscp 0 8 16 24 32 46 48 56
no mls qos srr-queue input cos-map
mls qos srr-queue input cos-map queue 1 threshold 3 0
mls qos srr-queue input cos-map queue 1 threshold 2 1
mls qos srr-queue input cos-map queue 2 threshold 1 2
mls qos srr-queue input cos-map queue 2 threshold 2 4 6 7
mls qos srr-queue input cos-map queue 2 threshold 3 3 5
no mls qos srr-queue input dscp-map
mls qos srr-queue input dscp-map queue 1 threshold 2 9 10 11 12 13 14 15
mls qos srr-queue input dscp-map queue 1 threshold 3 0 1 2 3 4 5 6 7
mls qos srr-queue input dscp-map queue 1 threshold 3 32
mls qos srr-queue input dscp-map queue 2 threshold 1 16 17 18 19 20 21 22 23
mls qos srr-queue input dscp-map queue 2 threshold 2 33 34 35 36 37 38 39 48
mls qos srr-queue input dscp-map queue 2 threshold 2 49 50 51 52 53 54 55 56
mls qos srr-queue input dscp-map queue 2 threshold 2 57 58 59 60 61 62 63
mls qos srr-queue input dscp-map queue 2 threshold 3 24 25 26 27 28 29 30 31
mls qos srr-queue input dscp-map queue 2 threshold 3 40 41 42 43 44 45 46 47
no mls qos srr-queue output cos-map
mls qos srr-queue output cos-map queue 1 threshold 3 5
mls qos srr-queue output cos-map queue 2 threshold 3 3 6 7
mls qos srr-queue output cos-map queue 3 threshold 3 2 4
mls qos srr-queue output cos-map queue 4 threshold 2 1
mls qos srr-queue output cos-map queue 4 threshold 3 0
no mls qos srr-queue output dscp-map
mls qos srr-queue output dscp-map queue 1 threshold 3 40 41 42 43 44 45 46 47
mls qos srr-queue output dscp-map queue 2 threshold 3 24 25 26 27 28 29 30 31
mls qos srr-queue output dscp-map queue 2 threshold 3 48 49 50 51 52 53 54 55
mls qos srr-queue output dscp-map queue 2 threshold 3 56 57 58 59 60 61 62 63
mls qos srr-queue output dscp-map queue 3 threshold 3 16 17 18 19 20 21 22 23
mls qos srr-queue output dscp-map queue 3 threshold 3 32 33 34 35 36 37 38 39
mls qos srr-queue output dscp-map queue 4 threshold 1 8
mls qos srr-queue output dscp-map queue 4 threshold 2 9 10 11 12 13 14 15
mls qos srr-queue output dscp-map queue 4 threshold 3 0 1 2 3 4 5 6 7
no mls qos srr-queue input priority-queue 1
no mls qos srr-queue input priority-queue 2
mls qos srr-queue input bandwidth 90 10
mls qos srr-queue input threshold 1 8 16
mls qos srr-queue input threshold 2 34 66
mls qos srr-queue input buffers 67 33
mls qos queue-set output 1 threshold 1 138 138 92 138
mls qos queue-set output 1 threshold 2 138 138 92 400
mls qos queue-set output 1 threshold 3 36 77 100 318
mls qos queue-set output 1 threshold 4 20 50 67 400
mls qos queue-set output 2 threshold 1 149 149 100 149
mls qos queue-set output 2 threshold 2 118 118 100 235
mls qos queue-set output 2 threshold 3 41 68 100 272
mls qos queue-set output 2 threshold 4 42 72 100 242
mls qos queue-set output 1 buffers 10 10 26 54
mls qos queue-set output 2 buffers 16 6 17 61
mls qos
"""
_POLICY = """\
mls qos map policed-dscp 24 26 46 to 0
class-map match-all AutoQoS-VoIP-RTP-Trust
match ip dscp ef
class-map match-all AutoQoS-VoIP-Control-Trust
match ip dscp cs3 af31
policy-map {policy}
class AutoQoS-VoIP-RTP-Trust
set dscp ef
police 320000 8000 exceed-action policed-dscp-transmit
class AutoQoS-VoIP-Control-Trust
set dscp cs3
police 32000 8000 exceed-action policed-dscp-transmit
exit
exit
"""


def generated(kind: str, port: str, *, gigabit: bool, routed: bool) -> list[str]:
    """The lines for a port, those of the whole switch among them."""
    policy = _POLICIES.get(kind)
    lines = _QUEUES.splitlines()
    if policy is not None:
        lines += _POLICY.format(policy=policy).splitlines()
    lines += [f"interface {port}", "srr-queue bandwidth share 10 10 60 20", "priority-queue out"]
    if gigabit:
        lines.append("queue-set 2")
    if kind == PHONE:
        lines.append("mls qos trust device cisco-phone")
    if kind != SOFTPHONE:
        lines.append(f"mls qos trust {'dscp' if routed else 'cos'}")
    if policy is not None:
        lines.append(f"service-policy input {policy}")
    return lines


def taken_back(kind: str, port: str, *, gigabit: bool) -> list[str]:
    """The lines that take from a port what was generated for it; what the whole switch has stays."""
    lines = [f"interface {port}", "no srr-queue bandwidth share", "no priority-queue out"]
    if gigabit:
        lines.append("no queue-set")
    if kind == PHONE:
        lines.append("no mls qos trust device cisco-phone")
    if kind != SOFTPHONE:
        lines.append("no mls qos trust")
    if kind in _POLICIES:
        lines.append("no service-policy input")
    return lines
