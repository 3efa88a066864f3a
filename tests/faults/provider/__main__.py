"""The plain mode: a provider without a key on this machine, to try the whole path with."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading

from .faults import at_random, scripted
from .server import Provider


def main() -> int:
    """Serve until Ctrl-C, then print what was asked."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.provider", description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--faults", type=float, default=0.0, metavar="SHARE", help="share of requests that go wrong")
    parser.add_argument("--rpm", type=int, default=0, metavar="N", help="requests a minute of each key")
    for kind in ("text", "speech", "pictures"):
        parser.add_argument(f"--{kind}", type=float, default=0.0, metavar="SECONDS", help=f"how long {kind} takes")
    options = parser.parse_args()
    latency = {kind: getattr(options, kind) for kind in ("text", "speech", "pictures")}
    faults = at_random(options.faults) if options.faults else scripted()
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    with Provider(faults=faults, latency=latency, requests_per_minute=options.rpm, port=options.port) as provider:
        sys.stdout.write(f"Listening on {provider.url}; Ctrl-C ends it.\n")
        sys.stdout.flush()
        over.wait()
        sys.stdout.write(json.dumps(provider.ledger.sums(), indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
