"""Web pages that show the results: the page of a film, the list of all films, and a lesson's sections.

Every page is one file that contains its style and its script. A content security policy forbids any other. The template
engine escapes everything that an author wrote. Does not belong here: serving pages (`jobs/dev/film_server.py`).
"""
