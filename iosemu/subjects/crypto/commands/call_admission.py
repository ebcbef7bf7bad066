"""`crypto call admission …`: how many ISAKMP SAs are taken on."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.subjects.crypto.service.engine import CryptoEngine


def show_statistics(context: Context) -> Iterator[str]:
    """`show crypto call admission statistics`."""
    crypto = context.device.service(CryptoEngine)
    limits, sas = crypto.credentials.admission(), crypto.ike.sas
    incoming, outgoing = crypto.ike.admissions.incoming, crypto.ike.admissions.outgoing
    rule = "-" * 69
    yield rule
    yield f"{'':15}Crypto Call Admission Control Statistics"
    yield rule
    denied = incoming.denied + outgoing.denied
    live = sas.established + sas.negotiating
    for label, *columns in (
        ("System Resource Limit:", 0, "Max IKE SAs:", limits.sas, "Max in nego:", limits.negotiating),
        ("Total IKE SA Count:", live, "active:", sas.established, "negotiating:", sas.negotiating),
        *(
            (
                f"{way} IKE Requests:",
                each.asked,
                "accepted:",
                each.asked - each.denied,
                "rejected:",
                each.denied,
            )
            for way, each in (("Incoming", incoming), ("Outgoing", outgoing))
        ),
        ("Rejected IKE Requests:", denied, "rsrc low:", 0, "SA limit:", denied),
    ):
        first, second, most, third, last = columns
        yield f"{label:<22} {first:>8} {second:<13}{most:>6}   {third:<13}{last:>5}"
