"""Lip-sync engines: the built-in network, and programs that are described in a file."""
