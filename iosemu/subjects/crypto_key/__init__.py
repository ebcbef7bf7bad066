"""RSA keys of the box: SSH, and IKE with signatures, go by them."""

from iosemu.box.subject import Subject

SUBJECT = Subject("crypto_key")
