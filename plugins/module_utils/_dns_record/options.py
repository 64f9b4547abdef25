# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an administrator says about the records of a domain: the option ``dns`` of a domain, over ``mail_dns``."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._errors import MailError
from .._mail.values import near_miss, switch
from . import dmarc, mta_sts, record

_ALL = {"fail": "-", "softfail": "~", "neutral": "?"}
_SPF = ("all", "include", "addresses")
_STS = ("mode", "max_age", "host")
NULL = "."
OFF = "off"


class Options(NamedTuple):
    """The words, judged. ``mx`` is None for the server's own name; ``spf`` and ``dmarc`` are empty for no record."""

    manage: bool = True
    ttl: int = record.TTL
    mx: tuple[str, ...] | None = None
    spf: bool = True
    spf_end: str = "~"
    spf_includes: tuple[str, ...] = ()
    spf_addresses: tuple[str, ...] = ()
    dmarc: str = "v=DMARC1; p=none"
    tlsa: bool = True
    mta_sts_mode: str = "off"
    mta_sts_max_age: int = 604800
    mta_sts_host: str = ""
    tls_rpt: tuple[str, ...] = ()
    srv: bool = True
    client_name: str = ""
    autoconfig: str = ""
    caa: tuple[str, ...] = ()


KNOWN = ("manage", "ttl", "mx", "spf", "dmarc", "tlsa", "mta_sts", "tls_rpt", "srv", "client_name", "autoconfig", "caa")


def merge(general: Mapping[str, Any], own: Any, *, where: str) -> Mapping[str, Any]:
    """The words of a domain over the general ones; those of ``spf``, ``dmarc`` and ``mta_sts`` one by one."""
    if isinstance(own, bool):
        own = {"manage": own}
    if not isinstance(own, Mapping):
        raise MailError("is not a dictionary", where=where, mend="Write options such as mx: [mx.example.com].")
    both = dict(general)
    for key, value in own.items():
        before = both.get(key)
        both[key] = {**before, **value} if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return both


def read(raw: Mapping[str, Any], *, where: str) -> Options:
    """The options of one domain. Raises MailError that names the word."""
    _check(raw, KNOWN, where)
    ttl = raw.get("ttl", record.TTL)
    sts = _words(raw.get("mta_sts") or None, "mode", _STS, f"{where}: mta_sts")
    mode = sts.get("mode") or OFF
    if mode not in (OFF, *mta_sts.MODES):
        raise MailError(f"{mode!r} is no mode", where=f"{where}: mta_sts", mend=near_miss(str(mode), mta_sts.MODES))
    policy = raw.get("dmarc")
    result = Options(
        manage=_flag(raw, "manage", where),
        ttl=_number(ttl, 60, 604800, f"{where}: ttl"),
        mx=None if raw.get("mx") is None else _names(raw["mx"], f"{where}: mx"),
        dmarc="" if policy is False else dmarc.make(_mapping(policy, f"{where}: dmarc"), where=f"{where}: dmarc"),
        tlsa=_flag(raw, "tlsa", where),
        mta_sts_mode=mode,
        mta_sts_max_age=_number(sts.get("max_age", 604800), 86400, 31557600, f"{where}: mta_sts: max_age"),
        mta_sts_host=_name(sts.get("host"), f"{where}: mta_sts: host"),
        tls_rpt=tuple(_report(item, f"{where}: tls_rpt") for item in _listed(raw.get("tls_rpt"), f"{where}: tls_rpt")),
        srv=_flag(raw, "srv", where),
        client_name=_name(raw.get("client_name"), f"{where}: client_name"),
        autoconfig=_name(raw.get("autoconfig"), f"{where}: autoconfig"),
        caa=_names(raw.get("caa"), f"{where}: caa"),
    )
    return result._replace(**_spf(raw.get("spf"), f"{where}: spf"))


def _spf(raw: Any, where: str) -> dict[str, Any]:
    if raw is False:
        return {"spf": False}
    words = _words(raw, "all", _SPF, where)
    end = words.get("all", "softfail")
    if end not in _ALL:
        mend = "Write fail, softfail or neutral; pass would let the whole world send as this domain."
        raise MailError(f"{end!r} cannot end the record", where=f"{where}: all", mend=mend)
    addresses = []
    for item in _listed(words.get("addresses"), f"{where}: addresses"):
        try:
            addresses.append(str(ipaddress.ip_network(item)))
        except ValueError as error:
            mend = "Write an address, or a network such as 192.0.2.0/24."
            raise MailError(f"'{item}' is no network", where=f"{where}: addresses", mend=mend) from error
    includes = _names(words.get("include"), f"{where}: include")
    return {"spf_end": _ALL[end], "spf_includes": includes, "spf_addresses": tuple(addresses)}


def _words(raw: Any, short: str, known: tuple[str, ...], where: str) -> Mapping[str, Any]:
    """A dictionary; a plain word stands for its most important option."""
    found = {short: raw} if isinstance(raw, str) else _mapping(raw, where)
    _check(found, known, where)
    return found


def _mapping(raw: Any, where: str) -> Mapping[str, Any]:
    if raw in (None, True):
        return {}
    if not isinstance(raw, Mapping):
        raise MailError("is not a dictionary", where=where, mend="Write its options, or false for no record.")
    return raw


def _check(raw: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    unknown = sorted(str(key) for key in raw if key not in known)
    if unknown:
        raise MailError("no such option", where=f"{where}: {unknown[0]}", mend=near_miss(unknown[0], known))


def _flag(raw: Mapping[str, Any], key: str, where: str) -> bool:
    try:
        return bool(switch(raw.get(key, True)))
    except MailError as error:
        raise MailError(error.what, where=f"{where}: {key}", mend=error.mend) from error


def _number(value: Any, low: int, high: int, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise MailError(f"{value!r} is not a number of seconds", where=where, mend=f"Write {low} to {high}.")
    return value


def _listed(value: Any, where: str) -> list[Any]:
    items = [value] if isinstance(value, str) and value else value or []
    if not isinstance(items, (list, tuple)):
        raise MailError("is not a list", where=where, mend="Write a list, or leave it out.")
    return list(items)


def _names(value: Any, where: str) -> tuple[str, ...]:
    return tuple(NULL if item == NULL else record.name(item, where=where) for item in _listed(value, where))


def _name(value: Any, where: str) -> str:
    return record.name(value, where=where) if value else ""


def _report(item: Any, where: str) -> str:
    text = str(item)
    if text.startswith(("mailto:", "https://")) and not set(text) & set(" ,;"):
        return text
    if text.count("@") == 1 and not set(text) & set(" :,;"):
        return f"mailto:{text}"
    raise MailError(f"'{item}' is no address for reports", where=where, mend="Write name@example.com or an https URL.")
