"""lessonreel: lesson files in, teaching videos out. The shelf of assets, in the order data flows, and the command.

Nothing happens at import.
"""
