"""SSH from box to box over the lab's own network, in both directions."""

from iosemu.box.subject import Subject
from iosemu.subjects.ssh.service import SecureShell

SUBJECT = Subject("ssh", services=(SecureShell,), follows=("lines", "access", "crypto_key"))
