"""Reading the bytes of a JSON file that an author wrote by hand.

The standard library's reader stops at the first fault, does not keep the places of values, and accepts duplicate keys,
NaN and half characters. This one reports all of these with their places. A text with faults is never used as data; the
parser only reads on to find more faults. Does not belong here: what a lesson may contain.
"""

from __future__ import annotations

from video_assets.studio.core.messages import quoted

from .parser import JsonParser
from .source import JsonSource, SyntaxProblem


def read_json(data: bytes) -> JsonSource:
    """The JSON text in `data`. Never raises: everything wrong is in `faults`, in the order in which it was found."""
    foreign = _foreign_encoding(data)
    if foreign:
        remedy = 'Save the file with the encoding "UTF-8".'
        fault = SyntaxProblem("not-utf8", 0, (), f"The file is encoded as {foreign}, not as UTF-8", remedy)
        return JsonSource("", None, (fault,))
    marked = data.startswith(b"\xef\xbb\xbf")
    body = data[3:] if marked else data
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return _undecodable(body, error)
    parser = JsonParser(text)
    if marked:
        parser.add_fault("byte-order-mark", 0, *_MARKED)
    root = parser.document()
    return JsonSource(text, root, tuple(parser.faults))


_MARKED = (
    "The file begins with a byte order mark, an invisible character that JSON does not allow",
    'Save the file as "UTF-8" instead of "UTF-8 with BOM".',
)


def _foreign_encoding(data: bytes) -> str:
    if data.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "UTF-32"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    zeros = [byte == 0 for byte in data[:4]]
    if zeros in ([True, True, True, False], [False, True, True, True]):
        return "UTF-32"
    return "UTF-16" if zeros in ([True, False, True, False], [False, True, False, True]) else ""


def _undecodable(body: bytes, error: UnicodeDecodeError) -> JsonSource:
    text = body[: error.start].decode("utf-8")
    wrong = body[error.start : error.start + 3]
    if wrong[0] == 0xED and len(wrong) > 1 and 0xA0 <= wrong[1] <= 0xBF:
        message = "Half of a character (a lone surrogate) stands here"
        fault = SyntaxProblem("lone-surrogate", len(text), (), message, "Type the character again and save as UTF-8.")
    else:
        guess = wrong[:1].decode("cp1252", "replace")
        message = f"The byte 0x{wrong[0]:02X} is not UTF-8 (in the old Windows encoding it would be {quoted(guess)})"
        fault = SyntaxProblem("not-utf8", len(text), (), message, 'Save the file with the encoding "UTF-8".')
    return JsonSource(text, None, (fault,))
