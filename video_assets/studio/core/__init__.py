"""Basics that every other package may import: errors, values, messages, settings, languages, the layout of a frame.

Nothing here reads a lesson or a store. A module belongs here only if packages that do not know each other need it.
"""
