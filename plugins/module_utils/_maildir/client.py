# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at an account as a mail program does, by IMAP and POP3; nothing is changed by it."""

from __future__ import annotations

import contextlib
import hashlib
import imaplib
import ipaddress
import json
import os
import poplib
import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from .._host import files
from .._outcome import Change, Outcome
from .._probe import connect, talk
from . import view
from .view import Folder, Message, View

_AT_ONCE, _BODIES_AT_ONCE = 1000, 50
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


class Server(NamedTuple):
    """Where to look. A port of 0 is not looked at; without ``server_name`` no certificate is verified."""

    host: str
    imap_port: int
    pop3_port: int
    tls: bool
    server_name: str
    ca_file: str
    timeout: float
    sample: int

    def context(self) -> ssl.SSLContext:
        if self.server_name:
            return connect.verifying(self.server_name, connect.read_pem(self.ca_file) if self.ca_file else "")
        if not _is_here(self.host):
            mend = "Give server_name, so that passwords go to nobody else."
            raise MailError("is not this host, and its certificate would not be verified", where=self.host, mend=mend)
        return talk.trusting(self.host)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def run(params: Mapping[str, Any], *, check_mode: bool) -> Outcome:
    """Look at every account, keep what was seen under a name, and compare it with an earlier look."""
    server = Server(**{field: params[field] for field in Server._fields})
    if not server.tls and not _is_here(server.host):
        raise MailError("passwords would travel in clear", where=server.host, mend="Leave tls on.")
    places = {name: _place(params["state_directory"], name) for name in (params["name"], params["compare_to"]) if name}
    facts, changes = [], []
    for account in params["accounts"]:
        address = account["address"]
        seen = _look(server, address, account["password"])
        fact = {"address": address, **_counted(seen), "differences": [], "arrived": 0}
        if params["compare_to"]:
            earlier = _read(places[params["compare_to"]], address)
            fact.update(differences=view.differences(earlier, seen), arrived=view.arrived(earlier, seen))
        facts.append(fact)
        if params["name"] and _keep(places[params["name"]], address, seen, check_mode=check_mode):
            changes.append(Change(params["name"], "", f"what clients of {address} see\n"))
    return Outcome(changes, {"accounts": facts, "same": not any(fact["differences"] for fact in facts)})


def _keep(place: str, address: str, seen: View, *, check_mode: bool) -> bool:
    """Write down what was seen; True when that is something new."""
    data = (json.dumps(view.as_data(seen), sort_keys=True) + "\n").encode()
    path = _file(place, address)
    if files.read_bytes(path) == data:
        return False
    if not check_mode:
        for directory in (os.path.dirname(place), place):
            files.make_directory(directory, mode=0o700, uid=os.geteuid(), gid=os.getegid())
        files.publish(path, data, mode=0o600, uid=os.geteuid(), gid=os.getegid())
    return True


def _counted(seen: View) -> dict[str, int]:
    messages = sum(len(folder.messages) for folder in seen.folders.values())
    return {"folders": len(seen.folders), "messages": messages, "uidls": len(seen.uidls)}


def _place(directory: str, name: str) -> str:
    if not _NAME.fullmatch(name):
        raise MailError(f"'{name}' is not a usable name", mend="Use lower-case letters, digits, - and _.")
    return os.path.join(directory, f"view-{name}")


def _file(place: str, address: str) -> str:
    return os.path.join(place, hashlib.sha256(address.encode()).hexdigest() + ".json")


def _read(place: str, address: str) -> View:
    path = _file(place, address)
    data = files.read_bytes(path)
    if data is None:
        raise MailError(
            "was not looked at before", where=address, mend="Look at it under the name of compare_to first."
        )
    try:
        return view.from_data(json.loads(data))
    except (ValueError, KeyError, TypeError) as error:
        raise MailError(
            "is damaged", where=path, mend="Look at the account again before anything is changed."
        ) from error


