"""Spoken sound: what a provider must offer, mastering, checks, and when each word is said."""
