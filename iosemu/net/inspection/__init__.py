"""Stateful inspection: which packets belong to conversations that somebody was allowed to begin.

`engine.Inspector` keeps the sessions of a box. Whoever has a policy asks it about each packet (`judge`), and lets it
begin a session where the policy says so (`begin`). It knows no interfaces, zones or access lists.
"""
