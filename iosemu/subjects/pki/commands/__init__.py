"""The commands of the PKI."""
