"""GETVPN: GDOI's key server and group member."""

from iosemu.box.subject import Section, Subject
from iosemu.subjects.gdoi.config import FLAGS, GdoiConfig
from iosemu.subjects.gdoi.running import group_lines
from iosemu.subjects.gdoi.service.gdoi import Gdoi

SUBJECT = Subject(
    "gdoi",
    config=(GdoiConfig,),
    services=(Gdoi,),
    follows=("crypto", "crypto_key", "acl", "ip", "interface"),
    running=(Section("crypto gdoi", group_lines),),
    debugging=FLAGS,
)
