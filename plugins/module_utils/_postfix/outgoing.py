# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From which addresses and under which names this server sends: an administrator's words, as settings of Postfix."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from .._mail import address, values
from . import client, relay_host
from .part import Elements, Part, Places, Table

HOST, ADDRESS, ADDRESS_AND_NAME, ADDRESSES, NONE = MODES = (
    "host",
    "domain_address",
    "domain_address_and_name",
    "addresses",
    "none",
)
WHEN_NONE = ("reject", "hold")
DOMAIN_OPTIONS = ("ipv4", "ipv6", "helo_name")
OPTIONS = ("mode", "ipv4", "ipv6", "when_none")

_WHERE = "outgoing address"
_OFF = "none"
_MANY = 100
_REFUSAL = "error:5.7.1 this server sends no mail"
_HELD = ("smtp", "relay")


class Exit(NamedTuple):
    """How mail leaves. Each address is one of this host, empty for the host's own choice, or ``none`` for no mail over
    that family; ``helo`` is the name in EHLO, empty for that of the host."""

    ipv4: str = ""
    ipv6: str = ""
    helo: str = ""

    @property
    def is_restricted(self) -> bool:
        """True when an address family is not to be used, which only a service of its own can keep to."""
        return _OFF in (self.ipv4, self.ipv6)

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(text for text in (self.ipv4, self.ipv6) if text not in ("", _OFF))

    @property
    def service(self) -> str:
        """The name of its service of master.cf."""
        off = [f"no-{family}" for family, text in (("ipv4", self.ipv4), ("ipv6", self.ipv6)) if text == _OFF]
        return f"out-{client.slug(' '.join([*self.addresses, *off, self.helo]).strip())}"

    @property
    def options(self) -> dict[str, str]:
        """The options of smtp(8) that make it so."""
        found = {
            "smtp_bind_address": self.ipv4 if self.ipv4 != _OFF else "",
            "smtp_bind_address6": self.ipv6 if self.ipv6 != _OFF else "",
            "smtp_helo_name": self.helo,
            "inet_protocols": {(True, False): "ipv6", (False, True): "ipv4"}.get(
                (self.ipv4 == _OFF, self.ipv6 == _OFF), ""
            ),
        }
        return {name: value for name, value in found.items() if value}


def of_domain(entry: Mapping[str, Any]) -> Exit:
    """What a domain says under ``outgoing``. Raises MailError that names it."""
    name = address.domain_name(entry.get("name"))
    raw, where = entry.get("outgoing") or {}, f"domain {name}: outgoing"
    _check_options(raw, DOMAIN_OPTIONS, where=where)
    helo = raw.get("helo_name") or ""
    if helo:
        try:
            helo = address.domain_name(helo)
        except MailError as error:
            raise MailError(f"{helo!r} is not a host name", where=f"{where}: helo_name", mend=error.mend) from error
    found = Exit(_address(raw, "ipv4", where=where), _address(raw, "ipv6", where=where), helo)
    if found.ipv4 == found.ipv6 == _OFF:
        raise MailError("ipv4 and ipv6 are both none", where=where, mend="Leave one of them to the domain.")
    return found


def is_none(raw: Mapping[str, Any] | None) -> bool:
    """True when no mail is sent."""
    return _read(raw)[0] == NONE


def is_refused(raw: Mapping[str, Any] | None) -> bool:
    """True when mail for others is refused: every address elsewhere then looks unknown, those of senders too."""
    return is_none(raw) and _when_none(raw) == "reject"


def exits(raw: Mapping[str, Any] | None, domains: Sequence[Mapping[str, Any]]) -> Mapping[str, Exit]:
    """How the mail of each sender domain leaves, where it does not leave as main.cf says.

    The key ``""`` stands for all other mail, bounces among it; it is there when main.cf alone cannot say it.
    Raises MailError.
    """
    mode, default = _read(raw)
    found = {"": default} if default.is_restricted and mode != NONE else {}
    if mode not in (ADDRESS, ADDRESS_AND_NAME):
        return found
    for entry in domains:
        if entry.get("state") == "absent":
            continue
        own, name = of_domain(entry), address.domain_name(entry.get("name"))
        leaving = Exit(
            own.ipv4 or (_OFF if default.ipv4 == _OFF else ""),
            own.ipv6 or (_OFF if default.ipv6 == _OFF else ""),
            (own.helo or name) if mode == ADDRESS_AND_NAME else "",
        )
        names = [name, *(address.domain_name(other) for other in entry.get("alias_domains") or ())]
        if any(leaving):
            found.update(dict.fromkeys(names, leaving))
    return found


