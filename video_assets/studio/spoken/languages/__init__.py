"""How each language is read aloud. One module per language, and the interface they share."""
