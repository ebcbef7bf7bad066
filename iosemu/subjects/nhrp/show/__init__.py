"""Shows of NHRP and DMVPN."""
