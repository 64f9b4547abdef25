# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an account is: options to columns, and the plan that leads from the stored account to the wanted one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Callable, NamedTuple, Protocol

from .._errors import MailError
from .._store.schema import LOCKED_HASH
from . import address as _address
from . import autoreply as _autoreply
from . import password as _password
from . import quota as _quota
from . import values as _values

STATUSES = ("active", "disabled", "suspended")
_STATES = ("present", "absent")
_UPDATES = ("always", "on_create")
MAX_FORWARDS = 1000  # virtual_alias_expansion_limit of Postfix


class Stored(NamedTuple):
    """An account as the store has it: its columns by name, without the address, and its two lists."""

    columns: dict[str, Any]
    forwards: frozenset[str]
    senders: frozenset[str]


class Wanted(NamedTuple):
    """An account as a task wants it. Columns that are not there and lists that are None stay as they are."""

    address: str
    columns: dict[str, Any]
    forwards: frozenset[str] | None = None
    senders: frozenset[str] | None = None
    password: _password.Password | None = None
    update_password: str = "always"
    present: bool = True
    purge_mail: bool = False
    rename_from: str = ""


class Rules(NamedTuple):
    """What holds for every account of a call."""

    policy: _password.Policy
    scheme: str = "sha512-crypt"
    update_password: str = "always"
    omitted: str = "keep"
    delimiter: str = "+"
    purge_mail: bool = False


class Hasher(Protocol):
    """Settles the hash to store: ``stored`` itself when the password already belongs to it."""

    def __call__(self, address: str, password: _password.Password, stored: str) -> str: ...


def _status(value: Any) -> str:
    if value not in STATUSES:
        raise MailError(f"{value!r} is not a status", mend=f"Choose one of {', '.join(STATUSES)}.")
    return str(value)


def _quota_bytes(value: Any) -> int | None:
    return None if value == "default" else _quota.parse_size(value, what="")


def _message_bytes(value: Any) -> int:
    return _quota.parse_size(value, what="")


# option: (column, how its value becomes the column's)
_COLUMNS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "status": ("status", _status),
    "mailbox": ("mailbox", _values.switch),
    "keep_copy": ("keep_copy", _values.switch),
    "imap": ("allow_imap", _values.switch),
    "pop3": ("allow_pop3", _values.switch),
    "smtp": ("allow_smtp", _values.switch),
    "sieve": ("allow_sieve", _values.switch),
    "send_only": ("send_only", _values.switch),
    "receive_only": ("receive_only", _values.switch),
    "quota": ("quota_bytes", _quota_bytes),
    "max_message_size": ("max_message_bytes", _message_bytes),
    "allowed_networks": ("allow_nets", _values.networks),
    "full_name": ("full_name", _values.line),
    "note": ("note", _values.line),
}
# option: what its items are; a sender must be an address of this server, and becomes the key of a Postfix table
_LISTS: dict[str, Callable[[Any], str]] = {
    "forward_to": _address.target_address,
    "sender_addresses": _address.own_address,
}
_OTHERS = (
    *("name", "state", "password", "update_password", "forward_to", "sender_addresses"),
    *("autoreply", "rename_from", "purge_mail"),
)
OPTIONS = frozenset((*_COLUMNS, *_OTHERS))
_READ_APART = frozenset(("name", "state", "password", "update_password"))

DEFAULTS: dict[str, Any] = {
    "status": "active",
    **dict.fromkeys(("mailbox", "keep_copy", "allow_imap", "allow_pop3", "allow_smtp", "allow_sieve"), 1),
    **dict.fromkeys(("send_only", "receive_only"), 0),
    "quota_bytes": None,
    "max_message_bytes": 0,
    **dict.fromkeys(("allow_nets", "full_name", "note", "autoreply"), ""),
}


