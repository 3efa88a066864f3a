"""Slides: what stands on them, how it is typeset, and the storyboard of a lesson."""
