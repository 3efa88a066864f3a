"""The drawn presenter: what a provider must offer, mouth shapes and poses."""
