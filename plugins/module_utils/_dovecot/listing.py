# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What doveconf prints: services with their sockets and ports, and which of its complaints count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_BLOCK = re.compile(r'(\S+)(?: "?(.*?)"?)? \{\Z')
# Dovecot 2.3.13 prints this one for every configuration while no daemon runs.
_HARMLESS = re.compile(r"t_readlink\(.*\) failed")

# Dovecot 2.3 marks files with a <, 2.4 has the settings in a block ssl_server.
_KEY_PAIRS = (
    ("ssl_cert", "ssl_key"),
    ("ssl_alt_cert", "ssl_alt_key"),
    ("cert_file", "key_file"),
    ("alt_cert_file", "alt_key_file"),
)


class Node(NamedTuple):
    """One block: ``service imap-login { … }`` has the kind ``service`` and the name ``imap-login``."""

    kind: str
    name: str
    settings: dict[str, str]
    children: list[Node]


class Socket(NamedTuple):
    """A unix_listener that Dovecot creates; ``user`` and ``group`` are empty for root's."""

    service: str
    path: str
    user: str
    group: str


class Port(NamedTuple):
    """An inet_listener that is open; ``tls`` from the first byte on."""

    service: str
    name: str
    number: int
    tls: bool


class Listing(NamedTuple):
    """What the services of the running protocols listen on, and the users that they run as."""

    sockets: list[Socket]
    ports: list[Port]
    users: list[str]


def complaints(stderr: str) -> list[str]:
    """The lines of doveconf's standard error that speak against a configuration, without the program's name."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip() and not _HARMLESS.search(line)]
    return [re.sub(r"^doveconf: ", "", line) for line in lines]


def protocols(text: str) -> list[str]:
    """The names in ``doveconf -h protocols``: a list of words in 2.3, one ``name = yes`` per line in 2.4."""
    lines = [line.split(" = ") for line in text.splitlines()]
    return [name for first, *value in lines if value in ([], ["yes"]) for name in first.split()]


def read(text: str, running: Sequence[str]) -> Listing:
    """The services in the output of ``doveconf service``, without those that belong to a protocol that does not run."""
    listing = Listing([], [], [])
    for service in parse(text).children:
        if service.kind != "service" or service.settings.get("protocol", "") not in ("", *running):
            continue
        listing.users.append(service.settings.get("user", ""))
        for child in service.children:
            found = child.settings
            if child.kind == "unix_listener" and found.get("mode", "0600") != "0":
                listing.sockets.append(Socket(service.name, child.name, found.get("user", ""), found.get("group", "")))
            if child.kind == "inet_listener" and found.get("port", "0") != "0":
                listing.ports.append(Port(service.name, child.name, int(found["port"]), found.get("ssl") == "yes"))
    return listing


def key_pairs(text: str) -> list[tuple[str, str]]:
    """The files of each certificate and its key, once, in the output of ``doveconf -n -P``: the first, then by name."""
    found: list[tuple[str, str]] = []
    blocks = [parse(text)]
    for block in blocks:
        blocks += block.children
        for names in _KEY_PAIRS:
            certificate, key = (block.settings.get(name, "").lstrip("<") for name in names)
            if certificate.startswith("/") and key.startswith("/"):
                found.append((certificate, key))
    return list(dict.fromkeys(found))


def parse(text: str) -> Node:
    """The blocks and settings of doveconf's output, below a nameless root."""
    stack = [Node("", "", {}, [])]
    for line in map(str.strip, text.splitlines()):
        block = _BLOCK.match(line)
        if block:
            stack.append(Node(block[1], block[2] or "", {}, []))
            stack[-2].children.append(stack[-1])
        elif line == "}" and len(stack) > 1:
            stack.pop()
        elif " = " in line or line.endswith(" ="):
            name, _sign, value = line.partition(" =")
            stack[-1].settings[name] = value.strip()
    return stack[0]