def parse(entry: Mapping[str, Any], rules: Rules) -> Wanted:
    """The wanted account of one entry of a list, or of a module's own options. Raises MailError that names it."""
    if not isinstance(entry, (dict, Mapping)):
        raise MailError("is not a dictionary", where=f"account entry of type {type(entry).__name__}")
    address = _address.own_address(entry.get("name"), delimiter=rules.delimiter)
    columns = dict(DEFAULTS) if rules.omitted == "default" else {}
    nobody: frozenset[str] | None = frozenset() if rules.omitted == "default" else None
    lists = {"forward_to": nobody, "sender_addresses": nobody}
    purge_mail, rename_from = None, ""
    for option, value in entry.items():
        if value is None or option in _READ_APART:
            continue
        field = _COLUMNS.get(option)
        try:
            if field:
                columns[field[0]] = field[1](value)
            elif option in lists:
                lists[option] = _addresses(value, address, _LISTS[option])
            elif option == "autoreply":
                columns["autoreply"] = _autoreply_column(value, address)
            elif option == "purge_mail":
                purge_mail = bool(_values.switch(value))
            elif option == "rename_from" and value:
                rename_from = _address.own_address(value)
            elif option not in OPTIONS:
                raise MailError("no such option", mend=_values.near_miss(str(option), OPTIONS))
        except MailError as error:
            raise _of_option(error, address, str(option)) from error
    if rename_from == address:
        raise MailError("is the account's own address", where=f"account {address}: rename_from", mend="Leave it out.")
    return Wanted(
        address,
        columns,
        lists["forward_to"],
        lists["sender_addresses"],
        _parse_password(entry.get("password"), address, rules),
        _choice(entry.get("update_password") or rules.update_password, _UPDATES, address, "update_password"),
        _choice(entry.get("state") or "present", _STATES, address, "state") == "present",
        rules.purge_mail if purge_mail is None else purge_mail,
        rename_from,
    )


def parse_all(entries: Iterable[Mapping[str, Any]], rules: Rules) -> list[Wanted]:
    """The wanted accounts of a list, each address at most once."""
    wanted = [parse(entry, rules) for entry in entries]
    seen: set[str] = set()
    for item in wanted:
        if item.address in seen:
            raise MailError("is listed twice", where=f"account {item.address}", mend="Merge the two entries.")
        seen.add(item.address)
    return wanted


def _of_option(error: MailError, address: str, option: str) -> MailError:
    """The same error with the account and the option as its place; a rule that knows no account names only a value."""
    if error.where.startswith("account "):
        return error
    return MailError(f"{error.where} {error.what}".strip(), where=f"account {address}: {option}", mend=error.mend)


def _choice(value: str, known: Collection[str], address: str, option: str) -> str:
    if value not in known:
        raise MailError(
            f"{value!r} is not known", where=f"account {address}: {option}", mend=_values.near_miss(str(value), known)
        )
    return value


def _parse_password(value: Any, address: str, rules: Rules) -> _password.Password | None:
    if value is None:
        return None
    parsed = _password.parse(value, address=address)
    if not parsed.is_hash:
        _password.check(parsed, rules.policy, address=address, scheme=rules.scheme)
    return parsed


def _addresses(value: Any, own: str, read: Callable[[Any], str]) -> frozenset[str]:
    """Addresses of a list option; twice the same, the account itself, and too many are errors."""
    items = [read(item) for item in _values.strings(value)]
    result = frozenset(items)
    folded = [item.lower() for item in items]
    if len(set(folded)) < len(items):
        twice = min(item for item in folded if folded.count(item) > 1)
        raise MailError(f"{twice} is listed twice", mend="Take one of them out.")
    if own in folded:
        raise MailError("holds the account's own address", mend="For a local copy use keep_copy.")
    if len(result) > MAX_FORWARDS:
        raise MailError(f"holds more than {MAX_FORWARDS} addresses", mend="Use a mailing list manager.")
    return result


def _autoreply_column(value: Any, address: str) -> str:
    import json  # noqa: PLC0415  # only accounts with a reply need it

    reply = _autoreply.parse(value, address=address)
    return "" if reply is None else json.dumps(reply._asdict(), sort_keys=True, ensure_ascii=False)


