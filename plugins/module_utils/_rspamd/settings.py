# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the words of an administrator, and the keys that sign, to the whole files that rspamd reads."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import MailError
from .._postfix.options import Options
from . import modules, ucl

LOCAL = "/etc/rspamd/local.d"
SOCKET = "/var/spool/postfix/rspamd/milter.sock"
_SPF = ("off", "header", "tempfail", "fail", "softfail", "neutral", "not_pass")
_DKIM = ("header", "junk", "reject")
_DMARC = ("off", "header", "junk", "policy")
# Programs that pass mail on may add these, and a copy that is not signed must not look as if it were: each is signed
# once more than it is there.
_SIGNED_HEADERS = (
    "(o)from:(o)sender:(o)reply-to:(o)subject:(o)date:(x)message-id:(o)to:(o)cc:(x)mime-version:(x)content-type:"
    "(x)content-transfer-encoding:(x)in-reply-to:(x)references"
)
_LOOPBACK = ["127.0.0.0/8", "::1/128"]


def plan(
    words: Mapping[str, Any],
    keys: Sequence[Mapping[str, Any]],
    signing: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """``files`` and ``readable`` for module rspamd_config, and ``warnings``, from the role's variables.

    ``words`` are those without their prefix; ``keys`` and ``signing`` (which selectors sign for a domain) are as
    mail_dkim_key_info returns them. Raises MailError for words that cannot be meant, and for keys that are not there.
    """
    options = Options(words, prefix="rspamd_")
    spf, dmarc = options.word("spf", _SPF), options.word("dmarc", _DMARC)
    if spf == "off" and dmarc != "off":
        raise options.fault("spf", "DMARC needs it", "Write rspamd_spf: header, or rspamd_dmarc: off as well.")
    signers = _signers(keys, signing)
    networks = [*_LOOPBACK, *_networks(options, "signing_networks")]
    told = {
        "spf": spf,
        "dkim": options.word("dkim", _DKIM),
        "dmarc": dmarc,
        "arc": options.switch("arc"),
        "arc_trusted": dict.fromkeys(options.domains("arc_trusted"), True),
        "networks": networks,
        "signing": signers,
        # ARC knows only RSA, which stands first.
        "seals": {domain: found[0] for domain, found in signers.items() if found[0]["algorithm"] == "rsa"},
    }
    contents = {
        **_fixed(),
        "options.inc": _options(options),
        "local_addrs.inc": ucl.text({"local_addrs": networks}),
        "spf.conf": ucl.text({"enabled": spf != "off", "check_local": True}),
        "dmarc.conf": ucl.text({"enabled": dmarc != "off", "check_local": True}),
        "mailserver.json": ucl.data(told),
    }
    return {
        "files": [{"path": f"{LOCAL}/{name}", "content": contents[name]} for name in sorted(contents)],
        "readable": [key["path"] for found in signers.values() for key in found],
        "warnings": options.warnings,
    }


def _signers(
    keys: Sequence[Mapping[str, Any]], signing: Mapping[str, Sequence[str]]
) -> dict[str, list[dict[str, str]]]:
    """By domain, the keys that sign: RSA before Ed25519."""
    known = {(str(key["domain"]), str(key["selector"])): key for key in keys}
    signers: dict[str, list[dict[str, str]]] = {}
    for domain in sorted(signing):
        for selector in sorted(signing[domain]):
            key = known.get((domain, selector), {})
            if not key.get("path"):
                raise MailError("there is no such key", where=f"{selector}._domainkey.{domain}", mend="Run again.")
            entry = {"selector": selector, "path": str(key["path"]), "algorithm": str(key["algorithm"])}
            signers.setdefault(domain, []).append(entry)
        signers.get(domain, []).sort(key=lambda entry: entry["algorithm"] != "rsa")
    return signers


def _fixed() -> dict[str, str]:
    """What no word changes."""
    return {
        **{f"{name}.conf": "enabled = false;\n" for name in modules.UNUSED},
        **{f"worker-{name}.inc": "enabled = false;\n" for name in ("normal", "controller", "fuzzy")},
        "worker-proxy.inc": (
            f'bind_socket = "{SOCKET} mode=0660 owner=_rspamd group=postfix";\n'
            # Should one hang, another goes on.
            'count = 2;\nmilter = yes;\nupstream "local" { default = yes; self_scan = yes; }\n'
        ),
        # Nothing is scored, so that no score can refuse anything.
        "actions.conf": "reject = null;\nadd_header = null;\ngreylist = null;\n",
        "dkim.conf": ucl.text({"sign_headers": _SIGNED_HEADERS, "check_local": True, "check_authed": False}),
        "dkim_signing.conf": _condition("signing"),
        "arc.conf": _condition("sealing"),
        # Results that others have written are removed, all of them: 0 stands for every place.
        "milter_headers.conf": (
            ucl.text({"use": ["authentication-results"], "skip_local": False, "skip_authenticated": True})
            + "routines { authentication-results { remove = 0; } }\n"
        ),
        "classifier-bayes.conf": "enabled = false;\n",
    }


def _condition(name: str) -> str:
    """Have the script decide who gets a signature, and with which keys."""
    return ucl.text(
        {
            "sign_condition": f"return function(task) return mailserver_filter.{name}(task) end",
            "check_pubkey": False,
            "try_fallback": False,
        }
    )


def _options(options: Options) -> str:
    resolvers = [_resolver(options, item) for item in options.strings("resolvers")]
    # The checks of a message ask one after the other: with rspamd's five attempts each, clients would wait for long.
    dns = ucl.text({"timeout": 1, "retransmits": 3, **({"nameserver": resolvers} if resolvers else {})})
    # A list in a file of local.d adds to rspamd's own, which trusts all private networks: this one takes its place.
    local = '.include(duplicate=rewrite; priority=2) "$LOCAL_CONFDIR/local.d/local_addrs.inc"\n'
    # Nor is content scored by the test pattern, which rspamd before 3.5 knows no word against.
    return f'filters = "dkim";\ngtube_patterns = "disable";\ndns {{\n{dns}}}\n{local}'


def _resolver(options: Options, given: str) -> str:
    """An address with or without a port (address@port), as rspamd writes it: address:port:priority."""
    host, at, port = given.partition("@")
    try:
        address = ipaddress.ip_address(host)
        number = int(port) if at else 53
    except ValueError:
        number = 0
    if not 0 < number < 65536:
        mend = "Write addresses, with a port where it is not 53: 192.0.2.53@5353."
        raise options.fault("resolvers", f"'{given}' is no address", mend)
    return f"[{address}]:{number}:1" if address.version == 6 else f"{address}:{number}:1"


def _networks(options: Options, name: str) -> list[str]:
    return [re.sub(r"[\[\]]", "", item) for item in options.networks(name, widest=(8, 16))]
