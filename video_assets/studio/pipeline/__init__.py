"""What the stages share: order, plans, context and manifests, the fan-out, and the reference to the newest manifest."""
