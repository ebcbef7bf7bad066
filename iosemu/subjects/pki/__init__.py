"""The PKI: trustpoints, certificates, and a certificate server."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.pki.config import FLAGS, PkiConfig
from iosemu.subjects.pki.running import chain_lines, server_lines, trustpoint_lines
from iosemu.subjects.pki.service.pki import Pki

SUBJECT = Subject(
    "pki",
    config=(PkiConfig,),
    services=(Pki,),
    follows=("kept", "crypto_key", "system"),
    debugging=tuple(FLAGS.values()),
    running=(
        Section("crypto pki server", server_lines),
        Section("crypto pki trustpoint", trustpoint_lines),
        Section("crypto pki certificate", chain_lines),
    ),
)
