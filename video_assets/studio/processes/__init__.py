"""Child processes that end with their parent, and forks of this one. No other package starts a process."""
