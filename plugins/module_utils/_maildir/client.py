# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at an account as a mail program does, in sessions by IMAP and POP3; nothing is changed by it."""

from __future__ import annotations

import contextlib
import hashlib
import imaplib
import ipaddress
import poplib
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from .._errors import MailError
from .._probe import connect, talk
from . import view
from .view import Folder, Message, View

_BODIES_AT_ONCE = 50


class Server(NamedTuple):
    """Where to log in. Without ``server_name`` no certificate is verified."""

    host: str
    imap_port: int
    pop3_port: int
    tls: bool
    server_name: str
    ca_file: str
    timeout: float

    def check(self) -> None:
        """Raise MailError when a password might go to somebody else."""
        if not self.tls and not _is_here(self.host):
            raise MailError("passwords would travel in clear", where=self.host, mend="Leave tls on.")

    def context(self) -> ssl.SSLContext:
        """How TLS is spoken. Raises MailError where the certificate of another host would not be verified."""
        if self.server_name:
            return connect.verifying(self.server_name, connect.read_pem(self.ca_file) if self.ca_file else "")
        if not _is_here(self.host):
            mend = "Give server_name, so that passwords go to nobody else."
            raise MailError("is not this host, and its certificate would not be verified", where=self.host, mend=mend)
        return talk.trusting(self.host)


class Depth(NamedTuple):
    """How much is read: ``digests`` of whole messages with all sizes, of ``sample`` messages in each folder, or of
    those that have one in ``earlier``.
    """

    digests: bool = True
    sample: int = 0
    earlier: View | None = None


class Sessions(NamedTuple):
    """How to speak with an account; nothing for a protocol that is left out.

    ``unsettled`` are folders whose numbers the server forgets unless they are opened for writing.
    """

    imap: Callable[[], contextlib.AbstractContextManager[imaplib.IMAP4]] | None
    pop3: Callable[[], contextlib.AbstractContextManager[poplib.POP3]] | None
    unsettled: frozenset[str] = frozenset()


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextlib.contextmanager
def imap_login(server: Server, address: str, password: str) -> Iterator[imaplib.IMAP4]:
    """A session of IMAP, logged in. Raises what imaplib and sockets raise."""
    if server.tls:
        imap: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            server.host, server.imap_port, ssl_context=server.context(), timeout=server.timeout
        )
    else:
        imap = imaplib.IMAP4(server.host, server.imap_port, timeout=server.timeout)
    with imap:
        talk.log_in_imap(imap, address, password)
        yield imap


@contextlib.contextmanager
def pop3_login(server: Server, address: str, password: str) -> Iterator[poplib.POP3]:
    """A session of POP3, logged in. Raises what poplib and sockets raise."""
    if server.tls:
        pop3: poplib.POP3 = poplib.POP3_SSL(
            server.host, server.pop3_port, context=server.context(), timeout=server.timeout
        )
    else:
        pop3 = poplib.POP3(server.host, server.pop3_port, timeout=server.timeout)
    with contextlib.closing(pop3):
        talk.log_in_pop3(pop3, address, password)
        yield pop3


def look(sessions: Sessions, address: str, depth: Depth) -> View:
    """What a client sees. Raises MailError when the server does not answer as it should."""
    try:
        folders, subscribed = _imap(sessions, depth)
        return View(folders, subscribed, _pop3(sessions, depth))
    except (OSError, EOFError, imaplib.IMAP4.error, poplib.error_proto) as error:
        raise MailError(talk.one_line(talk.explain(error)), where=address, mend="Nothing was changed.") from error


def _imap(sessions: Sessions, depth: Depth) -> tuple[dict[str, Folder], list[str]]:
    if sessions.imap is None:
        return {}, []
    with sessions.imap() as imap:
        names = view.listed(imap.list('""', "*")[1])
        subscribed = view.listed(imap.lsub('""', "*")[1])
        return {name: _folder(imap, name, depth, readonly=name not in sessions.unsettled) for name in names}, subscribed


