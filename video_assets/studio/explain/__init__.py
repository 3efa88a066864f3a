"""What a run would make of a lesson, and why, before it is made.

A dry run: it asks the stages for their recipes, so that it can say nothing else than they would do, looks into the
store without a trace, and compares with what was made the last time. Belongs here: that, and the words for it. Does not
belong here: how a table of it looks (`cli/explain.py`), or any recipe (`stages/`).
"""

from .dry_run import due, explain
from .glance import Glance
from .means import Means
from .outlook import Action, Explanation, Item, Seam

__all__ = ["Action", "Explanation", "Glance", "Item", "Means", "Seam", "due", "explain"]
