# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How certificates are asked for by ACME (RFC 8555): an administrator's words as options of certbot."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .._argspec import Spec
from .._errors import MailError
from .._mail import address
from . import names as _names
from . import request

ROOT = "/etc/letsencrypt"
CREDENTIALS = f"{ROOT}/mailserver-rfc2136.ini"
LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"
METHODS = ("standalone", "webroot", "hook", "rfc2136")
ALGORITHMS = ("hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512")
RSA_SIZES = (2048, 3072, 4096)

# The options of the module that say how certificates are asked for.
SPEC: Spec = {
    "email": {"type": "str", "required": True},
    "server": {"type": "str", "default": LETS_ENCRYPT},
    "method": {"type": "str", "choices": list(METHODS), "default": "standalone"},
    "http_port": {"type": "int", "default": 80},
    "webroot": {"type": "path"},
    "auth_hook": {"type": "path"},
    "cleanup_hook": {"type": "path"},
    "rfc2136": {
        "type": "dict",
        "options": {
            "server": {"type": "str", "required": True},
            "port": {"type": "int", "default": 53},
            "key_name": {"type": "str", "required": True, "no_log": False},
            "key_secret": {"type": "str", "required": True, "no_log": True},
            "key_algorithm": {
                "type": "str",
                "choices": list(ALGORITHMS),
                "default": "hmac-sha256",
                "no_log": False,
            },
            "propagation_seconds": {"type": "int", "default": 60},
        },
    },
    "key_type": {"type": "str", "choices": ["ecdsa", "rsa"], "default": "ecdsa", "no_log": False},
    "rsa_key_size": {"type": "int", "choices": list(RSA_SIZES), "default": 3072, "no_log": False},
    "reuse_key": {"type": "bool", "default": False, "no_log": False},
}

_MASK = "dns_rfc2136_secret = ********"
# As many names as Let's Encrypt puts into one certificate.
_MOST_NAMES = 100
# Certbot hands a hook to a shell.
_HOOK = re.compile(r"/[A-Za-z0-9._/+-]+\Z")
_KEY_NAME = re.compile(r"[A-Za-z0-9._-]+\Z")
# What no URL has in it here: certbot's renewal configurations read %(name)s as another value of theirs.
_NOT_IN_URL = re.compile(r"[\s\x00-\x1f\x7f@'\"]|%\(")
_NOT_IN_PATH = re.compile(r"[\s\x00-\x1f\x7f,'\"#]|%\(")
# Lines of the credentials that a diff may show.
_NO_SECRET = re.compile(r"# Written by [^=]*|dns_rfc2136_(?:server|port|name|algorithm)\s*=\s*\S*|\s*")


class Settings(NamedTuple):
    """How certificates are asked for. ``proof`` and ``kept`` are options as certbot's renewal configurations have them.

    A new ``proof`` (how the names are proved) is tried by issuing; ``kept`` can be written for renewals. ``key`` is as
    in :class:`Facts`, ``credentials`` what ``CREDENTIALS`` has to hold, ``port`` one that must be free; 0: none.
    """

    email: str
    server: str
    method: str
    proof: Mapping[str, str]
    kept: Mapping[str, str]
    key: str
    credentials: str = ""
    port: int = 0

    @property
    def hooks(self) -> tuple[str, ...]:
        """The programs of the administrator that certbot runs."""
        return tuple(self.proof[key] for key in ("manual_auth_hook", "manual_cleanup_hook") if self.proof.get(key))


class Wish(NamedTuple):
    """A certificate that is to be there."""

    name: str
    names: tuple[str, ...]


def settings(params: Mapping[str, Any]) -> Settings:
    """The options of the module as settings. Raises MailError."""
    method = params["method"]
    size = params["rsa_key_size"]
    kept = {"key_type": params["key_type"]}
    if params["key_type"] == "rsa":
        kept["rsa_key_size"] = str(size)
    else:
        kept["elliptic_curve"] = "secp256r1"
    kept.update(reuse_key=str(bool(params["reuse_key"])), autorenew="True")
    proof = _PROOFS[method](params)
    if method == "rfc2136":
        kept["dns_rfc2136_propagation_seconds"] = str(params["rfc2136"]["propagation_seconds"])
    return Settings(
        email=_email(params["email"]),
        server=_server(params["server"]),
        method=method,
        proof=proof,
        kept=kept,
        key=f"RSA {size}" if params["key_type"] == "rsa" else "EC P-256",
        credentials=_credentials(params["rfc2136"]) if method == "rfc2136" else "",
        port=params["http_port"] if method == "standalone" else 0,
    )


def wishes(given: Sequence[Mapping[str, Any]], method: str) -> tuple[Wish, ...]:
    """The certificates that are asked for. Raises MailError that names the entry."""
    made: dict[str, Wish] = {}
    for item in given:
        wish = _wish(item, method)
        if wish.name in made:
            raise MailError("is listed twice", where=f"certificate {wish.name}", mend="Give one another name.")
        made[wish.name] = wish
    return tuple(made.values())


def masked(credentials: str) -> str:
    """The credentials for a diff. What does not look like a line of ours may be a secret too."""
    lines = credentials.splitlines()
    return "".join(f"{line if _NO_SECRET.fullmatch(line) else _MASK}\n" for line in lines)


