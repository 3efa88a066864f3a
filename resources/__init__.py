"""The world: one module per provider, its adapter and its configuration. No prompts, validation or layout here."""
