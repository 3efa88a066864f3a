"""The finished film: checks, the bundle that is published, approvals, the index of films, and their pages."""
