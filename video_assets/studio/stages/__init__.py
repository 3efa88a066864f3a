"""The stages, one module for each asset and named after it: what is made, from which recipe, in which order.

A stage reads manifests, makes what the store lacks, and returns a manifest. Stages do not import each other.
"""
