"""Key phrases, topics and formulas of a narration, found by rules and word tables, without a model."""
