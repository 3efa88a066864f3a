"""Pictures: the adapters of what can make them, one module per provider."""
