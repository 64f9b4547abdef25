# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sums as a module returns them: plain data, times in UTC, every text made harmless."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from .counted import Client, Reason, Refusal, Sender
from .logins import Account, Failures
from .sums import Sums
from .tally import Record, Tally
from .text import clean
from .when import written

# What is counted, of the whole period and of each interval.
COUNTED = (
    "submitted",
    "submitted_bytes",
    "received",
    "received_bytes",
    "local",
    "local_bytes",
    "notice",
    "notice_bytes",
    "delivered",
    "sent",
    "deferred",
    "bounced",
    "rejected",
    "limited",
    "logins",
    "login_failures",
)
_FEW = 10


def _counts(found: dict[str, int]) -> dict[str, int]:
    return {name: found.get(name, 0) for name in COUNTED}


def _times(record: Record) -> dict[str, str]:
    return {"first": written(record.first), "last": written(record.last)}


def _listed(
    tally: Tally[Any], name: str, most: int, more: Callable[[Any], dict[str, Any]], counted: str
) -> list[dict[str, Any]]:
    """The greatest records of a tally: their key under ``name``, their count under ``counted``."""
    return [
        {name: clean(str(key)), counted: record.count, **more(record), **_times(record)}
        for key, record in tally.top(most)
    ]


def facts(sums: Sums, most: int, is_alive: Callable[[int], bool]) -> dict[str, Any]:
    """All that is returned about the sums; lists have at most ``most`` entries, 0 for all.

    Lists in entries of lists are short unless the sums are about one login: whole ones would make the result huge.
    """
    messages, logins = sums.messages, sums.logins
    inner = most if sums.login else _FEW
    messages.finish()
    return {
        "totals": _counts(sums.volume.totals) | _now(messages.open.values()),
        "volume": [{"time": written(time), **_counts(slot)} for time, slot in sorted(sums.volume.slots.items())],
        "senders": _listed(messages.senders, "login", most, lambda item: _sender(item, inner), "messages"),
        "local_senders": _listed(messages.locals, "sender", most, lambda item: _sender(item, inner), "messages"),
        "clients": _listed(messages.clients, "address", most, _client, "messages"),
        "deferred": [_reason(reason) for _key, reason in messages.deferred.top(most)],
        "bounced": [_reason(reason) for _key, reason in messages.bounced.top(most)],
        "rejected": [_refusal(key, refusal) for key, refusal in messages.rejected.top(most)],
        "limited": [_limited(key, record) for key, record in messages.limited.top(most)],
        "logins": _listed(logins.accounts, "account", most, lambda item: _account(item, inner), "logins"),
        "many_networks": [_places(name, account) for name, account in _widest(logins.accounts, most)],
        "used": sorted(clean(str(name)) for name, account in logins.accounts.records.items() if account.count),
        "failed_accounts": _listed(
            logins.failed_accounts, "account", most, lambda item: _failures(item, "addresses"), "failures"
        ),
        "failed_addresses": _listed(
            logins.failed_addresses, "address", most, lambda item: _failures(item, "accounts"), "failures"
        ),
        "sessions": _sessions(sums, is_alive),
    }


def forgotten(sums: Sums) -> int:
    """How much was left out of the lists because there was too much of it to remember."""
    messages, logins = sums.messages, sums.logins
    tallies: tuple[Tally[Any], ...] = (
        messages.senders,
        messages.locals,
        messages.clients,
        messages.deferred,
        messages.bounced,
        messages.rejected,
        messages.limited,
        logins.accounts,
        logins.failed_accounts,
        logins.failed_addresses,
    )
    return messages.lost + sum(tally.forgotten for tally in tallies)


def _now(messages: Collection[Any]) -> dict[str, int]:
    """What waits at the end of the logs."""
    waiting = [len(message.waiting) for message in messages if message.waiting]
    return {"waiting_messages": len(waiting), "waiting": sum(waiting)}


def _sender(sender: Sender, most: int) -> dict[str, Any]:
    outcomes = ("sent", "waiting", "bounced", "deleted")
    return {
        "bytes": sender.bytes,
        "recipients": sender.recipients,
        **{name: getattr(sender, name) for name in outcomes},
        "rejected": sender.rejected,
        "limited": sender.limited,
        "domain_count": len(sender.domains),
        "client_count": len(sender.clients),
        "domains": _listed(
            sender.domains,
            "domain",
            most,
            lambda item: {name: getattr(item, name) for name in ("messages", *outcomes)},
            "recipients",
        ),
        "clients": _listed(sender.clients, "address", most, _client, "messages"),
        "senders": _listed(sender.senders, "sender", most, lambda _item: {}, "messages"),
    }


def _client(client: Client) -> dict[str, Any]:
    return {"name": clean(client.name), "bytes": client.bytes, "rejected": client.rejected}


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "reason": clean(reason.general),
        "dsn": reason.dsn,
        "attempts": reason.count,
        "recipients": reason.recipients,
        "waiting": reason.waiting,
        "domains": [clean(str(name)) for name, _record in reason.domains.top(_FEW)],
        "example": clean(reason.text),
        **_times(reason),
    }


def _refusal(key: Any, refusal: Refusal) -> dict[str, Any]:
    kind, reply, reason = key
    return {
        "kind": kind,
        "reply": clean(reply),
        "reason": clean(reason),
        "count": refusal.count,
        "clients": len(refusal.clients),
        "addresses": [clean(str(name)) for name, _record in refusal.clients.top(_FEW)],
        "example": clean(refusal.text),
        **_times(refusal),
    }


def _limited(key: Any, record: Record) -> dict[str, Any]:
    login, address, what = key
    return {
        "login": clean(login),
        "address": clean(address),
        "what": clean(what),
        "count": record.count,
        **_times(record),
    }


def _account(account: Account, most: int) -> dict[str, Any]:
    return {
        "services": dict(sorted(account.services.items())),
        "networks": len(account.networks),
        "address_count": len(account.addresses),
        "addresses": _listed(account.addresses, "address", most, lambda _item: {}, "logins"),
    }


def _widest(accounts: Tally[Account], most: int) -> list[tuple[Any, Account]]:
    """The accounts whose logins came from more than one network, those from most networks first."""
    found = [item for item in accounts.records.items() if len(item[1].networks) > 1]
    found.sort(key=lambda item: (-len(item[1].networks), str(item[0])))
    return found[:most] if most else found


def _places(name: Any, account: Account) -> dict[str, Any]:
    networks = account.networks
    some = [clean(str(network)) for network, _record in networks.top(_FEW)]
    return {"account": clean(str(name)), "networks": len(networks), "some_networks": some, "logins": account.count}


def _failures(failures: Failures, others: str) -> dict[str, Any]:
    return {
        "services": dict(sorted(failures.services.items())),
        "succeeded": failures.succeeded,
        others: len(failures.others),
        f"some_{others}": [clean(str(name)) for name, _record in failures.others.top(_FEW)],
    }


def _sessions(sums: Sums, is_alive: Callable[[int], bool]) -> list[dict[str, Any]]:
    """Clients of Postfix that are connected now: the log does not say so yet of those who have sent nothing."""
    return [
        {
            "pid": pid,
            "login": clean(session.login),
            "service": clean(session.service),
            "address": clean(session.address),
            "name": clean(session.name),
            "messages": session.messages,
            "since": written(session.since),
            "last": written(session.last),
        }
        for pid, session in sorted(sums.logins.sessions.items())
        if is_alive(pid)
    ]
