"""The settings of a lesson: which source wins, what was chosen earlier, and who can speak."""