def _wish(item: Mapping[str, Any], method: str) -> Wish:
    where = f"certificate {item.get('name') or ', '.join(map(str, item['names'][:1]))}"
    wanted = tuple(dict.fromkeys(_names.normal(name) for name in item["names"]))
    if not 1 <= len(wanted) <= _MOST_NAMES:
        mend = f"List 1 to {_MOST_NAMES} names; spread more over several certificates."
        raise MailError(f"has {len(wanted)} names", where=where, mend=mend)
    for name in wanted:
        if _names.ip(name):
            raise MailError(f"{name} is an address", where=where, mend="Certbot asks for names only: take it out.")
        if name.startswith("*.") and method not in ("hook", "rfc2136"):
            raise MailError(
                f"{name} cannot be proved by method {method}",
                where=where,
                mend="Authorities want to see a DNS record for a wildcard: use method hook or rfc2136, or list names.",
            )
    return Wish(request.directory_name(item.get("name"), wanted, where), wanted)


def _email(value: str) -> str:
    try:
        return address.target_address(value)
    except MailError as error:
        mend = "Write the address at which the authority can reach you; giving it agrees to its terms of service."
        raise MailError(error.message, where="email", mend=mend) from error


def _server(value: str) -> str:
    try:
        parts = urlsplit(value)
        fit = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a bracket that is not closed, a port that is none
        fit = False
    if not fit or _NOT_IN_URL.search(value):
        mend = f"Write the https URL of an ACME directory, such as {LETS_ENCRYPT}."
        raise MailError(f"{value!r} is not the URL of a server", where="server", mend=mend)
    return value


def _standalone(params: Mapping[str, Any]) -> dict[str, str]:
    port = params["http_port"]
    if not 1 <= port <= 65535:
        raise MailError(f"{port} is not a port", where="http_port", mend="Write a number from 1 to 65535.")
    return {"authenticator": "standalone", "http01_port": str(port)}


def _webroot(params: Mapping[str, Any]) -> dict[str, str]:
    path = (params["webroot"] or "").rstrip("/")
    if not path.startswith("/") or _NOT_IN_PATH.search(path):
        mend = "Write the absolute path of the directory that the web server serves for these names."
        raise MailError(f"{path!r} is not a web root", where="webroot", mend=mend)
    return {"authenticator": "webroot", "webroot_path": path}


def _hook(params: Mapping[str, Any]) -> dict[str, str]:
    hooks = {key: params[key] or "" for key in ("auth_hook", "cleanup_hook")}
    for key, path in hooks.items():
        if (path or key == "auth_hook") and not _HOOK.match(path):
            mend = "Write the absolute path of a program on the host: letters, digits and . _ + - /."
            raise MailError(f"{path!r} is not a hook", where=key, mend=mend)
    return {"authenticator": "manual", "pref_challs": "dns-01", **{f"manual_{key}": hooks[key] for key in hooks}}


def _rfc2136(params: Mapping[str, Any]) -> dict[str, str]:
    if not params["rfc2136"]:
        raise MailError("is missing", where="rfc2136", mend="Say which name server takes updates, and its TSIG key.")
    return {"authenticator": "dns-rfc2136", "dns_rfc2136_credentials": CREDENTIALS}


def _credentials(given: Mapping[str, Any]) -> str:
    """The file that tells certbot's plugin the name server and the TSIG key (RFC 8945)."""
    server = _names.ip(given["server"])
    if not server or "%" in server:
        mend = "Write the IPv4 or IPv6 address of the zone's primary name server: certbot takes no name and no scope."
        raise MailError(f"{given['server']!r} is not an address", where="rfc2136: server", mend=mend)
    if not 1 <= given["port"] <= 65535:
        raise MailError(f"{given['port']} is not a port", where="rfc2136: port", mend="Write 1 to 65535.")
    if not 0 <= given["propagation_seconds"] <= 3600:
        raise MailError("is out of range", where="rfc2136: propagation_seconds", mend="Write 0 to 3600.")
    if not _KEY_NAME.match(given["key_name"]):
        raise MailError(
            "is not the name of a key", where="rfc2136: key_name", mend="Write it as the name server has it."
        )
    try:
        known = bool(base64.b64decode(given["key_secret"], validate=True))
    except (binascii.Error, ValueError):
        known = False
    if not known:
        mend = "Copy the base64 text of the key (tsig-keygen, keymgr -t) from a vault."
        raise MailError("is not the secret of a TSIG key", where="rfc2136: key_secret", mend=mend)
    return (
        "# Written by Ansible (mailops.mailserver.mail_acme); changes are overwritten.\n"
        f"dns_rfc2136_server = {server}\n"
        f"dns_rfc2136_port = {given['port']}\n"
        f"dns_rfc2136_name = {given['key_name']}\n"
        f"dns_rfc2136_secret = {given['key_secret']}\n"
        f"dns_rfc2136_algorithm = {given['key_algorithm'].upper()}\n"
    )


_PROOFS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, str]]] = {
    "standalone": _standalone,
    "webroot": _webroot,
    "hook": _hook,
    "rfc2136": _rfc2136,
}
