# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What certbot prints when it cannot issue a certificate, as sentences that say how to mend it.

Certbot tells what the authority said of each name (``Domain``, ``Type``, ``Detail``) on standard output; version 1.12
wraps it at 79 columns. Everything else goes to standard error. The types are those of RFC 8555 section 6.7.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from .._errors import MailError

LOG = "/var/log/letsencrypt/letsencrypt.log"

_PROBLEM = re.compile(r"^ *Domain: +(\S+)\n *Type: +(\S+)\n *Detail: +((?:.+\n)+)", re.MULTILINE)
_HOOK = re.compile(r"(?:Error output from manual-\S+ command \S+:|ran with error output:)\n(.+)")
_NOISE = re.compile(
    r"Saving debug log|Plugins selected|Ask for help|Please see the logfile|Cleaning up|An unexpected error occurred"
    r"|Performing the following|\S+ challenge for|Waiting for|Encountered exception during recovery|Requesting a cert"
    r"|Account registered|Traceback| |Using the webroot|Some challenges|IMPORTANT NOTES|$"
)


class Complaint(NamedTuple):
    """Why a certificate was not issued. ``hopeless``: others would not be either; ``later``: it may be in a moment."""

    sentences: tuple[str, ...]
    hopeless: bool = False
    later: bool = False


class _Known(NamedTuple):
    """What is recognized by ``says``; in the others, ``{said}`` is the group of that name in it."""

    says: str
    where: str
    what: str
    mend: str
    hopeless: bool = True
    later: bool = False


# What is wrong with neither a name nor an answer to a challenge. The first that is found counts.
_KNOWN = (
    _Known(
        "Another instance of Certbot is already running",
        "certbot",
        "is running already, for its timer or somebody else",
        "Run again when it has ended.",
        later=True,
    ),
    _Known(
        "anti-replay nonce",
        "{server}",
        "did not take the request (bad nonce)",
        "Run again.",
        hopeless=False,
        later=True,
    ),
    _Known(
        "CERTIFICATE_VERIFY_FAILED|certificate verify failed",
        "{server}",
        "its certificate is not of an authority that this host trusts, or not for this name",
        "Put the authority into /usr/local/share/ca-certificates and run update-ca-certificates, or correct the URL.",
    ),
    _Known(
        "Name or service not known|name resolution|Failed to resolve",
        "{server}",
        "its name cannot be resolved on this host",
        "Correct the URL, or the name servers in /etc/resolv.conf.",
    ),
    _Known(
        r"Requesting \S+: |ConnectionError: |ConnectTimeout|ReadTimeout",
        "{server}",
        "it cannot be reached",
        "Correct the URL, let this host out to it, or run again when the server is up.",
    ),
    _Known(
        "ClientError: <Response|Unexpected response|'newNonce'|JSONDecodeError",
        "{server}",
        "it is not the directory of an ACME server",
        "Correct the URL; that of Let's Encrypt is https://acme-v02.api.letsencrypt.org/directory.",
    ),
    _Known(
        r"(?P<said>[^\n]*too many[^\n]*)",
        "{server}",
        "it has had too many requests: {said}",
        "Run again later; try with the authority's server for tests.",
        hopeless=False,
    ),
    _Known(
        "--break-my-certs",
        "{name}",
        "the server is one for tests, and the certificate that is there is a real one",
        "Remove that first if it is meant: certbot delete --cert-name {name}.",
        hopeless=False,
    ),
    _Known(
        r"(?i)(?P<said>[^\n]*(?:unable to register|error creating new account|external account binding)[^\n]*)",
        "{server}",
        "it gives no account: {said}",
        "Correct the email address. Where the server wants an account made beforehand, make it: certbot register "
        "--eab-kid and --eab-hmac-key.",
    ),
    _Known(
        r"Account \S+ not found|specified an account that does not exist",
        "{server}",
        "it does not know the account that this host has with it",
        "Remove the account below /etc/letsencrypt/accounts; a new one is made by itself.",
    ),
    _Known(
        "plugin does not appear to be installed|unrecognized arguments: --dns-rfc2136",
        "certbot",
        "its plugin for dynamic updates is not installed",
        "Install the package python3-certbot-dns-rfc2136.",
    ),
    _Known(
        r"(?:binding to port|Could not bind TCP port) (?P<said>\d+)",
        "{name}",
        "port {said} is in use on this host",
        "Stop what holds it, or let that web server answer (method webroot).",
    ),
    _Known(
        r"Encountered error[^\n]*: (?P<said>The peer[^\n]*)",
        "rfc2136",
        "the name server refuses the key: {said}",
        "Give the name, the secret and the algorithm that it knows; the clocks must agree.",
    ),
    _Known(
        r"Encountered error when making query: (?P<said>[^\n]*)",
        "rfc2136",
        "the name server does not answer: {said}",
        "Correct its address and port, or let this host through to it (UDP and TCP).",
    ),
    _Known(
        r"Received response from server: (?P<said>\w+)",
        "{name}",
        "the name server of rfc2136 refuses the update: {said}",
        "Let the key update TXT records of _acme-challenge in the zone.",
        hopeless=False,
    ),
    _Known(
        r"Unable to determine base domain for (?P<said>\S+)",
        "{name}",
        "the name server of rfc2136 has no zone for {said}",
        "Name the primary server of the zone.",
        hopeless=False,
    ),
)

