# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One entry of an access list: whom it means, and what Postfix answers (access(5), cidr_table(5), RFC 5321)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Union

from .._errors import MailError
from .._mail import address
from . import marks

KINDS = ("clients", "helos", "senders", "recipients")
MARKING = ("add_header", "tag_subject", "junk")
# What goes with an action beside the match, and what must.
_DETAILS: dict[str, tuple[str, ...]] = {
    "accept": (),
    "defer": ("text", "code"),
    "reject": ("text", "code"),
    "disconnect": ("text", "code"),
    "discard": ("text",),
    "hold": ("text",),
    "redirect": ("address",),
    "add_header": ("header",),
    "tag_subject": ("tag",),
    "junk": (),
}
ACTIONS = tuple(_DETAILS)
_NEEDED = ("address", "header", "tag")
_ALL_DETAILS = ("text", "code", "address", "header", "tag")
_WHOLE_MESSAGE = ("discard", "redirect")
_MAX_TEXT = 200
# Code, enhanced code and words of an answer when the entry has none of its own.
_ANSWERS = {
    "defer": ("450", "4.7.1", "Refused for now, try again later"),
    "reject": ("554", "5.7.1", "Access denied"),
    "disconnect": ("521", "5.7.1", "Access denied"),
}
_CODE = re.compile(r"([45]\d\d)(?: ([45]\.\d{1,3}\.\d{1,3}))?\Z", re.ASCII)
_SENDER_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}\Z", re.ASCII)
_HANGS_UP = ("421", "521")

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


class Entry(NamedTuple):
    """``key`` and ``answer`` as the table has them. ``network`` is None for names; ``mark`` is the header that a
    marking action gives the message, and empty for all others."""

    key: str
    action: str
    answer: str = ""
    network: Network | None = None
    mark: str = ""


def parse(kind: str, raw: Any, *, imap_server: str) -> list[Entry]:
    """The entries of the list ``kind``, in their order. Raises MailError that names the entry."""
    if isinstance(raw, (str, Mapping)) or not isinstance(raw, Sequence):
        raise MailError("is not a list", where=f"access: {kind}", mend="Write a list of entries, or [] for none.")
    entries: list[Entry] = []
    seen: dict[Any, str] = {}
    for index, item in enumerate(raw):
        where = f"access: {kind}[{index}]"
        if not isinstance(item, Mapping) or not isinstance(item.get("match"), str):
            raise MailError("has no match", where=where, mend="Write match: and action:.")
        where = f"{where} '{item['match']}'"
        entry = _entry(kind, item, where=where, imap_server=imap_server)
        _reachable(entry, seen, where)
        entries.append(entry)
    return entries


def _reachable(entry: Entry, seen: dict[Any, str], where: str) -> None:
    """Refuse an entry that an earlier one leaves nothing to: the same name, or a network that holds this one."""
    if entry.network is None:
        wider: list[Any] = [entry.key]
    else:
        wider = [entry.network.supernet(new_prefix=length) for length in range(entry.network.prefixlen + 1)]
    for candidate in wider:
        if candidate in seen:
            raise MailError(
                f"can never match, because '{seen[candidate]}' stands before it",
                where=where,
                mend="Remove one of the two, or put the narrower one first.",
            )
    seen[wider[-1]] = entry.key


def _entry(kind: str, raw: Mapping[str, Any], *, where: str, imap_server: str) -> Entry:
    given = {name: value for name, value in raw.items() if value is not None}
    action = given.get("action")
    if action not in ACTIONS:
        raise MailError(f"the action '{action}' is unknown", where=where, mend=f"Use one of {', '.join(ACTIONS)}.")
    _check_details(given, action, where)
    if kind == "recipients" and action in MARKING:
        raise MailError(
            f"'{action}' marks the whole message, which may have other recipients",
            where=where,
            mend="Mark by client, HELO name or sender, or let the recipient's own Sieve script do it.",
        )
    if kind == "recipients" and action in _WHOLE_MESSAGE:
        raise MailError(
            f"'{action}' would take the message from its other recipients, too",
            where=where,
            mend="Use reject or defer; an alias can send one recipient's mail elsewhere.",
        )
    if action in ("tag_subject", "junk") and imap_server == "none":
        raise MailError(
            f"'{action}' is done by Dovecot's Sieve, and this server keeps no mailboxes (mail_imap_server is none)",
            where=where,
            mend="Use add_header, and let the server that delivers act on that header.",
        )
    network, key = _match(kind, str(given["match"]), where)
    mark = _mark(action, given, where)
    return Entry(key, action, "" if mark else _answer(kind, action, given, where), network, mark)


def _check_details(given: Mapping[str, Any], action: str, where: str) -> None:
    fitting = _DETAILS[action]
    for name in given:
        if name in ("match", "action"):
            continue
        if name not in _ALL_DETAILS:
            raise MailError(f"has no option '{name}'", where=where, mend=f"Known are {', '.join(_ALL_DETAILS)}.")
        if name not in fitting:
            words = f"'{action}' takes {' and '.join(fitting) or 'nothing else'}."
            raise MailError(f"'{name}' does not go with the action '{action}'", where=where, mend=words)
    for name in fitting:
        if name in _NEEDED and name not in given:
            raise MailError(f"the action '{action}' needs '{name}'", where=where, mend=f"Add {name}:.")


