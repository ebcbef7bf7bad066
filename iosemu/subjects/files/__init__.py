"""Files."""

from iosemu.box.subject import Fields, Section, Subject
from iosemu.box.system import SystemConfig
from iosemu.subjects.files.config import FilesConfig
from iosemu.subjects.files.running import ftp_lines, served_lines, tftp_lines
from iosemu.subjects.files.service import Copies, TftpFiles

SUBJECT = Subject(
    "files",
    config=(FilesConfig,),
    services=(Copies, TftpFiles),
    running=(
        Section("file prompt", Fields(SystemConfig, ("file_prompt",))),
        Section("ip ftp", ftp_lines),
        Section("ip tftp", tftp_lines),
        Section("tftp-server", served_lines),
    ),
)
