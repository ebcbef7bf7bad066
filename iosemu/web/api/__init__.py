"""The lab for programs: HTTP and WebSockets below `/api/v1`, described by OpenAPI.

It needs FastAPI; a page is served without it, too.
"""
