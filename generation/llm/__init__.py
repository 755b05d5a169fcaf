"""The way to an LLM: chat messages, the endpoint, its faults, pace and price, and the firewall before it."""
