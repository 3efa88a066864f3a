"""Web pages that show what was made: the film's own page, the list of all films, and a lesson's sections.

Every page is one file that contains its style and its script. A content security policy forbids any other. The template
engine escapes everything that an author wrote.

Belongs here: the pages as text, their templates, styles and words. Does not belong here: which films exist
(`film_index`), or serving pages (`jobs/dev/film_server.py`).
"""
