"""The declarations of the commands.

`commands/render.py` declares the command line of `lessonreel render`, and `cli/render.py` does its work.

An option is declared once, with its name, type, default and help. Its value goes to the work under the option's
parameter name. The declarations are apart from the work because `--help` reads all of them: each command imports its
work, and with it Dagster or rich, only when it runs.

A command that writes files uses `raise_on_interrupt`, so that it can clean up. The others exit at once.
"""
