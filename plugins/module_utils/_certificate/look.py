# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ports serve, seen as a client sees it: ``openssl s_client`` asks for a name and shows the chain that comes."""

from __future__ import annotations

import base64
import re
import socket
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import NamedTuple

from .._errors import MailError
from .._host import commands
from .._probe.connect import Lines
from .._probe.talk import one_line
from .._probe.terms import SERVICES
from .names import ip
from .terms import Served

_AT_ONCE = 4
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")
# The handshake was finished: s_client names the cipher in use. Without it, a chain may have come all the same.
_FINISHED = re.compile(r"^(New|Reused), .*Cipher is [^(\s]", re.MULTILINE)
_REASON = re.compile(r"error:[0-9A-F]+:SSL routines:[^:]*:([^:]+)")
_NO_TLS = ("wrong version number", "packet length too long", "http request", "unknown protocol")
# Shows what is there, however weak its key is.
_ANY = ("-cipher", "DEFAULT:@SECLEVEL=0")
_RSA = (
    "-cipher",
    "aRSA:@SECLEVEL=0",
    "-sigalgs",
    "RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512",
)


class _Words(NamedTuple):
    """How a protocol comes to STARTTLS: the last line of a good greeting and of any, commands, and good replies."""

    greeting: str
    end: str
    commands: Sequence[tuple[str, str, str]]


_WORDS: Mapping[str, _Words] = {
    "smtp": _Words("220", r"\d{3}( |$)", (("EHLO localhost", r"\d{3}( |$)", "250"), ("STARTTLS", r"\d{3} ", "220"))),
    "imap": _Words("* OK", r"\* (OK|BYE|PREAUTH)", (("s1 STARTTLS", r"s1 ", "s1 OK"),)),
    "pop3": _Words("+OK", r"\+OK|-ERR", (("STLS", r"\+OK|-ERR", "+OK"),)),
    "sieve": _Words("OK", r"(OK|NO|BYE)\b", (("STARTTLS", r"(OK|NO|BYE)\b", "OK"),)),
}


class _Port(NamedTuple):
    """Where to ask, and how long to wait for each answer, in seconds."""

    openssl: str
    address: str
    service: str
    number: int
    timeout: float


class _Answer(NamedTuple):
    """``for_all``: the error has nothing to do with the name that was asked for."""

    served: Served
    for_all: bool = False


def look(
    address: str, ports: Mapping[str, int], names: Sequence[str], *, timeout: float = 15, rsa_only: bool = False
) -> list[Served]:
    """What each port shows to a client for each name, in the order of ``ports`` and ``names``.

    ``''`` and IP addresses are asked for without SNI (RFC 6066 has none for them), and for a wildcard some name below
    it. A port that serves no name at all, since nothing listens there or it has no TLS, is asked only once.
    ``timeout`` is in seconds: for one look, and once more to find out why it failed. ``rsa_only`` is a client that
    takes no other than RSA certificates. Raises MailError when there is no openssl.
    """
    openssl = commands.find("openssl")
    if not openssl:
        raise MailError("openssl is not installed", mend="Install the package openssl where this runs.")
    wanted = list(dict.fromkeys(names))
    places = [_Port(openssl, address, service, number, timeout) for service, number in ports.items()]
    if not wanted:
        return []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        first = dict(zip(places, pool.map(lambda place: _ask(place, wanted[0], rsa_only), places)))
        asked = list(product((place for place in places if not first[place].for_all), wanted[1:]))
        later = dict(zip(asked, pool.map(lambda one: _ask(one[0], one[1], rsa_only).served, asked)))
    return [
        first[place].served if name == wanted[0] else later.get((place, name), first[place].served._replace(name=name))
        for place, name in product(places, wanted)
    ]


