"""Equations: the LaTeX of a lesson, parsed and converted to Typst mathematics."""