def _mark(action: str, given: Mapping[str, Any], where: str) -> str:
    if action == "add_header":
        return marks.header(given["header"], where=where)
    if action == "tag_subject":
        return f"{marks.SUBJECT_TAG}: {_line(given['tag'], 'tag', where)}"
    return f"{marks.JUNK}: yes" if action == "junk" else ""


def _answer(kind: str, action: str, given: Mapping[str, Any], where: str) -> str:
    if action == "accept":
        # For recipients, OK would also skip the checks that refuse closed and full mailboxes.
        return "DUNNO" if kind == "recipients" else "OK"
    if action == "redirect":
        try:
            return f"REDIRECT {address.target_address(given['address'])}"
        except MailError as error:
            raise MailError(error.message, where=where) from error
    text = _line(given["text"], "text", where) if "text" in given else ""
    if action in ("discard", "hold"):
        return f"{action.upper()} {text}".strip()
    code, enhanced, words = _ANSWERS[action]
    if "code" in given:
        code, enhanced = _code(action, str(given["code"]), where)
    return f"{code} {enhanced} {text or words}"


def _code(action: str, raw: str, where: str) -> tuple[str, str]:
    found = _CODE.match(raw)
    first = {"defer": "4", "reject": "5"}.get(action, raw[:1])
    if not found or raw[0] != first or (found[2] and found[2][0] != raw[0]):
        wanted = {"defer": "450 or '450 4.7.1'", "reject": "550 or '550 5.7.1'", "disconnect": "421 or 521"}[action]
        raise MailError(f"the code '{raw}' does not fit '{action}'", where=where, mend=f"Write {wanted}.")
    if (found[1] in _HANGS_UP) != (action == "disconnect"):
        mend = "Write 421 or 521." if action == "disconnect" else "Use the action disconnect for it."
        raise MailError(f"the code '{raw}' does not fit '{action}'", where=where, mend=mend)
    return found[1], found[2] or f"{raw[0]}.7.1"


def _line(raw: Any, option: str, where: str) -> str:
    text = raw.strip() if isinstance(raw, str) else ""
    if not marks.PRINTABLE.match(text) or len(text) > _MAX_TEXT:
        raise MailError(
            f"{option} is not one line of printable ASCII",
            where=where,
            mend=f"Write at most {_MAX_TEXT} characters without line breaks and accents (RFC 5321, RFC 5322).",
        )
    return text


def _match(kind: str, raw: str, where: str) -> tuple[Network | None, str]:
    """The network, or None, and the key of the table."""
    try:
        if kind == "clients":
            network = _network(raw)
            return network, str(network) if network else _name(raw)
        if kind == "helos" and raw.startswith("["):
            return None, _literal(raw)
        if kind == "senders" and raw == "<>":
            return None, raw
        if kind in ("senders", "recipients") and "@" in raw:
            return None, _address(raw)
        return None, address.domain_name(raw) if kind == "recipients" else _name(raw)
    except MailError as error:
        raise MailError(error.what, where=where, mend=error.mend) from error


def _network(raw: str) -> Network | None:
    """``raw`` as a network; None when it is not written like one."""
    bare = raw.strip("[]") if "/" not in raw else raw
    if "/" not in bare and ":" not in bare and not re.fullmatch(r"[\d.]+", bare):
        return None
    try:
        network = ipaddress.ip_network(bare, strict=False)
    except ValueError as error:
        mend = "Write 192.0.2.1, 192.0.2.0/24, 2001:db8::1 or 2001:db8::/32."
        raise MailError("is no address and no network", mend=mend) from error
    if ipaddress.ip_address(bare.partition("/")[0]) != network.network_address:
        raise MailError("has host bits set", mend=f"Did you mean {network}?")
    if network.prefixlen == 0:
        raise MailError("is everybody", mend="Name the networks that are meant.")
    return network


def _literal(raw: str) -> str:
    """An address literal of HELO (RFC 5321 section 4.1.3)."""
    bare = raw[1:-1] if raw.endswith("]") else ""
    six = bare[:5].lower() == "ipv6:"
    try:
        found = ipaddress.ip_address(bare[5:] if six else bare)
    except ValueError:
        found = None
    if found is None or (found.version == 6) is not six:
        raise MailError("is no address literal", mend="Write [192.0.2.1] or [IPv6:2001:db8::1].")
    return raw.lower()


def _name(raw: str) -> str:
    """A name, or with a dot before it all names below."""
    dot = "." if raw.startswith(".") else ""
    return dot + address.domain_name(raw[len(dot) :])


def _address(raw: str) -> str:
    local, _at, domain = raw.rpartition("@")
    if not _SENDER_LOCAL.match(local):
        raise MailError("is not a mail address", mend="Write name@domain, a domain or .domain.")
    return f"{local}@{address.domain_name(domain)}".lower()
