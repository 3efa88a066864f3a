"""Calls to providers: slots, rate limits, retries, deadlines, cost, and the responses that were paid for.

Does not belong here: a vendor's client (`resources`), or what a valid response is (`speech`, `pictures`, `writing`).
"""
