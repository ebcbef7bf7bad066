"""Labs for programs that reason: an MCP server whose tools start labs, type, look, spoil, put back and grade.

It needs the official SDK: the extra `iosemu[mcp]`.
"""
