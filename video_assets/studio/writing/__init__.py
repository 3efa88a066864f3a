"""Texts from a language model: what a provider must offer, and in which order a lesson is written."""
