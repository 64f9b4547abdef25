# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients of our own: services of smtp(8) with their own options, what they log in with and how they use TLS."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._errors import MailError
from .._mail import values
from .next_hop import NextHop

TLS = ("none", "may", "encrypt", "dane", "dane-only", "verify", "secure", "wrapper")
WRAPPER_PORT = 465

# Levels that fall back to plain text when the other side, or somebody between, offers no TLS.
OPPORTUNISTIC = ("none", "may", "dane")
_NAMED = ("verify", "secure", "wrapper")

# Right in main.cf and in every service with tables of its own: smtp(8) ends when it is to log in and has no table.
SASL_PARAMETERS = {
    "smtp_sasl_auth_enable": "${smtp_sasl_password_maps?{yes}:{no}}",
    "smtp_sasl_tls_security_options": "noanonymous",
}


class Login(NamedTuple):
    """What a server asks for. The password is shown nowhere."""

    username: str
    password: str

    @property
    def value(self) -> str:
        """As in a table of smtp_sasl_password_maps."""
        return f"{self.username}:{self.password}"


class Tls(NamedTuple):
    """How mail to one destination is encrypted: an empty ``level`` leaves it to main.cf."""

    level: str = ""
    names: tuple[str, ...] = ()
    ca_file: str = ""

    @property
    def is_wrapper(self) -> bool:
        return self.level == "wrapper"

    @property
    def policy(self) -> str:
        """The value in a table of smtp_tls_policy_maps."""
        level = self.level
        if self.is_wrapper:
            level = "secure" if self.names or self.ca_file else "encrypt"
        return f"{level} match={':'.join(self.names)}" if self.names else level

    @property
    def options(self) -> dict[str, str]:
        """What only a service of its own can have.

        The ``tafile`` of a policy would be opened inside the chroot, where it is not; smtp_tls_CAfile is read before.
        """
        wrapped = {"smtp_tls_wrappermode": "yes", "smtp_tls_security_level": "encrypt"} if self.is_wrapper else {}
        trusted = {"smtp_tls_CAfile": self.ca_file, "smtp_tls_CApath": ""} if self.ca_file else {}
        return {**wrapped, **trusted}


def slug(text: str) -> str:
    """``text`` as a part of a service's name: two texts never give the same one.

    Letters, digits and single dots keep their meaning; a text with anything else, or a long one, gets a checksum.
    """
    base = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-")
    if re.fullmatch(r"[a-z0-9]+(\.[a-z0-9]+)*", text) and len(text) <= 40:
        return base
    return f"{base}-{zlib.crc32(text.encode('utf-8')):08x}".strip("-")


def service(name: str, command: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """A delivery service as the modules take it; chrooted like Debian's own."""
    return {
        "name": name,
        "type": "unix",
        "state": "present",
        "chroot": True,
        "command": command,
        "options": {"syslog_name": f"postfix/{name}", **options},
    }


def login(raw: Mapping[str, Any], *, where: str) -> Login | None:
    """Username and password, both or none. Raises MailError, which never repeats the password."""
    username, password = raw.get("username") or "", raw.get("password") or ""
    if not username and not password:
        return None
    if not username or not password:
        given, missing = ("username", "password") if username else ("password", "username")
        raise MailError(f"has a {given} but no {missing}", where=where, mend="Write both, or none.")
    for option, text in (("username", username), ("password", password)):
        if not isinstance(text, str) or text != text.strip() or values.UNFIT_IN_LINE.search(text):
            raise MailError(
                "cannot stand in a table of Postfix",
                where=f"{where}: {option}",
                mend="Write one line of text without spaces at its ends; quote what YAML takes for a number.",
            )
    if ":" in username:
        raise MailError("holds a colon, which ends the name in Postfix's table", where=f"{where}: username")
    return Login(username, password)


def tls(raw: Mapping[str, Any], *, hop: NextHop | None, secret: bool, where: str) -> Tls:
    """How this destination is encrypted. ``secret`` says that a password travels. Raises MailError."""
    level = raw.get("tls") or ("encrypt" if secret else "")
    if level not in ("", *TLS):
        mend = values.near_miss(str(level), TLS)
        raise MailError(f"{level!r} is no way to use TLS", where=f"{where}: tls", mend=mend)
    names, ca_file = tuple(values.strings(raw.get("tls_names") or ())), raw.get("ca_file") or ""
    if (names or ca_file) and level not in _NAMED:
        option = "tls_names" if names else "ca_file"
        raise MailError(
            f"counts only where the certificate is verified, not with tls: {level or 'as in main.cf'}",
            where=f"{where}: {option}",
            mend="Write tls: secure.",
        )
    for name in names:
        if not re.fullmatch(r"\.?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", name):
            raise MailError(f"{name!r} is not a host name", where=f"{where}: tls_names", mend="Write a list of names.")
    if ca_file and not re.fullmatch(r"/[^\s,]+", str(ca_file)):
        raise MailError(f"{ca_file!r} is not a full path", where=f"{where}: ca_file", mend="Begin it with a slash.")
    if secret and level in OPPORTUNISTIC and not (hop and hop.is_loopback):
        raise MailError(
            f"the password would travel in the clear when tls is {level}",
            where=f"{where}: tls",
            mend="Write encrypt, verify, secure, dane-only or wrapper.",
        )
    verified = level in ("verify", "secure", "dane", "dane-only") or ca_file
    if hop and hop.address and not names and verified:
        raise MailError(
            f"nothing can be verified about the bare address {hop.host}",
            where=f"{where}: tls",
            mend="Write the server's name in next_hop, or the names in its certificate in tls_names.",
        )
    return Tls(level, names, str(ca_file))
