"""The lip-sync room: a photographed face, a sound, and the pictures of a mouth that says it.

    engine     what every engine is given and gives back
    ...

Belongs here: everything about photographed faces. Only this package imports torch and its like, and only when a face
is made to speak: definitions load in every step, and must stay light. Does not belong here: drawn faces
(`presenter.py`), files of presenters (`resources/presenters`), or the film.
"""
