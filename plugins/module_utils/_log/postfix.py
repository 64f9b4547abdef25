# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lines of Postfix tell.

Strangers choose parts of them: addresses, which may hold quoted text with anything in it, names in EHLO, what they
claim to be at a login, replies of their servers. So an address is read with its quotes, and a line is read to its end.
"""

from __future__ import annotations

import re
from typing import Callable, Optional

from . import events
from .events import Event
from .line import Line

_ID = r"([0-9A-Za-z]{6,20})"
_ADDRESS = r'<((?:"(?:[^"\\]|\\.)*"|[^">])*)>'
_CLIENT = r"([^\s\[]*)\[([^\]\s]{0,64})\](?::\d+)?"

_BEGUN = re.compile(rf"{_ID}: client={_CLIENT}(?:, (.*))?")
_LOGIN = re.compile(r"(?:^|, )sasl_username=(.*?)(?=, sasl_sender=|, orig_queue_id=|, orig_client=|$)")
_NAMED = re.compile(rf"{_ID}: (?:resent-)?message-id=(.*)")
_SUBMITTED = re.compile(rf"{_ID}: uid=(\d+) from=<(.*)>")
_QUEUED = re.compile(rf"{_ID}: from={_ADDRESS}, size=(\d+), nrcpt=(\d+) \(queue active\)")
_EXPIRED = re.compile(rf"{_ID}: from={_ADDRESS}, status=(?:force-)?expired, returned to sender")
_REMOVED = re.compile(rf"{_ID}: removed")
_DELIVERY = re.compile(
    rf"{_ID}: to={_ADDRESS}, (?:orig_to={_ADDRESS}, )?relay=([^,\s]+), (?:conn_use=\d+, )?"
    r"delay=[\d.]+, delays=[\d./]+, dsn=(\d\.\d{1,3}\.\d{1,3}), status=([\w-]+)(?: \((.*))?"
)
_NOTIFIED = re.compile(rf"{_ID}: (?:sender|postmaster) ([a-z-]+(?: [a-z]+)?) notification: {_ID}")
_MARKED = re.compile(rf"{_ID}: (placed on hold|released from hold|requeued|expired)")
_REFUSED = re.compile(rf"(?:NOQUEUE|{_ID}): (?:milter-)?reject: ([A-Z-]+) from {_CLIENT}: (.*)")
_SAID = re.compile(r"(\d{3}(?: \d\.\d{1,3}\.\d{1,3})?|\d\.\d{1,3}\.\d{1,3}) (.*)")
_WHOM = re.compile(
    rf"from={_ADDRESS},?(?: to={_ADDRESS},?)? proto=\w+,?"
    r"(?: helo=<([^>]*)>)?(?: sasl_method=\S+)?(?: sasl_username=(\S+))?"
)
_OWNED = re.compile(r".*: Sender address rejected: not owned by user (\S+)")
_CONTENT = re.compile(rf"{_ID}: reject: (?:header|body|mime|nested) ")
_CONNECTION = re.compile(rf"(?:dis)?connect from {_CLIENT}")
_FAILED = re.compile(rf"warning: {_CLIENT}: SASL \S+ authentication (?:failed|failure):(.*?)(?:, sasl_username=(.*))?")
_EXCEEDED = re.compile(r"warning: ([A-Za-z ]+?) (?:rate )?limit exceeded: \d+ from \S*?\[([^\]\s]*)\] for service \S+")
_ERRORS = re.compile(rf"(?:{_ID}: )?too many errors after \S+(?: \(.*?\))? from {_CLIENT}")

# What Postfix writes when the other side ended the login before it gave a name.
_NO_NAME = "(unavailable)"
_ATTEMPTS = 8

Reader = Callable[[str, str, int], Optional[Event]]


def _smtpd(text: str, service: str, pid: int) -> Event | None:
    begun = _BEGUN.fullmatch(text)
    if begun:
        login = _LOGIN.search(begun[4] or "")
        return events.Accepted(begun[1], pid, service, begun[3], begun[2], login[1] if login else "")
    if text.startswith(("connect from", "disconnect from")):
        found = _CONNECTION.match(text)
        if found and text.startswith("d"):
            return events.Disconnected(pid)
        return events.Connected(pid, service, found[2], found[1]) if found else events.Cut()
    if text.startswith("warning: "):
        return _warning(text, pid)
    errors = _ERRORS.fullmatch(text)
    return events.Exceeded(pid, errors[3], "errors") if errors else _rejected(text, pid)


def _warning(text: str, pid: int) -> Event | None:
    failed = _FAILED.fullmatch(text)
    if failed:
        name = failed[4] or ""
        return events.LoginFailed("smtp", "" if name == _NO_NAME else name, failed[2], 1)
    exceeded = _EXCEEDED.fullmatch(text)
    return events.Exceeded(pid, exceeded[2], exceeded[1].lower()) if exceeded else None


def _reply(text: str) -> tuple[re.Match[str], re.Match[str]] | None:
    """What was said, and who it was said to. An address may hold what looks like the begin of the latter."""
    end = len(text)
    for _attempt in range(_ATTEMPTS):
        end = text.rfind("; from=<", 0, end)
        said = _SAID.fullmatch(text, 0, end) if end >= 0 else None
        whom = _WHOM.fullmatch(text, end + 2) if said else None
        if said and whom:
            return said, whom
    return None


def _rejected(text: str, pid: int = 0) -> Event | None:
    found = _REFUSED.fullmatch(text)
    if not found:
        return None
    reply = _reply(found[5])
    if not reply:
        return events.Rejected(found[1] or "", pid, found[2], found[4], "", found[5], "", "", "")
    # Before 3.10 the login is not said, but for this reason.
    said, whom = reply
    owned = _OWNED.fullmatch(said[2])
    sender, recipient, login = whom[1], whom[2] or "", whom[4] or (owned[1] if owned else "")
    return events.Rejected(found[1] or "", pid, found[2], found[4], said[1], said[2], sender, recipient, login)


def _cleanup(text: str, _service: str, _pid: int) -> Event | None:
    named = _NAMED.fullmatch(text)
    if named:
        return events.Named(named[1], named[2])
    content = _CONTENT.match(text)
    if content:
        return events.Rejected(content[1], 0, "DATA", "", "550 5.7.1", "content", "", "", "")
    return _rejected(text)


def _qmgr(text: str, _service: str, _pid: int) -> Event | None:
    queued = _QUEUED.fullmatch(text)
    if queued:
        return events.Queued(queued[1], queued[2], int(queued[3]), int(queued[4]))
    removed = _REMOVED.fullmatch(text)
    if removed:
        return events.Removed(removed[1], deleted=False)
    expired = _EXPIRED.fullmatch(text)
    if expired:
        return events.Expired(expired[1])
    return events.Cut() if ": from=<" in text[:24] and "skipped" not in text else _delivery("qmgr", text)


def _pickup(text: str, _service: str, _pid: int) -> Event | None:
    found = _SUBMITTED.fullmatch(text)
    return events.Submitted(found[1], int(found[2]), found[3]) if found else None


def _bounce(text: str, _service: str, _pid: int) -> Event | None:
    found = _NOTIFIED.fullmatch(text)
    return events.Notified(found[1], found[2], found[3]) if found else None


def _postsuper(text: str, _service: str, _pid: int) -> Event | None:
    removed = _REMOVED.fullmatch(text)
    if removed:
        return events.Removed(removed[1], deleted=True)
    found = _MARKED.fullmatch(text)
    return events.Marked(found[1], found[2]) if found else None


def _delivery(program: str, text: str) -> Event | None:
    found = _DELIVERY.fullmatch(text)
    if found:
        # A long reply is cut off where Postfix's own buffer ends, and its bracket with it.
        said = (found[7] or "").removesuffix(")")
        to, original, relay, dsn, status = found.group(2, 3, 4, 5, 6)
        return events.Delivery(found[1], program, to, original or "", relay, dsn, status, said)
    return events.Cut() if ": to=<" in text[:24] else None


_READERS: dict[str, Reader] = {
    "smtpd": _smtpd,
    "postscreen": _smtpd,
    "cleanup": _cleanup,
    "qmgr": _qmgr,
    "pickup": _pickup,
    "bounce": _bounce,
    "postsuper": _postsuper,
}
_AGENTS = {"smtp", "lmtp", "relay", "local", "virtual", "pipe", "error", "retry", "discard", "spawn"}
_OTHERS = {"master", "anvil", "tlsmgr", "scache", "trivial-rewrite", "verify", "proxymap", "postfix-script", "postlog"}


def reader(tag: str) -> Callable[[Line], Event | None] | None:
    """What reads lines whose tag is ``postfix/smtpd`` or ``postfix/submission/smtpd``; None for other programs."""
    head, _slash, program = tag.rpartition("/")
    service, own = head.partition("/")[2], _READERS.get(program)
    if own is not None:
        return lambda line: own(line.text, service, line.pid)
    if program in _AGENTS:
        return lambda line: _delivery(program, line.text)
    return (lambda _line: None) if program in _OTHERS else None
