"""How a lesson becomes a film. Imports neither Dagster, nor a vendor's SDK, nor the assets."""
