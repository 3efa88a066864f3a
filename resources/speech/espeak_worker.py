"""The child process that loads espeak-ng. Only this program loads the GPL library; others talk to it over a pipe.

Does not belong here: any import of this project. The file imports only the standard library and is started by path, so
that the library shares a process with nothing else.

A second call in one process gives other samples for the same text. The samples of the first call depend on the second
at which the library was loaded, because it seeds its noise with the clock. So the library is loaded once, and each
utterance is spoken by a new fork that sets the seed.

Protocol: 8 bytes of length, big-endian, then as many bytes, both ways. A request is JSON: `{"do": "voices"}`, or
`{"do": "speak", "voice", "text", "rate", "pitch", "range", "volume", "gap"}`, with `text` in SSML. An answer is 4
bytes of length, a JSON header, and the samples (16 bits, mono, little-endian). Speech's header has `rate_hz`, `events`:
`["word", place in the text counted in characters from 0, sample]` and `["phone", IPA, sample]`; of a failure, `error`.

Arguments: path of the library, path of its data.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import struct
import sys
from typing import Any

OUTPUT_SYNCHRONOUS = 2
PHONEME_EVENTS, PHONEME_IPA, DONT_EXIT = 1 << 0, 1 << 1, 1 << 15
CHARS_UTF8, SSML = 1, 0x10
EVENT_END_OF_LIST, EVENT_WORD, EVENT_PHONEME = 0, 1, 7
PARAMETERS = {"rate": 1, "volume": 2, "pitch": 3, "range": 4, "gap": 7}
NO_MORE = 9
SEED = 1
LENGTH, HEADER = struct.Struct(">Q"), struct.Struct(">I")


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.POINTER(ctypes.c_char)),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


def load(library_path: str, data_path: str) -> tuple[ctypes.CDLL, int]:
    """The initialised library and its sample rate in hertz."""
    library = ctypes.CDLL(library_path)
    library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
    options = PHONEME_EVENTS | PHONEME_IPA | DONT_EXIT
    rate_hz = library.espeak_Initialize(OUTPUT_SYNCHRONOUS, 0, os.fsencode(data_path), options)
    if rate_hz <= 0:
        sys.exit(f"espeak-ng could not read its data in {data_path} (answer {rate_hz}).")
    return library, rate_hz


def list_voices(library: ctypes.CDLL) -> dict[str, Any]:
    """Every language voice: its identifier, English name and language tags, the fittest tag first."""
    found = []
    array = library.espeak_ListVoices(None)
    index = 0
    while array[index]:
        voice = array[index].contents
        found.append([voice.identifier.decode(), voice.name.decode(), _tags(voice.languages)])
        index += 1
    library.espeak_Info.restype = ctypes.c_char_p
    return {"voices": found, "version": library.espeak_Info(None).decode()}


def _tags(languages: Any) -> list[str]:
    # A list of (priority byte, text, NUL), ended by a priority of 0.
    tags, place = [], 0
    while languages[place] != b"\0":
        priority, text = languages[place][0], bytearray()
        place += 1
        while languages[place] != b"\0":
            text += languages[place]
            place += 1
        place += 1
        tags.append((priority, text.decode()))
    return [tag for _, tag in sorted(tags, key=lambda pair: pair[0])]


def speak(library: ctypes.CDLL, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The header and the samples of one utterance."""
    chunks: list[bytes] = []
    events: list[list[Any]] = []

    def receive(samples: Any, count: int, event: Any) -> int:
        if samples and count:
            chunks.append(ctypes.string_at(samples, 2 * count))
        index = 0
        while event[index].type != EVENT_END_OF_LIST:
            _note(event[index], events)
            index += 1
        return 0

    # The library seeds its noise with the clock when it is loaded.
    library.espeak_ng_SetRandSeed(ctypes.c_long(SEED))
    callback = _CALLBACK(receive)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(request["voice"].encode()) != 0:
        return {"error": f"espeak-ng has no voice {request['voice']!r}"}, b""
    for name, number in PARAMETERS.items():
        library.espeak_SetParameter(number, int(request[name]), 0)
    text = request["text"].encode("utf-8")
    status = library.espeak_Synth(text, len(text) + 1, 0, 1, 0, CHARS_UTF8 | SSML, None, None)
    if status != 0:
        return {"error": f"espeak-ng refused the text with status {status}"}, b""
    return {"events": events}, b"".join(chunks)


def _note(event: _Event, events: list[list[Any]]) -> None:
    if event.type == EVENT_WORD:
        events.append(["word", event.text_position - 1, event.sample])
    elif event.type == EVENT_PHONEME:
        events.append(["phone", event.id.string.decode("utf-8", "ignore"), event.sample])


def answer(library: ctypes.CDLL, rate_hz: int, request: bytes) -> bytes:
    """The response to one request, in the format of the protocol."""
    decoded = json.loads(request)
    header, samples = (list_voices(library), b"") if decoded["do"] == "voices" else speak(library, decoded)
    text = json.dumps({**header, "rate_hz": rate_hz}).encode()
    return HEADER.pack(len(text)) + text + samples


def serve(library: ctypes.CDLL, rate_hz: int) -> None:
    """Answer requests until the input closes, each by a fork that exists before the request arrives.

    The fork reads its request itself, so that this process never changes and all forks start alike. Ends this process,
    with the reason, if a fork dies.
    """
    while True:
        child = os.fork()
        if child == 0:
            die_with_parent()
            os._exit(answer_one(library, rate_hz))
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == NO_MORE:
            return
        if status != 0:
            sys.exit(f"espeak-ng died (wait status {status})")


def answer_one(library: ctypes.CDLL, rate_hz: int) -> int:
    """Answer one request; 0, or NO_MORE when the input is closed."""
    head = exactly(LENGTH.size)
    if not head:
        return NO_MORE
    data = answer(library, rate_hz, exactly(LENGTH.unpack(head)[0]))
    data = LENGTH.pack(len(data)) + data
    while data:
        data = data[os.write(1, data) :]
    return 0


def exactly(size: int) -> bytes:
    """`size` bytes of the input, or nothing when it closes. Not buffered: the rest belongs to the next fork."""
    data = b""
    while len(data) < size:
        chunk = os.read(0, size - len(data))
        if not chunk:
            return b""
        data += chunk
    return data


def die_with_parent() -> None:
    """Ask Linux to end this process when its parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)


if __name__ == "__main__":
    serve(*load(*sys.argv[1:3]))
