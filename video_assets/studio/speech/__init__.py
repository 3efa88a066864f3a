"""Spoken sound: the interface of providers, mastering, checks, and the times of words and phonemes."""
