"""Painters of illustrations, one module per provider."""