_HTTP = {
    "dns": "Give the name an A or AAAA record that leads to this host.",
    "connection": "Its A and AAAA records must lead to this host, and port 80 must be open to everybody.",
    "unauthorized": "Another server answers: all its A and AAAA records must lead to this host.",
}
_WEBROOT = {
    **_HTTP,
    "unauthorized": "The web server of the name must serve what is below .well-known/acme-challenge/ of the web root.",
}
_DNS = dict.fromkeys(
    ("dns", "connection", "unauthorized"),
    "The TXT record of _acme-challenge must be on all name servers of the zone when the authority looks.",
)
_ANY = {
    "caa": "The CAA record of the name must allow this authority.",
    "rateLimited": "Run again later; try with the authority's server for tests.",
    "rejectedIdentifier": "This authority issues nothing for it: take it out of the list.",
}
_MENDS: Mapping[str, Mapping[str, str]] = {"standalone": _HTTP, "webroot": _WEBROOT, "hook": _DNS, "rfc2136": _DNS}


def read(output: str, *, name: str, method: str, server: str) -> Complaint:
    """Why the certificate ``name`` was not issued. ``output`` is what certbot wrote, standard output first."""
    problems = {domain: (kind, " ".join(detail.split())) for domain, kind, detail in _PROBLEM.findall(output)}
    if problems:
        hook = _HOOK.search(output)
        heard = f"The hook said: {hook[1].strip()}. " if hook else ""
        return Complaint(tuple(_of_name(domain, *found, method, heard) for domain, found in problems.items()))
    for known in _KNOWN:
        match = re.search(known.says, output)
        if match:
            said = (match.groupdict().get("said") or "").strip().rstrip(".")
            where, what, mend = (
                text.format(said=said, name=name, server=server) for text in (known.where, known.what, known.mend)
            )
            sentence = MailError(what.rstrip(": "), where=where, mend=mend).message
            return Complaint((sentence,), known.hopeless, known.later)
    words = "; ".join(line.strip() for line in output.splitlines() if not _NOISE.match(line))
    return Complaint((MailError(words or "certbot failed", where=name, mend=f"{LOG} has more.").message,))


def _of_name(domain: str, kind: str, detail: str, method: str, heard: str) -> str:
    """The sentence for one name that the authority would not have."""
    mend = _ANY.get(kind) or _MENDS[method].get(kind) or f"{LOG} has more."
    return MailError(detail, where=domain, mend=heard + mend).message
