"""Presenter providers: they turn a performance request into pictures.

Does not belong here: blinks and mouth shapes (`studio/presenter`).
"""
