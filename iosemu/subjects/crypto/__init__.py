"""IKE and IPsec."""

from iosemu.box.subject import Subject
from iosemu.subjects.crypto.config.ipsec import IpsecConfig
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig
from iosemu.subjects.crypto.config.maps import CryptoMapBinding, CryptoMapsConfig
from iosemu.subjects.crypto.running_interface import SECTIONS
from iosemu.subjects.crypto.service.engine import CryptoEngine

SUBJECT = Subject(
    "crypto",
    config=(IsakmpConfig, IpsecConfig, CryptoMapsConfig),
    services=(CryptoEngine,),
    facets=(CryptoMapBinding,),
    interface=SECTIONS,
)
