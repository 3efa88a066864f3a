"""The words with which each language is read aloud: one module per language, and their common interface.

Does not belong here: rules that find where the words apply.
"""
