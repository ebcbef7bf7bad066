"""The shows of BGP."""
