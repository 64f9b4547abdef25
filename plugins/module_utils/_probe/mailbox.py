# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The door to the mailboxes: finds the mail of one probe, counts it, and removes it again."""

from __future__ import annotations

import email
import imaplib
import poplib
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from email.message import Message
from typing import Callable, NamedTuple

from .door import Door
from .talk import HEADER, explain, log_in_imap, log_in_pop3
from .terms import READING, SERVICES, Account, Answer, Sighting

_DAY = 86400
_MOST_FOLDERS = 50
_NEWEST = 100
_FIELDS = f"(BODY.PEEK[HEADER.FIELDS ({HEADER} SUBJECT IN-REPLY-TO AUTO-SUBMITTED)])"


class Found(NamedTuple):
    """Probe mail in one mailbox, and what went wrong while looking (empty if nothing)."""

    sightings: list[Sighting]
    trouble: str


class Mailboxes:
    """Looks into the mailboxes of ``accounts`` for mail that bears the probe's ``token``."""

    def __init__(self, door: Door, token: str) -> None:
        self.door = door
        self.token = token
        self.avoid: set[str] = set()

    def look(self, account: Account, *, everywhere: bool = False) -> Found:
        """What has arrived; in all folders when asked to, else in the inbox (POP3 knows no other)."""
        return self._visit(account, everywhere=everywhere, remove=False)

    def clear(self, account: Account) -> Found:
        """Remove all mail of this probe from all folders; what was there is returned."""
        return self._visit(account, everywhere=True, remove=True)

    def fetch(self, service: str, account: Account, token: str) -> Answer:
        """Read the message with ``token`` whole by one protocol; accepted if the token is in its text."""
        try:
            raw = self._raw(service, account, token)
        except (OSError, EOFError, imaplib.IMAP4.error, poplib.error_proto) as error:
            return Answer("broken", explain(error))
        if f"Token: {token}".encode() in raw and f"{HEADER}: {token}".encode() in raw:
            return Answer("accepted", f"{len(raw)} bytes, token {token}")
        return Answer("refused", "the message is not there")

    def read(self, account: Account, token: str) -> bytes:
        """The message with ``token`` whole; nothing where it cannot be read."""
        service = self._service(account)
        try:
            return self._raw(service, account, token) if service else b""
        except (OSError, EOFError, imaplib.IMAP4.error, poplib.error_proto):
            return b""

    def _raw(self, service: str, account: Account, token: str) -> bytes:
        """May raise whatever the protocol raises."""
        if SERVICES[service].protocol == "imap":
            with self._imap(service, account) as imap:
                imap.select("INBOX", readonly=True)
                newest = reversed(self._search(imap, token))
                return _marked((_fetch_imap(imap, uid, "(BODY.PEEK[])") for uid in newest), token)
        with self._pop3(service, account) as pop3:
            return _marked((raw for _number, raw in _newest(pop3)), token)

    def _visit(self, account: Account, *, everywhere: bool, remove: bool) -> Found:
        service = self._service(account)
        if not service:
            return Found([], "no IMAP or POP3 service to read it with")
        try:
            if SERVICES[service].protocol == "imap":
                with self._imap(service, account) as imap:
                    return Found(list(self._in_folders(imap, account, everywhere, remove)), "")
            with self._pop3(service, account) as pop3:
                return Found(list(self._in_drop(pop3, account, remove)), "")
        except (OSError, EOFError, imaplib.IMAP4.error, poplib.error_proto) as error:
            return Found([], explain(error))

    def _service(self, account: Account) -> str:
        usable = [name for name in READING if name in self.door.ports and name not in self.avoid]
        return next((name for name in usable if account.may_use(SERVICES[name].protocol)), "")

    def _in_folders(self, imap: imaplib.IMAP4, account: Account, everywhere: bool, remove: bool) -> Iterator[Sighting]:
        for folder in _folders(imap) if everywhere else ["INBOX"]:
            if imap.select(_quoted(folder), readonly=not remove)[0] != "OK":
                continue
            uids = self._search(imap, self.token)
            for uid in uids:
                yield self._sighting(account, email.message_from_bytes(_fetch_imap(imap, uid, _FIELDS)))
            if remove and uids:
                _expunge(imap, uids)

    def _in_drop(self, pop3: poplib.POP3, account: Account, remove: bool) -> Iterator[Sighting]:
        for number, raw in _newest(pop3):
            if self.token.encode() in raw:
                yield self._sighting(account, email.message_from_bytes(raw))
                if remove:
                    pop3.dele(number)

    def _search(self, imap: imaplib.IMAP4, token: str) -> list[str]:
        """UIDs of messages since yesterday that hold ``token`` anywhere, so that bounces are found as well."""
        since = time.gmtime(time.time() - _DAY)
        day = f"{since.tm_mday}-{_MONTHS[since.tm_mon - 1]}-{since.tm_year}"
        _state, data = imap.uid("SEARCH", "SINCE", day, "TEXT", f'"{token}"')
        return (data[0] or b"").decode().split()

    def _sighting(self, account: Account, message: Message) -> Sighting:
        mark = str(message.get(HEADER) or "").strip()
        if mark.startswith(self.token):
            return Sighting(account.address, mark, "letter")
        answered = f"{message.get('In-Reply-To') or ''} {message.get('Subject') or ''}"
        match = re.search(re.escape(self.token) + r"-\d+", answered)
        return Sighting(account.address, match.group() if match else self.token, "reply" if match else "other")

    @contextmanager
    def _imap(self, service: str, account: Account) -> Iterator[imaplib.IMAP4]:
        imap = self.door.imap(SERVICES[service])
        try:
            log_in_imap(imap, account.address, account.password)
            yield imap
        finally:
            _quietly(imap.logout)

    @contextmanager
    def _pop3(self, service: str, account: Account) -> Iterator[poplib.POP3]:
        pop3 = self.door.pop3(SERVICES[service])
        try:
            log_in_pop3(pop3, account.address, account.password)
            yield pop3
        finally:
            _quietly(pop3.quit)
            pop3.close()


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _marked(messages: Iterable[bytes], token: str) -> bytes:
    """The first message of exactly this token, which may be the beginning of another one; else nothing."""
    return next((raw for raw in messages if str(email.message_from_bytes(raw).get(HEADER)).strip() == token), b"")


