"""A provider that speaks OpenAI's API on this machine, and misbehaves when it is told to.

    server     the HTTP server, its limits and its latencies
    answers    what it answers when nothing is wrong: real speech, pictures and text
    faults     what may go wrong, and what of it is billed
    ledger     what was asked, billed and delivered
    personalities  the servers that differ from OpenAI's API: Kokoro-FastAPI, LocalAI, Speaches, OpenRouter, AssemblyAI

With `python -m tests.faults.provider` a user tries the whole path without a key (`make provider`).
"""

from .faults import FAULTS, Faults, Outage, at_random, scripted
from .ledger import Entry, Ledger
from .server import Provider, Reply

__all__ = ["FAULTS", "Entry", "Faults", "Ledger", "Outage", "Provider", "Reply", "at_random", "scripted"]
