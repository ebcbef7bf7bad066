"""Keys, certificates, revocation lists and enrolment, without sockets and clocks (RFC 5280, 2986, 5652, 8894)."""