def _look(server: Server, address: str, password: str) -> View:
    try:
        folders, subscribed = _imap(server, address, password) if server.imap_port else ({}, [])
        return View(folders, subscribed, _pop3(server, address, password) if server.pop3_port else [])
    except (OSError, EOFError, imaplib.IMAP4.error, poplib.error_proto) as error:
        raise MailError(talk.one_line(talk.explain(error)), where=address, mend="Nothing was changed.") from error


def _imap(server: Server, address: str, password: str) -> tuple[dict[str, Folder], list[str]]:
    with _imap_session(server, address, password) as imap:
        names = view.listed(imap.list('""', "*")[1])
        subscribed = view.listed(imap.lsub('""', "*")[1])
        return {name: _folder(imap, name, server.sample) for name in names}, subscribed


@contextlib.contextmanager
def _imap_session(server: Server, address: str, password: str) -> Iterator[imaplib.IMAP4]:
    if server.tls:
        imap: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            server.host, server.imap_port, ssl_context=server.context(), timeout=server.timeout
        )
    else:
        imap = imaplib.IMAP4(server.host, server.imap_port, timeout=server.timeout)
    with imap:
        talk.log_in_imap(imap, address, password)
        yield imap


def _folder(imap: imaplib.IMAP4, name: str, sample: int) -> Folder:
    kind, data = imap.select(view.quoted(name), readonly=True)
    if kind != "OK":
        raise imaplib.IMAP4.error(f"{name}: {data[0]!r}")
    number = int(data[0] or 0)
    told = imap.response("UIDVALIDITY")[1][0]
    status = imap.status(view.quoted(name), "(UIDNEXT)")[1][0]
    following = re.search(rb"UIDNEXT (\d+)", status or b"")
    messages: dict[int, Message] = {}
    for start in range(1, number + 1, _AT_ONCE):
        lines = imap.fetch(f"{start}:{min(number, start + _AT_ONCE - 1)}", "(UID FLAGS RFC822.SIZE)")[1]
        messages.update(filter(None, (view.message(line) for line in lines if isinstance(line, bytes))))
    for uid, digest in _digests(imap, _sampled(number, sample)):
        if uid in messages:
            messages[uid] = messages[uid]._replace(digest=digest)
    return Folder(int(told or 0), int(following[1]) if following else 0, messages)


def _sampled(number: int, sample: int) -> list[int]:
    """Which messages are read whole: all, or so many spread evenly, the last among them."""
    if sample <= 0 or sample >= number:
        return list(range(1, number + 1)) if sample >= 0 else []
    return sorted({number - number * place // sample for place in range(sample)})


def _digests(imap: imaplib.IMAP4, numbers: Sequence[int]) -> Iterator[tuple[int, str]]:
    for start in range(0, len(numbers), _BODIES_AT_ONCE):
        asked = ",".join(map(str, numbers[start : start + _BODIES_AT_ONCE]))
        lines = imap.fetch(asked, "(UID BODY.PEEK[])")[1]
        for place, line in enumerate(lines):
            if isinstance(line, tuple):
                # Some servers tell the UID after the text.
                rest = lines[place + 1] if place + 1 < len(lines) else b""
                uid = view.uid_of(line[0]) or view.uid_of(rest if isinstance(rest, bytes) else b"")
                yield uid, hashlib.sha256(line[1]).hexdigest()


def _pop3(server: Server, address: str, password: str) -> list[tuple[str, int]]:
    if server.tls:
        pop3: poplib.POP3 = poplib.POP3_SSL(
            server.host, server.pop3_port, context=server.context(), timeout=server.timeout
        )
    else:
        pop3 = poplib.POP3(server.host, server.pop3_port, timeout=server.timeout)
    try:
        talk.log_in_pop3(pop3, address, password)
        uidls = [line.decode("ascii", "replace").split(" ", 1)[1] for line in pop3.uidl()[1]]
        sizes = [int(line.split()[1]) for line in pop3.list()[1]]
        return list(zip(uidls, sizes))
    finally:
        talk.leave(pop3.quit)
