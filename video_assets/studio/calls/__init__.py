"""Calls to others: how many run at once, how often they are tried, what they cost.

    slots      a bound on parallel work, held around each call
    money      amounts, units and the price list
    entries    the lines of the journal of paid calls
    ledger     the journal, and the budgets that it keeps
    standing   what it comes to for whoever is about to call
    gates      what all processes know of a provider: who may ask from when, and whether it is out
    content    whether the answers of a model are of any use
    clock      the machine's clocks, and by how much one was set
    errand     for whom a provider works
    attempt    a call, its tries and their answers
    owner      the one owner of tries, deadlines and waits

Belongs here: everything about a call but what is asked. Does not belong here: a vendor's client (`resources`), or what
an answer must be like (`speech`, `illustration`, `writing`).
"""

from .attempt import Answer, Attempt, Call, Patience
from .entries import Purchase
from .errand import CallDesk, Errand
from .gates import Account, Gates
from .ledger import Ledger
from .money import Prices, Units
from .owner import Caller
from .slots import LocalSlots, SlotBoard, Slots

__all__ = [
    "Account",
    "Answer",
    "Attempt",
    "Call",
    "CallDesk",
    "Caller",
    "Errand",
    "Gates",
    "Ledger",
    "LocalSlots",
    "Patience",
    "Prices",
    "Purchase",
    "SlotBoard",
    "Slots",
    "Units",
]
