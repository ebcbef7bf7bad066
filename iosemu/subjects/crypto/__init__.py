"""IKE and IPsec."""

from iosemu.box.subject import Fields, Section, Subject
from iosemu.subjects.crypto.config.ezvpn import EzvpnBinding, EzvpnConfig
from iosemu.subjects.crypto.config.flexvpn import FlexConfig, LocalPools
from iosemu.subjects.crypto.config.identity import CryptoIdentities
from iosemu.subjects.crypto.config.ikev2 import Ikev2Config
from iosemu.subjects.crypto.config.ipsec import IpsecBinding, IpsecConfig
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig
from iosemu.subjects.crypto.config.maps import CryptoMapBinding, CryptoMapsConfig
from iosemu.subjects.crypto.debug.flags import ERRORS, EZVPN, FLAGS, IKEV2_DETAILS
from iosemu.subjects.crypto.processes import process_rows
from iosemu.subjects.crypto.running import (
    client_group_lines,
    ezvpn_lines,
    identity_lines,
    ipsec_lines,
    ipsec_profile_lines,
    isakmp_lines,
    isakmp_profile_lines,
    keyring_lines,
    map_lines,
)
from iosemu.subjects.crypto.running_flexvpn import (
    authorization_lines,
    client_lines,
    mangler_lines,
    pool_lines,
)
from iosemu.subjects.crypto.running_ikev2 import (
    ikev2_keyring_lines,
    ikev2_lines,
    logging_lines,
    policy_lines,
    profile_lines,
    proposal_lines,
)
from iosemu.subjects.crypto.running_interface import SECTIONS
from iosemu.subjects.crypto.service.engine import CryptoEngine

SUBJECT = Subject(
    "crypto",
    config=(
        IsakmpConfig,
        Ikev2Config,
        FlexConfig,
        LocalPools,
        EzvpnConfig,
        IpsecConfig,
        CryptoMapsConfig,
        CryptoIdentities,
    ),
    services=(CryptoEngine,),
    follows=("acl",),
    debugging=(*FLAGS.values(), *IKEV2_DETAILS.values(), *ERRORS.values(), EZVPN),
    running=(
        Section("crypto ikev2 name-mangler", mangler_lines),
        Section("crypto ikev2 authorization policy", authorization_lines),
        Section("crypto ikev2 proposal", proposal_lines),
        Section("crypto ikev2 policy", policy_lines),
        Section("crypto ikev2 keyring", ikev2_keyring_lines),
        Section("crypto ikev2 profile", profile_lines),
        Section("crypto ikev2 client", client_lines),
        Section("crypto ikev2", ikev2_lines),
        Section("crypto logging", logging_lines),
        Section("crypto call admission", Fields(IsakmpConfig, ("sa_limit", "negotiating_limit"))),
        Section("crypto keyring", keyring_lines),
        Section("crypto isakmp", isakmp_lines),
        Section("crypto isakmp client", client_group_lines),
        Section("crypto isakmp profile", isakmp_profile_lines),
        Section("crypto ipsec", ipsec_lines),
        Section("crypto ipsec profile", ipsec_profile_lines),
        Section("crypto ipsec client", ezvpn_lines),
        Section("crypto identity", identity_lines),
        Section("crypto map", map_lines),
        Section("ip local pool", pool_lines),
    ),
    facets=(CryptoMapBinding, IpsecBinding, EzvpnBinding),
    interface=SECTIONS,
    processes=process_rows,
)
