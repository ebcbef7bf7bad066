"""The shows of the PKI."""
