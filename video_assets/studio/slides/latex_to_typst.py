r"""Equations: the LaTeX an author writes, checked and turned into Typst's mathematics.

Belongs here: the grammar of the LaTeX that lessons use (its words are in `latex.toml`), and where a long equation may
be broken. Does not belong here: type sizes, or anything that is not mathematics. What is not known is an error that
shows the place: nothing is ever dropped. The result holds only names from the tables, single letters, digits and
escaped characters (`\u{…}`), so no text of an author can become Typst code.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from video_assets.studio.core.errors import EquationInvalid

MOST_NESTED = 40
"""Commands, scripts, braces and brackets inside each other. Readers here and in Typst are recursive; nobody can read
more than five or six levels on a slide."""


class Equation(NamedTuple):
    """Typst mathematics. `broken` is the same with a line for each step of a deduction, or else for each relation; ""
    where there is nothing to break at.
    """

    source: str
    broken: str


class _Token(NamedTuple):
    kind: str
    """command, open, close, sup, sub, align, row, space, char or end."""
    text: str
    at: int


_TABLES = tomllib.loads(Path(__file__).with_name("latex.toml").read_text("utf-8"))
_SYMBOLS: dict[str, str] = _TABLES["symbols"]
_ESCAPED: dict[str, str] = _TABLES["escaped"]
_SPACES: dict[str, str] = _TABLES["spaces"]
_FUNCTIONS: dict[str, str] = _TABLES["functions"]
_LIMIT_FUNCTIONS: dict[str, str] = _TABLES["limits"]
_WRAPPERS: dict[str, str] = _TABLES["wrappers"]
_PAIRS: dict[str, str] = _TABLES["pairs"]
_OVER: dict[str, str] = _TABLES["over"]
_TEXTS: dict[str, str] = _TABLES["texts"]
_MATRICES: dict[str, str] = _TABLES["matrices"]
_BIG = {"big": 120, "Big": 180, "bigg": 240, "Bigg": 300}

_CASES = frozenset({"cases", "dcases"})
_ROWS = frozenset({"aligned", "align", "align*", "split", "gather", "gather*", "gathered", "equation", "equation*"})

_RELATIONS = frozenset("=<>≤≥≠≡≈∼≃≅∝≪≫→⟶⇒⟹⇔⟺∈⊂⊆≔⩽⩾")
_IMPLICATIONS = frozenset("⇒⟹⇔⟺")
_OPENERS = {"(": ")", "[": "]"}
_NEGATIONS = {"=": "≠", "∈": "∉", "<": "≮", ">": "≯", "⊂": "⊄", "⊆": "⊈", "≡": "≢", "≤": "≰", "≥": "≱"}

_LEX = re.compile(
    r"(?P<row>\\\\(?:\[-?[\d.]+(?:pt|em|ex|mm|cm)\])?)|(?P<command>\\(?:[A-Za-z]+\*?|.))|(?P<open>\{)|(?P<close>\})|(?P<sup>\^)|(?P<sub>_)"
    r"|(?P<align>&)|(?P<space>\s+)|(?P<char>.)",
    re.DOTALL,
)


def _tokens(latex: str) -> list[_Token]:
    found = []
    for match in _LEX.finditer(latex):
        kind, text = str(match.lastgroup), match.group()
        if kind == "command":
            text = text[1:]
            starred = text.endswith("*") and text not in ("operatorname*", "*")
            if starred:  # `\alpha*x`: the star is a character of its own
                found += [_Token("command", text[:-1], match.start()), _Token("char", "*", match.end() - 1)]
                continue
        found.append(_Token(kind, text, match.start()))
    found.append(_Token("end", "", len(latex)))
    return found


def _escape(character: str) -> str:
    """One character as Typst mathematics that means nothing but itself."""
    if character.isascii() and character.isalnum():
        return character
    return f"\\u{{{ord(character):x}}}"


_RELATION_SOURCES = frozenset(_escape(character) for character in _RELATIONS)
_ASIDES = ("quad", "wide", 'class("normal", "')
"""What follows these is a condition or a remark: no relation in it is a place to break."""
_BARS = (_escape("|"), _escape("‖"))


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def typeset_latex(latex: str, place: str = "/equation") -> Equation:
    """`latex` (no delimiters) as Typst mathematics for a displayed equation.

    Raises EquationInvalid with the character's number (from 1) and the piece that does not parse, also for more than
    `MOST_NESTED` levels of nesting. The work grows with the equation's length, whatever it holds.
    """
    text = _without_delimiters(latex.strip())
    if not text:
        raise EquationInvalid("The equation is empty.", remedy="Write it, or leave the key out.", place=place)
    return _LatexParser(text, place).equation()


def _without_delimiters(text: str) -> str:
    for before, after in (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$")):
        inside = text[len(before) : len(text) - len(after)]
        if (
            len(text) >= len(before + after)
            and text.startswith(before)
            and text.endswith(after)
            and before not in inside
        ):
            return inside.strip()
    return text


class _TypstPiece(NamedTuple):
    """Typst source of one atom and, when it is one character, that character."""

    source: str
    character: str = ""


class _LatexParser:
    """A recursive descent over the tokens of one equation, at most `MOST_NESTED` levels deep."""

    def __init__(self, latex: str, place: str) -> None:
        self._latex = latex
        self._place = place
        self._tokens = _tokens(latex)
        self._next = 0
        self._depth = 0

    def equation(self) -> Equation:
        lines = self._rows(until="")
        if len(lines) > 1 or len(lines[0]) > 1:
            return Equation(_align(lines), "")
        pieces = lines[0][0]
        return Equation(_join(pieces), _break(pieces))

    # The cursor ------------------------------------------------------------------------------------------------------

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._tokens[self._next]
        self._next += 1
        return token

    def _skip_spaces(self) -> _Token:
        while self._peek().kind == "space":
            self._take()
        return self._peek()

    def _wrong(
        self, token: _Token, what: str, remedy: str = "Correct it, or write it with other commands."
    ) -> EquationInvalid:
        around = self._latex[max(0, token.at - 12) : token.at + 18].replace("\n", " ")
        return EquationInvalid(
            f"The equation does not parse at character {token.at + 1}: {what}, in “{around}”.",
            remedy=remedy,
            place=self._place,
        )

    @contextmanager
    def _deeper(self, token: _Token) -> Iterator[None]:
        """One level of nesting, which begins at `token`. Every way back into the grammar passes through here."""
        self._check_depth(token, self._depth + 1)
        self._depth += 1
        yield
        self._depth -= 1

    def _check_depth(self, token: _Token, depth: int) -> None:
        if depth > MOST_NESTED:
            raise self._wrong(
                token,
                f"more than {MOST_NESTED} levels are nested in each other",
                "Look for a brace or bracket that was not closed, or write the inner part as a symbol of its own.",
            )

    # Rows, columns, sequences ----------------------------------------------------------------------------------------

    def _rows(self, until: str) -> list[list[list[_TypstPiece]]]:
        r"""Rows of columns of pieces, up to `\end{until}` or, with "", the end of the equation."""
        rows: list[list[list[_TypstPiece]]] = [[self._sequence()]]
        while True:
            token = self._take()
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

    def _check_end(self, token: _Token, until: str) -> None:
        if token.kind == "end" and not until:
            return
        if token.kind == "command" and token.text == "end" and until:
            name, at = self._name(token)
            if name == until:
                return
            raise self._wrong(at, f"\\end{{{name}}} closes \\begin{{{until}}}")
        if token.kind == "end":
            raise self._wrong(token, f"\\begin{{{until}}} has no \\end{{{until}}}")
        if token.kind == "close":
            raise self._wrong(token, "a } without its {")
        raise self._wrong(token, f"\\{token.text} without its beginning")

    def _sequence(self, stops: tuple[str, ...] = ()) -> list[_TypstPiece]:
        """Pieces up to what ends a column, a group or a delimited part; round and square brackets are paired."""
        pieces: list[_TypstPiece] = []
        opened: list[tuple[int, str]] = []
        outside = self._depth
        while not self._ends_sequence(token := self._skip_spaces(), stops, bracketed=bool(opened)):
            pieces.append(self._scripted(self._atom(self._take())))
            _pair_brackets(pieces, opened)
            # What stands between paired brackets is nested, too, although no function calls itself for it.
            self._check_depth(token, outside + len(opened))
            self._depth = outside + len(opened)
        self._depth = outside
        return _pair_bars(pieces)

    def _ends_sequence(self, token: _Token, stops: tuple[str, ...], *, bracketed: bool) -> bool:
        if token.kind == "command":
            return token.text in ("end", "right", *stops)
        if token.kind == "char":
            return token.text == "]" and "]" in stops and not bracketed
        return token.kind in ("end", "close", "align", "row")

    # Atoms -----------------------------------------------------------------------------------------------------------

    def _atom(self, token: _Token) -> _TypstPiece:
        if token.kind in ("open", "command"):
            with self._deeper(token):
                return self._group_after(token) if token.kind == "open" else self._command(token)
        if token.kind in ("sup", "sub"):  # nothing before it: a script on an empty base, as in {}^{14}C
            self._next -= 1
            return _TypstPiece('""')
        if token.kind != "char":
            raise self._wrong(
                token, f"“{token.text}” where a symbol was expected" if token.text else "it ends too early"
            )
        return self._character(token)

    def _character(self, token: _Token) -> _TypstPiece:
        if token.text.isascii() and token.text.isdigit():
            return self._number(token.text)
        if token.text == "'":
            self._next -= 1
            return _TypstPiece('""')
        if token.text == "~":
            return _TypstPiece("space.nobreak ")
        if token.text in '$#"\\':
            raise self._wrong(token, f"a bare {token.text}", f"Write \\{token.text} for the character itself.")
        shown = {"-": "−", "*": "∗", "/": "/"}.get(token.text, token.text)
        if ord(shown) > 0x2E80:
            return _TypstPiece(f'"{shown}"', shown)
        return _TypstPiece(_escape(shown), shown)

    def _number(self, first: str) -> _TypstPiece:
        digits = first
        while (token := self._peek()).kind == "char":
            after = self._tokens[self._next + 1].text
            point = token.text == "." and after.isascii() and after.isdigit()
            if not point and not (token.text.isascii() and token.text.isdigit()):
                break
            digits += self._take().text
        return _TypstPiece(digits)

    def _group_after(self, opening: _Token) -> _TypstPiece:
        pieces = self._sequence()
        end = self._take()
        if end.kind == "row":
            raise self._wrong(end, "a line break inside { }", "Use aligned, cases or substack.")
        if end.kind != "close":
            raise self._wrong(opening, "a { without its }")
        if len(pieces) == 1 and pieces[0].character == ",":  # 1{,}000: the usual way to a decimal comma
            return _TypstPiece('class("normal", \\u{2c})')
        if len(pieces) == 1:
            return pieces[0]
        return _TypstPiece(_join(pieces) or '""')

    def _argument(self, owner: _Token) -> str:
        token = self._skip_spaces()
        if token.kind in ("end", "close", "align", "row", "sup", "sub"):
            raise self._wrong(
                owner, f"\\{owner.text} lacks its argument" if owner.kind == "command" else "a script is missing"
            )
        self._take()
        if token.kind == "char":  # \frac12 takes one digit each
            return _escape(token.text) if token.text.isdigit() else self._character(token).source
        if token.kind == "open":  # the braces of an argument are no level of their own
            return self._group_after(token).source
        return self._atom(token).source

    def _option(self) -> str:
        if self._skip_spaces().text != "[" or self._peek().kind != "char":
            return ""
        opening = self._take()
        pieces = self._sequence(stops=("]",))
        if self._take().text != "]":
            raise self._wrong(opening, "a [ without its ]")
        return _join(pieces)

    def _raw(self, owner: _Token) -> str:
        """The characters of a { } group, as text."""
        if self._skip_spaces().kind != "open":
            raise self._wrong(owner, f"\\{owner.text} lacks its {{…}}")
        self._take()
        text, depth = "", 1
        while True:
            token = self._take()
            depth += {"open": 1, "close": -1}.get(token.kind, 0)
            if token.kind == "end":
                raise self._wrong(owner, f"the {{ of \\{owner.text} has no }}")
            if depth == 0:
                return text
            text += self._raw_text(token)

    def _raw_text(self, token: _Token) -> str:
        if token.kind in ("open", "close"):
            return ""
        if token.kind == "space" or token.text == "~":
            return " "
        if token.kind != "command":
            return token.text
        if token.text in _SPACES:
            return " "
        if token.text in _ESCAPED or token.text in _SYMBOLS:
            return _ESCAPED.get(token.text) or _SYMBOLS[token.text]
        raise self._wrong(token, f"\\{token.text} inside text")

    def _name(self, owner: _Token) -> tuple[str, _Token]:
        at = self._peek()
        return self._raw(owner), at

    # Scripts ---------------------------------------------------------------------------------------------------------

    def _scripted(self, base: _TypstPiece) -> _TypstPiece:
        r"""`base` with the primes, ^, _, \limits and \nolimits that follow it."""
        upper, lower, primes, placed = "", "", "", ""
        while True:
            token = self._skip_spaces()
            if token.kind == "char" and token.text == "'":
                self._take()
                primes += "prime "
            elif token.kind == "sup":
                upper = self._script(upper, "superscripts")
            elif token.kind == "sub":
                lower = self._script(lower, "subscripts")
            elif token.kind == "command" and token.text in ("limits", "nolimits"):
                self._take()
                placed = "limits" if token.text == "limits" else "scripts"  # as in LaTeX, the last one counts
            else:
                break
        upper = primes + upper
        source = f"{placed}({base.source})" if placed else base.source
        if not upper and not lower:
            return _TypstPiece(source) if placed else base
        return _TypstPiece(f"{source}" + (f"_({lower})" if lower else "") + (f"^({upper})" if upper else ""))

    def _script(self, already: str, what: str) -> str:
        token = self._take()
        if already:
            raise self._wrong(token, f"two {what} on one symbol", "Group with { }.")
        with self._deeper(token):
            return self._argument(token)

    # Commands --------------------------------------------------------------------------------------------------------

    def _command(self, token: _Token) -> _TypstPiece:
        name = token.text
        if name in _SYMBOLS or name in _ESCAPED:
            character = _SYMBOLS.get(name) or _ESCAPED[name]
            return _TypstPiece(_escape(character), character)
        if name in _SPACES:
            return _TypstPiece(_SPACES[name])
        if name in _FUNCTIONS:
            return _TypstPiece(f'op("{name}")')
        if name in _LIMIT_FUNCTIONS:
            return _TypstPiece(f'op("{_LIMIT_FUNCTIONS[name]}", limits: #true)')
        if name in _WRAPPERS:
            return _TypstPiece(_WRAPPERS[name].format(self._argument(token)))
        if name in _PAIRS:
            first, second = self._argument(token), self._argument(token)
            return _TypstPiece(_PAIRS[name].format(first, second))
        if name in _OVER:
            above, base = self._argument(token), self._argument(token)
            kind = "relation" if base in _RELATION_SOURCES else "normal"
            return _TypstPiece(f'class("{kind}", {_OVER[name].format(above, base)})')
        if name in _TEXTS:
            return self._text(token)
        return self._special(token)

    def _text(self, token: _Token) -> _TypstPiece:
        if token.text == "mathrm" and self._skip_spaces().kind != "open":
            return _TypstPiece(f"upright({self._argument(token)})")
        text = self._raw(token)
        if token.text == "mathrm" and len(text) == 1 and text.isalnum():
            return _TypstPiece(f"upright({_escape(text)})")
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        words = _TEXTS[token.text].format(_quoted(text.strip()))
        return _TypstPiece(" ".join(part for part in ("space" * bool(before), words, "space" * bool(after)) if part))

    def _special(self, token: _Token) -> _TypstPiece:
        name = token.text
        size = _BIG.get(name.rstrip("lrm") if name not in _BIG else name)
        if size:
            return _TypstPiece(f"lr({self._delimiter(token)}, size: #{size}%)")
        readers = {
            "sqrt": self._root,
            "left": self._fenced,
            "begin": self._environment,
            "not": self._negated,
            "substack": self._substack,
            "bmod": lambda _: _TypstPiece('op("mod")'),
            "mod": lambda _: _TypstPiece('thick op("mod")'),
            "displaystyle": lambda _: _TypstPiece(f"display({_join(self._sequence())})"),
            "textstyle": lambda _: _TypstPiece(f"inline({_join(self._sequence())})"),
            "middle": lambda at: _TypstPiece(f"mid({self._delimiter(at)})"),
        }
        if name not in readers:
            raise self._wrong(
                token, f"the command \\{name} is not known", "See docs/themes.md for the commands there are."
            )
        return readers[name](token)

    def _root(self, token: _Token) -> _TypstPiece:
        index = self._option()
        body = self._argument(token)
        return _TypstPiece(f"root({index}, {body})" if index else f"sqrt({body})")

    def _delimiter(self, owner: _Token) -> str:
        token = self._skip_spaces()
        self._take()
        if token.kind == "char" and token.text == ".":
            return ""
        if token.kind == "char" and token.text in "()[]|/<>":
            return _escape({"<": "⟨", ">": "⟩"}.get(token.text, token.text))
        if token.kind == "command" and (token.text in _SYMBOLS or token.text in _ESCAPED):
            return _escape(_SYMBOLS.get(token.text) or _ESCAPED[token.text])
        raise self._wrong(
            owner, f"\\{owner.text} lacks its bracket", "Follow it with ( ) [ ] \\{ \\} | or a full stop."
        )

    def _fenced(self, token: _Token) -> _TypstPiece:
        opening = self._delimiter(token)
        inside = _join(self._sequence())
        end = self._take()
        if end.text != "right" or end.kind != "command":
            raise self._wrong(token, "a \\left without its \\right")
        return _TypstPiece(f"lr({opening} {inside} {self._delimiter(end)})")

    def _negated(self, token: _Token) -> _TypstPiece:
        after = self._atom(self._take())
        if after.character not in _NEGATIONS:
            raise self._wrong(token, "\\not before something that has no negated form")
        return _TypstPiece(_escape(_NEGATIONS[after.character]), _NEGATIONS[after.character])

    def _substack(self, token: _Token) -> _TypstPiece:
        if self._skip_spaces().kind != "open":
            raise self._wrong(token, "\\substack lacks its {…}")
        self._take()
        lines = [_join(self._sequence())]
        while (end := self._take()).kind == "row":
            lines.append(_join(self._sequence()))
        if end.kind != "close":
            raise self._wrong(token, "the { of \\substack has no }")
        return _TypstPiece(" \\ ".join(lines))

    def _environment(self, token: _Token) -> _TypstPiece:
        name, at = self._name(token)
        known = name in _MATRICES or name in _CASES or name in _ROWS
        if not known:
            raise self._wrong(
                at, f"the environment {name} is not known", "Use aligned, cases, matrix, pmatrix or bmatrix."
            )
        if name == "array":
            self._raw(token)
        outermost = self._outermost(token)
        rows = self._rows(until=name)
        if name in _CASES:
            style = "display({})" if name == "dcases" else "{}"
            lines = (" && quad ".join(style.format(_join(column)) for column in row) for row in rows)
            return _TypstPiece("cases(" + ", ".join(f"& {line}" for line in lines) + ")")
        if name in _MATRICES:
            return _TypstPiece(f"mat(delim: {_MATRICES[name]}, {_cells(rows)})")
        if outermost and self._skip_spaces().kind == "end":
            return _TypstPiece(_align(rows))
        return _TypstPiece(f"mat(delim: #none, row-gap: #0.7em, {_align(rows, display=True, between='; ')})")

    def _outermost(self, token: _Token) -> bool:
        return not self._latex[: token.at].strip()


def _pair_brackets(pieces: list[_TypstPiece], opened: list[tuple[int, str]]) -> None:
    """Makes the part between a bracket and its partner one piece, so that both grow with what they hold."""
    last = pieces[-1].character
    if last in _OPENERS:
        opened.append((len(pieces) - 1, _OPENERS[last]))
        return
    closed = pieces[-1].source[:6] in ("\\u{29}", "\\u{5d}")  # a closing bracket, with or without scripts
    if not closed or not opened:
        return
    start, wanted = opened.pop()
    script = pieces[-1].source[6:]
    if pieces[-1].source[:6] != _escape(wanted):  # a half-open interval
        return
    inside = _join([pieces[start], *_pair_bars(pieces[start + 1 : -1])])
    pieces[start:] = [_TypstPiece(f"lr({inside} {_escape(wanted)}){script}")]


def _pair_bars(pieces: list[_TypstPiece]) -> list[_TypstPiece]:
    """`pieces` with each two bars as a pair of brackets; a single bar is "given" or "such that", a relation."""
    for bar in _BARS:
        places = [i for i, piece in enumerate(pieces) if piece.source.startswith(bar)]
        if len(places) == 1 and pieces[places[0]].source == bar:
            pieces[places[0]] = _TypstPiece(f'class("relation", {bar})')
        if len(places) % 2:
            continue
        for start, end in reversed(list(zip(places[::2], places[1::2], strict=True))):
            script = pieces[end].source.removeprefix(bar)
            pieces[start : end + 1] = [_TypstPiece(f"lr({bar} {_join(pieces[start + 1 : end])} {bar}){script}")]
    return pieces


def _join(pieces: list[_TypstPiece]) -> str:
    return " ".join(piece.source for piece in pieces)


def _cells(rows: list[list[list[_TypstPiece]]]) -> str:
    width = max(len(row) for row in rows)
    return "; ".join(", ".join([*(_join(c) or '""' for c in row), *['""'] * (width - len(row))]) for row in rows)


def _align(rows: list[list[list[_TypstPiece]]], *, display: bool = False, between: str = " \\ ") -> str:
    style = "display({})" if display else "{}"
    return between.join(" & ".join(style.format(_join(column)) if column else "" for column in row) for row in rows)


def _break(pieces: list[_TypstPiece]) -> str:
    """`pieces` in one line for each relation after the first, aligned at the relations; "" when there are not two.

    With an arrow from one statement to the next, each statement has a line.
    """
    arrows = [i for i, piece in enumerate(pieces) if piece.character in _IMPLICATIONS and 0 < i < len(pieces) - 1]
    if arrows:
        return _statements(pieces, arrows)
    condition = next((i for i, piece in enumerate(pieces) if piece.source.startswith(_ASIDES)), len(pieces))
    places = [i for i, piece in enumerate(pieces[:condition]) if piece.character in _RELATIONS and i > 0]
    if len(places) < 2:
        return ""
    cuts = [*places[1:], len(pieces)]
    first = f"{_join(pieces[: places[0]])} & {_join(pieces[places[0] : cuts[0]])}"
    rest = [f"& {_join(pieces[start:end])}" for start, end in itertools.pairwise(cuts)]
    return " \\ ".join([first, *rest])


def _statements(pieces: list[_TypstPiece], arrows: list[int]) -> str:
    """A line for each of the statements between `arrows`, with its arrow in front of it."""
    first = f"& {_join(_trimmed(pieces[: arrows[0]]))}"
    ends = itertools.pairwise([*arrows, len(pieces)])
    rest = [f"{pieces[start].source} quad & {_join(_trimmed(pieces[start + 1 : end]))}" for start, end in ends]
    return " \\ ".join([first, *rest])


def _trimmed(pieces: list[_TypstPiece]) -> list[_TypstPiece]:
    """`pieces` without the spaces at both ends."""
    solid = [i for i, piece in enumerate(pieces) if piece.source not in _SPACES.values()]
    return pieces[solid[0] : solid[-1] + 1] if solid else []
