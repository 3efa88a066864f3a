"""Web pages that show what was made: the film's own page, the list of all films, and a lesson's sections.

Belongs here: the pages as text, their templates, styles and words. Every page is one file: style and script stand in
it, a content security policy allows nothing else, and all that an author wrote is escaped by the template engine. Does
not belong here: which films there are (`film_index`), serving pages (`jobs/film_server.py`).
"""
