"""What a server of the lab offers: TACACS+, RADIUS, a syslog collector, mail, files by TFTP, FTP, HTTP and SCP."""

from iosemu.box.subject import Subject
from iosemu.subjects.server.aaa import RadiusService, TacacsService
from iosemu.subjects.server.config import ServerConfig
from iosemu.subjects.server.files import TftpService
from iosemu.subjects.server.ftp import FtpService
from iosemu.subjects.server.http import HttpService
from iosemu.subjects.server.scp import ScpService
from iosemu.subjects.server.smtp import MailService
from iosemu.subjects.server.syslog import SyslogCollector

SUBJECT = Subject(
    "server",
    config=(ServerConfig,),
    services=(
        TacacsService,
        RadiusService,
        SyslogCollector,
        TftpService,
        FtpService,
        HttpService,
        ScpService,
        MailService,
    ),
)