def part(
    raw: Mapping[str, Any] | None,
    *,
    at: Places,
    domains: Sequence[Mapping[str, Any]],
    relay: Mapping[str, Any] | None = None,
) -> Part:
    """The settings. ``relay`` is what the relay host's part was made of. Raises MailError.

    Bounces have no sender domain, so they leave as everything else that no domain claims: from ``ipv4`` and ``ipv6`` of
    ``raw``, which main.cf gets in every mode.
    """
    mode, default = _read(raw)
    found = exits(raw, domains)
    through = relay_host.transport(relay) if mode != NONE else ""
    if through and found:
        raise MailError(
            "the relay host's tls: wrapper or ca_file needs a service of its own, and so do these addresses",
            where=_WHERE,
            mend="Use tls: encrypt on port 587, or let this host trust the authority, or take the mode 'addresses'.",
        )
    table = Table("out_sender_transport", tuple((f"@{name}", f"{way.service}:") for name, way in found.items() if name))
    held = mode == NONE and _when_none(raw) == "hold"
    transport = through or (found[""].service if "" in found else None)
    told: dict[str, Elements] = {}
    if mode == NONE and not held:
        transport = _REFUSAL
        # It takes every sender elsewhere for unknown now, and nobody could write to this host.
        told = {"smtpd_sender_restrictions": Elements(remove=("reject_unlisted_sender",))}
    bound = any(way.addresses for way in (default, *found.values()))
    ways = dict.fromkeys(found.values())
    return Part(
        parameters={
            "smtp_bind_address": default.options.get("smtp_bind_address"),
            "smtp_bind_address6": default.options.get("smtp_bind_address6"),
            "default_transport": transport,
            "relay_transport": transport,
        },
        if_known={"smtp_bind_address_enforce": "yes" if bound else None},
        elements={
            "sender_dependent_default_transport_maps": at.listed(table),
            "defer_transports": Elements(last=_HELD) if held else Elements(remove=_HELD),
            **told,
        },
        services=[client.service(way.service, "smtp", way.options) for way in ways],
        tables=[table],
        owned=("out-",),
        warnings=_warnings(mode, found, domains, relay),
    )


def _warnings(
    mode: str, found: Mapping[str, Exit], domains: Sequence[Mapping[str, Any]], relay: Mapping[str, Any] | None
) -> list[str]:
    """What an administrator may not have meant."""
    told = []
    if mode == NONE and relay and relay.get("host"):
        told.append(f"{_WHERE}: nothing is sent in the mode none, so the relay host is not used.")
    unused = [str(entry.get("name")) for entry in domains if entry.get("outgoing")]
    if mode not in (ADDRESS, ADDRESS_AND_NAME) and unused:
        told.append(f"{_WHERE}: in the mode {mode}, 'outgoing' of {_some(unused)} does not count.")
    if mode != ADDRESS_AND_NAME:
        return told
    sharing: dict[tuple[str, str], list[Exit]] = {}
    for way in dict.fromkeys(found.values()):
        sharing.setdefault((way.ipv4, way.ipv6), []).append(way)
    for ways in sharing.values():
        if len(ways) > 1:
            where = " and ".join(ways[0].addresses) or "the host's own address"
            told.append(
                f"{_WHERE}: {_some([way.helo for way in ways])} all send from {where}. Lists such as the CBL"
                " take a host that changes its name for a hijacked one; give each an address, or choose domain_address."
            )
    if len(found) > _MANY:
        told.append(
            f"{_WHERE}: {len(found)} domains with names of their own mean {len(set(found.values()))} services with"
            " processes of their own; more than 100 are a load. The mode domain_address needs one per address."
        )
    return told


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _read(raw: Mapping[str, Any] | None) -> tuple[str, Exit]:
    """The mode, and how mail leaves that no domain claims."""
    options = raw or {}
    _check_options(options, OPTIONS, where=_WHERE)
    mode = options.get("mode") or HOST
    if mode not in MODES:
        mend = f"Write one of {', '.join(MODES)}."
        raise MailError(f"{mode!r} is not possible", where=f"{_WHERE}: mode", mend=mend)
    default = Exit(_address(options, "ipv4", where=_WHERE), _address(options, "ipv6", where=_WHERE))
    if mode in (HOST, NONE) and any(default):
        raise MailError(
            f"ipv4 and ipv6 do not count in the mode {mode}",
            where=_WHERE,
            mend="Write mode: addresses, or leave them out.",
        )
    if mode == ADDRESSES and not any(default):
        raise MailError(
            "the mode addresses needs one", where=_WHERE, mend="Write ipv4, ipv6 or both; none switches a family off."
        )
    _when_none(raw)
    if default.ipv4 == default.ipv6 == _OFF:
        return NONE, Exit()
    return mode, default


def _when_none(raw: Mapping[str, Any] | None) -> str:
    word = (raw or {}).get("when_none") or WHEN_NONE[0]
    if word not in WHEN_NONE:
        raise MailError(f"{word!r} is not possible", where=f"{_WHERE}: when_none", mend="Write reject or hold.")
    return str(word)


def _check_options(raw: Any, known: Sequence[str], *, where: str) -> None:
    if not isinstance(raw, Mapping):
        raise MailError("is not a dictionary", where=where, mend=f"Known are {', '.join(known)}.")
    for option in raw:
        if option not in known:
            raise MailError("no such option", where=f"{where}: {option}", mend=values.near_miss(str(option), known))


def _address(raw: Mapping[str, Any], option: str, *, where: str) -> str:
    """An address of this family in its shortest form, ``none``, or nothing."""
    value = raw.get(option)
    if value is None or value == "":
        return ""
    if value == _OFF:
        return _OFF
    try:
        found = ipaddress.ip_address(value if isinstance(value, str) and "%" not in value else "")
    except ValueError:
        found = None
    if found is None or found.version != int(option[-1]):
        what = f"{value!r} is not an {'IPv4' if option == 'ipv4' else 'IPv6'} address"
        raise MailError(what, where=f"{where}: {option}", mend="Write an address of this host, or none.")
    if found.is_unspecified or found.is_multicast:
        raise MailError(f"nothing can be sent from {found}", where=f"{where}: {option}", mend="Write another.")
    return str(found)
