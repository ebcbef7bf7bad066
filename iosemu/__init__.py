"""A Cisco lab in one Python process, reached by SSH."""

__version__ = "0.1.0"
