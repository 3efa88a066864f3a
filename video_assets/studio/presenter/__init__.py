"""Presenters: the interface of providers, and the mouth shapes and poses of drawn faces."""
