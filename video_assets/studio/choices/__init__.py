"""The settings of a lesson: the precedence of their sources, remembered choices, and the choice of speakers."""
