"""`make dev`: a supervisor without Dagster, and the servers that it runs."""
