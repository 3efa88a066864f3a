"""What a run would make of a lesson, and why, before it is made: a dry run.

It uses the stages' own plans, so that it cannot differ from what they do. It reads the store without a change.
"""
