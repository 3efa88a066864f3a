"""The parser: the LaTeX of one equation to pieces of Typst mathematics."""

from __future__ import annotations

from video_assets.studio.spoken.latex.latex_tables import (
    BRACKET_SIZES_PERCENT,
    CASE_ENVIRONMENTS,
    ESCAPED,
    FUNCTIONS,
    LIMIT_FUNCTIONS,
    MATRICES,
    NEGATIONS,
    OVER,
    PAIRS,
    ROW_ENVIRONMENTS,
    SPACES,
    SYMBOLS,
    TEXTS,
    WRAPPERS,
)
from video_assets.studio.spoken.latex.latex_tokens import LatexToken, TokenCursor

from .typst_pieces import (
    RELATION_SOURCES,
    Rows,
    TypstPiece,
    align,
    escape,
    escape_string,
    join,
    matrix_cells,
    pair_bars,
    pair_brackets,
)


class LatexParser(TokenCursor):
    """A recursive-descent parser of one equation. It descends at most `MOST_NESTED` levels."""

    def equation(self) -> Rows:
        """The lines of the whole equation. Raises EquationInvalid."""
        return self._rows(until="")

    # Rows, columns, sequences ----------------------------------------------------------------------------------------

    def _rows(self, until: str) -> Rows:
        r"""The rows up to `\end{until}` or, with "", up to the end of the equation."""
        rows: Rows = [[self._sequence()]]
        while True:
            token = self.take()
            if token.kind == "align":
                rows[-1].append(self._sequence())
            elif token.kind == "row":
                rows.append([self._sequence()])
            else:
                self._check_end(token, until)
                break
        if len(rows) > 1 and rows[-1] == [[]]:  # a row separator after the last row adds no row
            rows.pop()
        return rows

    def _check_end(self, token: LatexToken, until: str) -> None:
        if token.kind == "end" and not until:
            return
        if token.kind == "command" and token.text == "end" and until:
            name, at = self._name(token)
            if name == until:
                return
            raise self.invalid(at, f"\\end{{{name}}} closes \\begin{{{until}}}")
        if token.kind == "end":
            raise self.invalid(token, f"\\begin{{{until}}} has no \\end{{{until}}}")
        if token.kind == "close":
            raise self.invalid(token, "a } without its {")
        raise self.invalid(token, f"\\{token.text} without its beginning")

    def _sequence(self, stops: tuple[str, ...] = ()) -> list[TypstPiece]:
        """The pieces up to the end of a column, a group or a delimited part. Round and square brackets are paired."""
        pieces: list[TypstPiece] = []
        opened: list[tuple[int, str]] = []
        outside = self.depth
        while not self._ends_sequence(token := self.skip_spaces(), stops, bracketed=bool(opened)):
            pieces.append(self._scripted(self._atom(self.take())))
            pair_brackets(pieces, opened)
            # The part between paired brackets counts as nested, although no recursive call reads it.
            self.check_depth(token, outside + len(opened))
            self.depth = outside + len(opened)
        self.depth = outside
        return pair_bars(pieces)

    def _ends_sequence(self, token: LatexToken, stops: tuple[str, ...], *, bracketed: bool) -> bool:
        if token.kind == "command":
            return token.text in ("end", "right", *stops)
        if token.kind == "char":
            return token.text == "]" and "]" in stops and not bracketed
        return token.kind in ("end", "close", "align", "row")

    # Atoms -----------------------------------------------------------------------------------------------------------

    def _atom(self, token: LatexToken) -> TypstPiece:
        if token.kind in ("open", "command"):
            with self.nested(token):
                return self._group_after(token) if token.kind == "open" else self._command(token)
        if token.kind in ("sup", "sub"):  # a script without a base, as in {}^{14}C
            self.step_back()
            return TypstPiece('""')
        if token.kind != "char":
            raise self.invalid(
                token, f"“{token.text}” where a symbol was expected" if token.text else "it ends too early"
            )
        return self._character(token)

    def _character(self, token: LatexToken) -> TypstPiece:
        if token.text.isascii() and token.text.isdigit():
            return self._number(token.text)
        if token.text == "'":
            self.step_back()
            return TypstPiece('""')
        if token.text == "~":
            return TypstPiece("space.nobreak ")
        if token.text in '$#"\\':
            raise self.invalid(token, f"a bare {token.text}", f"Write \\{token.text} for the character itself.")
        shown = {"-": "−", "*": "∗", "/": "/"}.get(token.text, token.text)
        if ord(shown) > 0x2E80:
            return TypstPiece(f'"{shown}"', shown)
        return TypstPiece(escape(shown), shown)

    def _number(self, first: str) -> TypstPiece:
        digits = first
        while (token := self.peek()).kind == "char":
            after = self.peek(1).text
            point = token.text == "." and after.isascii() and after.isdigit()
            if not point and not (token.text.isascii() and token.text.isdigit()):
                break
            digits += self.take().text
        return TypstPiece(digits)

    def _group_after(self, opening: LatexToken) -> TypstPiece:
        pieces = self._sequence()
        end = self.take()
        if end.kind == "row":
            raise self.invalid(end, "a line break inside { }", "Use aligned, cases or substack.")
        if end.kind != "close":
            raise self.invalid(opening, "a { without its }")
        if len(pieces) == 1 and pieces[0].character == ",":  # 1{,}000: the usual way to write a decimal comma
            return TypstPiece('class("normal", \\u{2c})')
        if len(pieces) == 1:
            return pieces[0]
        return TypstPiece(join(pieces) or '""')

    def _argument(self, owner: LatexToken) -> str:
        token = self.skip_spaces()
        if token.kind in ("end", "close", "align", "row", "sup", "sub"):
            raise self.invalid(
                owner, f"\\{owner.text} lacks its argument" if owner.kind == "command" else "a script is missing"
            )
        self.take()
        if token.kind == "char":  # \frac12 takes one digit each
            return escape(token.text) if token.text.isdigit() else self._character(token).source
        if token.kind == "open":  # the braces of an argument do not count as a level
            return self._group_after(token).source
        return self._atom(token).source

    def _option(self) -> str:
        if self.skip_spaces().text != "[" or self.peek().kind != "char":
            return ""
        opening = self.take()
        pieces = self._sequence(stops=("]",))
        if self.take().text != "]":
            raise self.invalid(opening, "a [ without its ]")
        return join(pieces)

    def _raw(self, owner: LatexToken) -> str:
        """The characters of a { } group, as text."""
        if self.skip_spaces().kind != "open":
            raise self.invalid(owner, f"\\{owner.text} lacks its {{…}}")
        self.take()
        text, depth = "", 1
        while True:
            token = self.take()
            depth += {"open": 1, "close": -1}.get(token.kind, 0)
            if token.kind == "end":
                raise self.invalid(owner, f"the {{ of \\{owner.text} has no }}")
            if depth == 0:
                return text
            text += self._raw_text(token)

    def _raw_text(self, token: LatexToken) -> str:
        if token.kind in ("open", "close"):
            return ""
        if token.kind == "space" or token.text == "~":
            return " "
        if token.kind != "command":
            return token.text
        if token.text in SPACES:
            return " "
        if token.text in ESCAPED or token.text in SYMBOLS:
            return ESCAPED.get(token.text) or SYMBOLS[token.text]
        raise self.invalid(token, f"\\{token.text} inside text")

    def _name(self, owner: LatexToken) -> tuple[str, LatexToken]:
        at = self.peek()
        return self._raw(owner), at

    # Scripts ---------------------------------------------------------------------------------------------------------

    def _scripted(self, base: TypstPiece) -> TypstPiece:
        r"""`base` with the primes, ^, _, \limits and \nolimits that follow it."""
        upper, lower, primes, placed = "", "", "", ""
        while True:
            token = self.skip_spaces()
            if token.kind == "char" and token.text == "'":
                self.take()
                primes += "prime "
            elif token.kind == "sup":
                upper = self._script(upper, "superscripts")
            elif token.kind == "sub":
                lower = self._script(lower, "subscripts")
            elif token.kind == "command" and token.text in ("limits", "nolimits"):
                self.take()
                placed = "limits" if token.text == "limits" else "scripts"  # as in LaTeX, the last command counts
            else:
                break
        upper = primes + upper
        source = f"{placed}({base.source})" if placed else base.source
        if not upper and not lower:
            return TypstPiece(source) if placed else base
        return TypstPiece(f"{source}" + (f"_({lower})" if lower else "") + (f"^({upper})" if upper else ""))

    def _script(self, already: str, what: str) -> str:
        token = self.take()
        if already:
            raise self.invalid(token, f"two {what} on one symbol", "Group with { }.")
        with self.nested(token):
            return self._argument(token)

    # Commands --------------------------------------------------------------------------------------------------------

    def _command(self, token: LatexToken) -> TypstPiece:
        name = token.text
        if name in SYMBOLS or name in ESCAPED:
            character = SYMBOLS.get(name) or ESCAPED[name]
            return TypstPiece(escape(character), character)
        if name in SPACES:
            return TypstPiece(SPACES[name])
        if name in FUNCTIONS:
            return TypstPiece(f'op("{name}")')
        if name in LIMIT_FUNCTIONS:
            return TypstPiece(f'op("{LIMIT_FUNCTIONS[name]}", limits: #true)')
        if name in WRAPPERS:
            return TypstPiece(WRAPPERS[name].format(self._argument(token)))
        if name in PAIRS:
            first, second = self._argument(token), self._argument(token)
            return TypstPiece(PAIRS[name].format(first, second))
        if name in OVER:
            above, base = self._argument(token), self._argument(token)
            kind = "relation" if base in RELATION_SOURCES else "normal"
            return TypstPiece(f'class("{kind}", {OVER[name].format(above, base)})')
        if name in TEXTS:
            return self._text(token)
        return self._special(token)

    def _text(self, token: LatexToken) -> TypstPiece:
        if token.text == "mathrm" and self.skip_spaces().kind != "open":
            return TypstPiece(f"upright({self._argument(token)})")
        text = self._raw(token)
        if token.text == "mathrm" and len(text) == 1 and text.isalnum():
            return TypstPiece(f"upright({escape(text)})")
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        words = TEXTS[token.text].format(escape_string(text.strip()))
        return TypstPiece(" ".join(part for part in ("space" * bool(before), words, "space" * bool(after)) if part))

    def _special(self, token: LatexToken) -> TypstPiece:
        name = token.text
        size = BRACKET_SIZES_PERCENT.get(name.rstrip("lrm") if name not in BRACKET_SIZES_PERCENT else name)
        if size:
            return TypstPiece(f"lr({self._delimiter(token)}, size: #{size}%)")
        readers = {
            "sqrt": self._root,
            "left": self._fenced,
            "begin": self._environment,
            "not": self._negated,
            "substack": self._substack,
            "bmod": lambda _: TypstPiece('op("mod")'),
            "mod": lambda _: TypstPiece('thick op("mod")'),
            "displaystyle": lambda _: TypstPiece(f"display({join(self._sequence())})"),
            "textstyle": lambda _: TypstPiece(f"inline({join(self._sequence())})"),
            "middle": lambda at: TypstPiece(f"mid({self._delimiter(at)})"),
        }
        if name not in readers:
            raise self.invalid(
                token, f"the command \\{name} is not known", "See docs/themes.md for the commands there are."
            )
        return readers[name](token)

    def _root(self, token: LatexToken) -> TypstPiece:
        index = self._option()
        body = self._argument(token)
        return TypstPiece(f"root({index}, {body})" if index else f"sqrt({body})")

    def _delimiter(self, owner: LatexToken) -> str:
        token = self.skip_spaces()
        self.take()
        if token.kind == "char" and token.text == ".":
            return ""
        if token.kind == "char" and token.text in "()[]|/<>":
            return escape({"<": "⟨", ">": "⟩"}.get(token.text, token.text))
        if token.kind == "command" and (token.text in SYMBOLS or token.text in ESCAPED):
            return escape(SYMBOLS.get(token.text) or ESCAPED[token.text])
        raise self.invalid(
            owner, f"\\{owner.text} lacks its bracket", "Follow it with ( ) [ ] \\{ \\} | or a full stop."
        )

    def _fenced(self, token: LatexToken) -> TypstPiece:
        opening = self._delimiter(token)
        inside = join(self._sequence())
        end = self.take()
        if end.text != "right" or end.kind != "command":
            raise self.invalid(token, "a \\left without its \\right")
        return TypstPiece(f"lr({opening} {inside} {self._delimiter(end)})")

    def _negated(self, token: LatexToken) -> TypstPiece:
        after = self._atom(self.take())
        if after.character not in NEGATIONS:
            raise self.invalid(token, "\\not before something that has no negated form")
        return TypstPiece(escape(NEGATIONS[after.character]), NEGATIONS[after.character])

    def _substack(self, token: LatexToken) -> TypstPiece:
        if self.skip_spaces().kind != "open":
            raise self.invalid(token, "\\substack lacks its {…}")
        self.take()
        lines = [join(self._sequence())]
        while (end := self.take()).kind == "row":
            lines.append(join(self._sequence()))
        if end.kind != "close":
            raise self.invalid(token, "the { of \\substack has no }")
        return TypstPiece(" \\ ".join(lines))

    def _environment(self, token: LatexToken) -> TypstPiece:
        name, at = self._name(token)
        known = name in MATRICES or name in CASE_ENVIRONMENTS or name in ROW_ENVIRONMENTS
        if not known:
            raise self.invalid(
                at, f"the environment {name} is not known", "Use aligned, cases, matrix, pmatrix or bmatrix."
            )
        if name == "array":
            self._raw(token)
        outermost = self.is_first(token)
        rows = self._rows(until=name)
        if name in CASE_ENVIRONMENTS:
            style = "display({})" if name == "dcases" else "{}"
            lines = (" && quad ".join(style.format(join(column)) for column in row) for row in rows)
            return TypstPiece("cases(" + ", ".join(f"& {line}" for line in lines) + ")")
        if name in MATRICES:
            return TypstPiece(f"mat(delim: {MATRICES[name]}, {matrix_cells(rows)})")
        if outermost and self.skip_spaces().kind == "end":
            return TypstPiece(align(rows))
        return TypstPiece(f"mat(delim: #none, row-gap: #0.7em, {align(rows, display=True, between='; ')})")