def _folders(imap: imaplib.IMAP4) -> list[str]:
    """Names of the folders that can be opened, inbox first, as the server writes them (RFC 3501, 7.2.2)."""
    names = ["INBOX"]
    for line in imap.list()[1]:
        text = line.decode("utf-8", "replace") if isinstance(line, bytes) else ""
        match = re.match(r'\((?P<flags>[^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (?P<name>.+)\Z', text)
        if match and "\\noselect" not in match["flags"].lower() and "\\nonexistent" not in match["flags"].lower():
            name = match["name"]
            name = re.sub(r"\\(.)", r"\1", name[1:-1]) if name.startswith('"') else name
            if name.upper() != "INBOX":
                names.append(name)
    return names[:_MOST_FOLDERS]


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _fetch_imap(imap: imaplib.IMAP4, uid: str, what: str) -> bytes:
    data = imap.uid("FETCH", uid, what)[1]
    return next((bytes(part[1]) for part in data if isinstance(part, tuple)), b"")


def _expunge(imap: imaplib.IMAP4, uids: list[str]) -> None:
    """Delete exactly these messages; without UIDPLUS (RFC 4315) the server's EXPUNGE takes other deleted ones along,
    so they are only marked then."""
    imap.uid("STORE", ",".join(uids), "+FLAGS.SILENT", r"(\Deleted)")
    if "UIDPLUS" in imap.capabilities or "IMAP4REV2" in imap.capabilities:
        imap.uid("EXPUNGE", ",".join(uids))
        return
    others = set((imap.uid("SEARCH", "DELETED")[1][0] or b"").decode().split()) - set(uids)
    if not others:
        imap.expunge()


def _newest(pop3: poplib.POP3) -> Iterator[tuple[int, bytes]]:
    """The newest messages of the drop, newest first, headers and the first lines."""
    count = pop3.stat()[0]
    for number in range(count, max(count - _NEWEST, 0), -1):
        yield number, b"\r\n".join(pop3.top(number, 60)[1])


def _quietly(goodbye: Callable[[], object]) -> None:
    try:
        goodbye()
    except (OSError, EOFError, imaplib.IMAP4.error, poplib.error_proto):
        return
