"""Shows of TACACS+ and RADIUS servers."""