def _folder(imap: imaplib.IMAP4, name: str, depth: Depth, *, readonly: bool) -> Folder:
    kind, data = imap.select(view.quoted(name), readonly=readonly)
    if kind != "OK":
        raise imaplib.IMAP4.error(f"{name}: {(data[0] or b'').decode('utf-8', 'replace')}")
    number = int(data[0] or 0)
    validity = int(imap.response("UIDVALIDITY")[1][0] or 0)
    following = int(imap.response("UIDNEXT")[1][0] or 0) or _following(imap, name)
    asked = "(UID FLAGS RFC822.SIZE)" if depth.digests else "(UID FLAGS)"
    messages = dict(_messages(imap, f"FETCH 1:{number} {asked}")) if number else {}
    if depth.digests:
        _read(imap, name, messages, _whole(name, sorted(messages), depth))
    return Folder(validity, following, messages)


def _messages(imap: imaplib.IMAP4, command: str) -> Iterator[tuple[int, Message]]:
    """UIDs, flags and sizes, read line by line: imaplib takes several times as long, and somebody may be waiting."""
    tag = b"look"
    imap.send(tag + f" {command}\r\n".encode("ascii"))
    while line := imap.readline():
        if line.startswith(tag):
            if not line.startswith(tag + b" OK"):
                raise imaplib.IMAP4.error(line)
            return
        found = view.message(line)
        if found:
            yield found
    raise imaplib.IMAP4.abort("the connection ended")


def _read(imap: imaplib.IMAP4, name: str, messages: dict[int, Message], uids: Sequence[int]) -> None:
    """Put digests in; messages that were deleted in the meantime are taken out."""
    for uid, digest in _digests(imap, uids):
        if uid in messages:
            messages[uid] = messages[uid]._replace(digest=digest)
    missing = [uid for uid in uids if not messages[uid].digest]
    if not missing:
        return
    lines = imap.uid("FETCH", ",".join(map(str, missing)), "(UID FLAGS)")[1]
    there = {view.uid_of(line) for line in lines if isinstance(line, bytes)}
    for uid in missing:
        if uid in there:
            raise imaplib.IMAP4.error(f"{name}: the message with UID {uid} cannot be read")
        del messages[uid]


def _following(imap: imaplib.IMAP4, name: str) -> int:
    """The next UID, from a server that does not tell it of a folder that is opened."""
    status = imap.status(view.quoted(name), "(UIDNEXT)")[1][0]
    found = re.search(rb"UIDNEXT (\d+)", status or b"")
    return int(found[1]) if found else 0


def _whole(name: str, uids: Sequence[int], depth: Depth) -> list[int]:
    """The UIDs of messages to be read whole."""
    if depth.earlier is None:
        return view.spread(uids, depth.sample)
    known = depth.earlier.folders[name].messages if name in depth.earlier.folders else {}
    return [uid for uid in uids if uid in known and known[uid].digest]


def _digests(imap: imaplib.IMAP4, uids: Sequence[int]) -> Iterator[tuple[int, str]]:
    for start in range(0, len(uids), _BODIES_AT_ONCE):
        asked = ",".join(map(str, uids[start : start + _BODIES_AT_ONCE]))
        lines = imap.uid("FETCH", asked, "(UID BODY.PEEK[])")[1]
        for place, line in enumerate(lines):
            if isinstance(line, tuple):
                # Some servers tell the UID after the text.
                rest = lines[place + 1] if place + 1 < len(lines) else b""
                uid = view.uid_of(line[0]) or view.uid_of(rest if isinstance(rest, bytes) else b"")
                yield uid, hashlib.sha256(line[1]).hexdigest()


def _pop3(sessions: Sessions, depth: Depth) -> list[tuple[str, int]]:
    if sessions.pop3 is None:
        return []
    with sessions.pop3() as pop3:
        try:
            uidls = [line.decode("ascii", "replace").split(" ", 1)[1] for line in pop3.uidl()[1]]
            sizes = [int(line.split()[1]) for line in pop3.list()[1]] if depth.digests else [-1] * len(uidls)
            return list(zip(uidls, sizes))
        finally:
            talk.leave(pop3.quit)
