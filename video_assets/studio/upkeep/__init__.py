"""Care of the store: which objects are in use, and garbage collection."""
