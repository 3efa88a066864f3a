"""What the stages share: their context, the fan-out over sections, manifests, and the reference to the newest one."""