def _ask(place: _Port, name: str, rsa_only: bool) -> _Answer:
    """Ask one port for one name."""
    nothing = Served(place.service, place.number, name)
    try:
        output, errors = _s_client(place, name, rsa_only)
        chain = tuple(base64.b64decode(body) for body in _PEM.findall(output))
        if chain and _FINISHED.search(output):
            return _Answer(nothing._replace(chain=chain))
        why, for_all = _handshake(errors)
    except commands.TimeLimitError:
        why, for_all = f"no certificate came within {place.timeout:g} seconds", True
    in_clear = _in_clear(place)
    return _Answer(nothing._replace(error=in_clear or why), for_all or bool(in_clear))


def _starttls(service: str) -> str:
    """The protocol in which STARTTLS is said first; nothing where TLS is there from the first byte."""
    found = SERVICES[service]
    return "" if found.implicit else found.protocol


def _s_client(place: _Port, name: str, rsa_only: bool) -> tuple[str, str]:
    """Output and errors of one look. Raises TimeLimitError."""
    host = f"[{place.address}]" if ":" in place.address else place.address
    starttls = _starttls(place.service)
    sni = _sni(name)
    done = commands.run(
        [
            *(place.openssl, "s_client", "-showcerts", "-connect", f"{host}:{place.number}"),
            *("-no-CAfile", "-no-CApath"),  # nothing is verified here, and reading them takes half of the time
            *(("-servername", sni) if sni else ("-noservername",)),
            *(("-starttls", starttls) if starttls else ()),
            *(_RSA if rsa_only else _ANY),
        ],
        stdin="Q\n",
        timeout=place.timeout,
    )
    return done.stdout, done.stderr


def _sni(name: str) -> str:
    """What a client sends that wants to reach ``name``."""
    if ip(name):
        return ""
    return f"any{name[1:]}" if name.startswith("*.") else name


def _handshake(errors: str) -> tuple[str, bool]:
    """Why s_client saw no certificate, in words, and whether this is the same for every name."""
    reason = _REASON.search(errors)
    if reason and reason.group(1) in _NO_TLS:
        return "what answers is not TLS", True
    if "errno=" in errors or (reason and reason.group(1).startswith("unexpected eof")):
        return "the connection is closed during the TLS handshake", False
    if reason:
        return f"the TLS handshake fails: {reason.group(1)}", False
    last = errors.strip().splitlines()[-1:] or ["no certificate is sent"]
    return f"the TLS handshake fails: {last[0]}", False


def _in_clear(place: _Port) -> str:
    """What keeps a client from beginning TLS at all, in words; empty if it can."""
    try:
        connection = socket.create_connection((place.address, place.number), place.timeout)
    except ConnectionRefusedError:
        return "nothing listens on this port"
    except socket.timeout:
        return f"no connection within {place.timeout:g} seconds; does a firewall stand between?"
    except OSError as error:
        return f"it cannot be reached: {error.strerror or error}"
    starttls = _starttls(place.service)
    if not starttls:
        connection.close()
        return ""
    with Lines(connection) as lines:
        return _to_starttls(lines, _WORDS[starttls], place.timeout)


def _to_starttls(lines: Lines, words: _Words, timeout: float) -> str:
    """Talk up to STARTTLS; what was wrong with an answer, in words."""
    asked, said = "", ""
    try:
        for command, end, good in (("", words.end, words.greeting), *words.commands):
            if command:
                lines.send(command)
            asked, said = command.rpartition(" ")[2] if command.startswith("s1") else command, ""
            while not re.match(end, said):
                said = lines.read()
            if not said.startswith(good):
                return f"it answers {asked or 'a new client'} with: {one_line(said)}"
    except socket.timeout:
        if asked:
            return f"it does not answer {asked} within {timeout:g} seconds"
        if said:
            return f"its greeting is not complete within {timeout:g} seconds, as when postscreen makes new clients wait"
        return f"it takes connections but says nothing within {timeout:g} seconds"
    except (OSError, EOFError):
        return f"it closes the connection{f' after {asked}' if asked else ' without a greeting'}"
    return ""
