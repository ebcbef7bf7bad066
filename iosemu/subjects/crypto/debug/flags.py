"""What of IKE and IPsec can be debugged."""

from __future__ import annotations

from iosemu.box.debugging import DebugFlag

GROUP = "Cryptographic Subsystem"
ISAKMP = DebugFlag("Crypto ISAKMP", GROUP)
IPSEC = DebugFlag("Crypto IPSEC", GROUP)
ENGINE = DebugFlag("Crypto Engine", GROUP)
EZVPN = DebugFlag("EzVPN", GROUP)
IKEV2 = DebugFlag("IKEv2 default", "IKEV2")
IKEV2_ERROR = DebugFlag("IKEv2 error", "IKEV2")
IKEV2_PACKET = DebugFlag("IKEv2 packet", "IKEV2")
IKEV2_INTERNAL = DebugFlag("IKEv2 internal", "IKEV2")
ISAKMP_ERROR = DebugFlag("Crypto ISAKMP Error", GROUP)
IPSEC_ERROR = DebugFlag("Crypto IPSEC Error", GROUP)
FLAGS = {"isakmp": ISAKMP, "ipsec": IPSEC, "engine": ENGINE, "ikev2": IKEV2}
"""By the word after `debug crypto`."""
IKEV2_DETAILS = {"error": IKEV2_ERROR, "packet": IKEV2_PACKET, "internal": IKEV2_INTERNAL}
"""By the word after `debug crypto ikev2`."""
ERRORS = {"isakmp": ISAKMP_ERROR, "ipsec": IPSEC_ERROR}
"""The same with `error` behind it: only what goes wrong."""