def autoreply_of(column: str) -> _autoreply.Autoreply | None:
    """The reply that is kept in the ``autoreply`` column."""
    import json  # noqa: PLC0415

    return _autoreply.Autoreply(**json.loads(column)) if column else None


def plan(stored: Stored | None, wanted: Wanted, *, home: str, hasher: Hasher) -> Stored:
    """The account as it shall be stored; equal to ``stored`` when nothing is to be done. Raises MailError.

    ``home`` is where the mail of a new account goes.
    """
    if stored is None:
        columns = {"pwhash": LOCKED_HASH, "home": home, **DEFAULTS, **wanted.columns}
        stored = Stored({}, frozenset(), frozenset())
    else:
        columns = {**stored.columns, **wanted.columns}
    if wanted.password and (not stored.columns or wanted.update_password == "always"):
        columns["pwhash"] = hasher(wanted.address, wanted.password, columns["pwhash"])
    result = Stored(
        columns,
        stored.forwards if wanted.forwards is None else wanted.forwards,
        stored.senders if wanted.senders is None else wanted.senders,
    )
    if not columns["mailbox"] or columns["send_only"]:
        _check_combination(result, wanted)
    return result


def _check_combination(account: Stored, wanted: Wanted) -> None:
    where = f"account {wanted.address}"
    columns = account.columns
    if not columns["mailbox"] and not account.forwards:
        raise MailError(
            "has no mailbox and nowhere to send its mail on to", where=where, mend="Give forward_to, or mailbox: true."
        )
    if not columns["mailbox"] and wanted.password:
        raise MailError("has no mailbox, so nobody can log in", where=f"{where}: password", mend="Leave it out.")
    if not columns["mailbox"] and columns["autoreply"]:
        raise MailError(
            "has no mailbox, so nothing would reply",
            where=f"{where}: autoreply",
            mend="Write autoreply: {}, or mailbox: true.",
        )
    if columns["send_only"] and columns["receive_only"]:
        raise MailError("is both send_only and receive_only", where=where, mend="Choose one, or status: suspended.")
    if columns["send_only"] and account.forwards:
        raise MailError("takes no mail (send_only), so it has none to forward", where=where, mend="Choose one of them.")


def describe(before: Stored | None, after: Stored | None) -> tuple[str, str]:
    """Both sides of a diff as text, one option per line; of the password only whether it is set or changed."""
    texts = []
    for account in (before, after):
        options = options_of(account) if account else {}
        if account is after and before and after and before.columns["pwhash"] != after.columns["pwhash"]:
            options["password"] = "(changed)"
        texts.append("".join(f"{option}: {value}\n" for option, value in options.items() if value not in ("", [], {})))
    return texts[0], texts[1]


def options_of(account: Stored) -> dict[str, Any]:
    """The account in the words of the module's options, without any secret."""
    columns = account.columns
    result: dict[str, Any] = {"password": "(none)" if columns["pwhash"] == LOCKED_HASH else "(set)"}
    for option, (column, _convert) in _COLUMNS.items():
        value = columns[column]
        if option in ("quota", "max_message_size"):
            value = "default" if value is None else _quota.render_size(value)
        elif option == "allowed_networks":
            value = value.split(",") if value else []
        elif _convert is _values.switch:
            value = bool(value)
        result[option] = value
    reply = autoreply_of(columns["autoreply"])
    result["autoreply"] = {} if reply is None else reply_options(reply)
    result["forward_to"] = sorted(account.forwards)
    result["sender_addresses"] = sorted(account.senders)
    result["home"] = columns["home"]
    return result


def reply_options(reply: _autoreply.Autoreply) -> dict[str, Any]:
    """An automatic reply in the words of the module's options."""
    options = {"subject": reply.subject, "text": reply.text, "days": reply.days}
    for option, value in (("from", reply.start), ("until", reply.end), ("sender", reply.sender)):
        if value:
            options[option] = value
    return options
