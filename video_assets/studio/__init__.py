"""The craft: how a lesson becomes a film. Never imports dagster, a vendor's SDK, or the shelf of assets."""
