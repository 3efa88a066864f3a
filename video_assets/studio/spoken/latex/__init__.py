"""LaTeX: its tokens and commands, and formulas of a narration as text that captions show and the voice reads."""
