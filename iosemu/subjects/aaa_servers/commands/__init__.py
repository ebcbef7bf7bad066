"""Commands of TACACS+ and RADIUS servers."""
