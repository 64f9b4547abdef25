# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Headers that say what this server thinks of a message, in a way that nobody outside can forge.

smtpd(8) puts an internal header with a name that outsiders do not know before the message; cleanup(8) turns it into the
final one and takes away every final one that came with the message (header_checks(5)). Both see all of a message once,
so that exactly one header arrives.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from .._errors import MailError
from .part import Part, Places, Table

# What role dovecot's Sieve script reads; it takes both away before anybody sees them.
JUNK = "X-Mailserver-Junk"
SUBJECT_TAG = "X-Mailserver-Subject-Tag"
INTERNAL = (JUNK, SUBJECT_TAG)

# RFC 5322 section 3.6 and what MIME, signatures and lists live on.
STANDARD = frozenset(
    {
        "arc-authentication-results",
        "arc-message-signature",
        "arc-seal",
        "authentication-results",
        "bcc",
        "cc",
        "comments",
        "date",
        "delivered-to",
        "dkim-signature",
        "from",
        "in-reply-to",
        "keywords",
        "list-id",
        "list-post",
        "list-unsubscribe",
        "message-id",
        "mime-version",
        "received",
        "received-spf",
        "references",
        "reply-to",
        "resent-bcc",
        "resent-cc",
        "resent-date",
        "resent-from",
        "resent-message-id",
        "resent-sender",
        "resent-to",
        "return-path",
        "sender",
        "subject",
        "to",
        "x-original-to",
    }
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,75}\Z")
PRINTABLE = re.compile(r"[ -~]+\Z")
MAX_VALUE = 200


def is_standard(name: str) -> bool:
    """True for a header that mail cannot do without, or that another party of the delivery owns."""
    return name.lower() in STANDARD or name.lower().startswith("content-")


def header_name(raw: object, *, where: str) -> str:
    """``raw`` as the name of a header. Raises MailError."""
    if not isinstance(raw, str) or not _NAME.match(raw):
        raise MailError(
            f"{raw!r} is no name of a header",
            where=where,
            mend="Write letters, digits and hyphens, such as X-Spam-Flag.",
        )
    return raw


def header(raw: object, *, where: str) -> str:
    """``raw`` as a whole header, ``Name: value``, that may be added to a message. Raises MailError."""
    name, colon, value = str(raw).partition(":")
    value = value.strip()
    if not colon or not value:
        raise MailError(f"{raw!r} is no header", where=where, mend="Write it as 'Name: value', such as 'X-Spam: yes'.")
    header_name(name, where=where)
    if is_standard(name):
        raise MailError(f"{name} belongs to the sender or to the delivery", where=where, mend="Use a name of your own.")
    if not PRINTABLE.match(value) or len(value) > MAX_VALUE:
        raise MailError(
            "the value of the header is not printable ASCII",
            where=where,
            mend=f"Write at most {MAX_VALUE} printable ASCII characters without line breaks (RFC 5322).",
        )
    return f"{name}: {value}"


def internal(final: str, *, token: str) -> str:
    """The name that outsiders do not know of the header that becomes ``final``. Raises MailError without a token."""
    if not token:
        raise MailError(
            "the host has none, and internal headers are named after it",
            where="/etc/machine-id",
            mend="Run systemd-machine-id-setup.",
        )
    return f"X-{hashlib.sha256(f'{token}/{final}'.encode()).hexdigest()[:24]}"


def prepend(final: str, *, token: str) -> str:
    """The answer of an access table or a policy service that gives a message the header ``final``."""
    return f"PREPEND {internal(final, token=token)}: 1"


def row(name: str, action: str) -> tuple[str, str]:
    """One line of header_checks(5) for every header of that name."""
    return f"/^{name}:/", action


def checks(name: str, finals: Iterable[str], *, token: str, at: Places) -> Part:
    """The table ``name`` that makes internal headers final and removes forged ones, in header_checks.

    Where Dovecot acts on such a header, forged ones of each kind go. Without ``finals`` there is no table.
    """
    wanted = list(dict.fromkeys(finals))
    rows = [row(internal(final, token=token), f"REPLACE {final.replace('$', '$$')}") for final in wanted]
    names = {final.partition(":")[0].lower(): final.partition(":")[0] for final in wanted}
    if any(known.lower() in names for known in INTERNAL):
        names.update({known.lower(): known for known in INTERNAL})
    table = Table(name, (*rows, *(row(known, "IGNORE") for known in names.values())), kind="regexp")
    return Part(elements={"header_checks": at.listed(table, first=True)}, tables=[table])


def forged(name: str, *, at: Places, strip: bool) -> Part:
    """The table ``name`` that removes what Dovecot acts on from mail as it comes: a milter adds its own later."""
    table = Table(name, tuple(row(known, "IGNORE") for known in INTERNAL) if strip else (), kind="regexp")
    return Part(elements={"header_checks": at.listed(table, first=True)}, tables=[table])
