"""Writers, one module per provider."""
