"""Classes and functions that tests of several folders share. Fixtures live in conftest files and use these classes.

Does not belong here: pytest fixtures.
"""
