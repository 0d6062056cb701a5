"""MCP servers of a project: what they offer as tools, what the user agreed to, and the connections to them."""
