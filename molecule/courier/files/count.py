"""Count how many connections a mail server takes: ``count.py ADDRESS`` with listeners as JSON on standard input.

Each listener is ``port``, ``most`` and ``per_address``; all of them are filled at once. From one address connections
are opened until one is closed without a word, which must be the one after ``per_address``; then from another address
until one has to wait, which must be the one after ``most``. That one is greeted as soon as another one leaves.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import socket
import ssl
import sys

SOURCES = ("192.0.2.53", "192.0.2.54")
TLS = ssl.create_default_context()
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE
PATIENCE = 3.0


def call(port: int, source: str) -> socket.socket:
    connection = socket.create_connection((sys.argv[1], port), timeout=20, source_address=(source, 0))
    connection.settimeout(PATIENCE)
    return connection


def greeting(connection: socket.socket, port: int) -> socket.socket | str:
    """The connection when it was greeted, else what became of it; it is closed then."""
    found = "closed"
    with contextlib.suppress(OSError):
        try:
            if port in (993, 995):
                connection = TLS.wrap_socket(connection)
            if connection.recv(512):
                return connection
        except socket.timeout:
            found = "waits"
    connection.close()
    return found


def fill(port: int, source: str, held: contextlib.ExitStack, most: int) -> tuple[list[socket.socket], str]:
    """Those of ``source`` that were greeted, and what became of the one after them."""
    greeted: list[socket.socket] = []
    while len(greeted) <= most:
        found = greeting(call(port, source), port)
        if isinstance(found, str):
            return greeted, found
        greeted.append(held.enter_context(found))
    return greeted, "greeted"


def wrong(listener: dict) -> list[str]:
    """What is not as it should be with a listener."""
    port, most, per_address = listener["port"], listener["most"], listener["per_address"]
    with contextlib.ExitStack() as held:
        first, then = fill(port, SOURCES[0], held, most)
        faults = [] if (len(first), then) == (per_address, "closed") else [f"one address: {len(first)}, then {then}"]
        second, then = fill(port, SOURCES[1], held, most)
        total = len(first) + len(second)
        faults += [] if (total, then) == (most, "waits") else [f"all: {total}, then {then}"]
        waiting = call(port, SOURCES[1])
        first[0].close()
        found = greeting(waiting, port)
        if isinstance(found, str):
            faults.append(f"after one left: {found}")
        else:
            found.close()
    return [f"port {port}: {fault}" for fault in faults]


def main() -> None:
    listeners = json.load(sys.stdin)
    with concurrent.futures.ThreadPoolExecutor(len(listeners)) as pool:
        faults = [fault for found in pool.map(wrong, listeners) for fault in found]
    print("\n".join(faults) if faults else f"{len(listeners)} listeners take what they should")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
