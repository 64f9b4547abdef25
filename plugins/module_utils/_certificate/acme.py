# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates by ACME: what certbot must issue and why, and how it is told to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from . import names as _names
from . import renewal
from .acme_request import ROOT, Settings, Wish
from .terms import Facts

HOOK = f"{ROOT}/renewal-hooks/deploy/mailserver-certificates"
HOOK_TEXT = """\
#!/bin/sh
# Written by Ansible (mailops.mailserver.mail_acme); changes are overwritten.
# Certbot runs this for each certificate that it has renewed: the mail services get it. What goes wrong leaves the unit
# failed and is in its journal, because certbot itself succeeds whatever a hook says.
program=/usr/local/sbin/mailserver-certificates
unit=mailserver-certificates.service
[ -x "$program" ] || exit 0
if [ -d /run/systemd/system ] && systemctl cat "$unit" >/dev/null 2>&1; then
    # A run that has begun may have read the certificate of before, and a start only waits for its end.
    [ "$(systemctl is-active "$unit")" != activating ] || systemctl start "$unit"
    systemctl reset-failed "$unit" 2>/dev/null
    exec systemctl start "$unit"
fi
exec "$program"
"""

# Certbot renews when a third of the lifetime is left (1.12 and 2.1: 30 days). At this part, it does not.
_OVERDUE = 1 / 6
# What proves the names, by certbot's authenticators.
_PROOF = {
    "standalone": ("http01_port",),
    "webroot": ("webroot_path",),
    "manual": ("pref_challs", "manual_auth_hook", "manual_cleanup_hook"),
    "dns-rfc2136": ("dns_rfc2136_credentials",),
}
# Lines of renewal configurations that may be missing when they say this.
_DEFAULTS = {
    "http01_port": "80",
    "elliptic_curve": "secp256r1",
    "dns_rfc2136_propagation_seconds": "60",
    "reuse_key": "False",
    "autorenew": "True",
}
# Certbot's options that are not called as these lines are.
_OPTIONS = {"pref_challs": "--preferred-challenges", "http01_port": "--http-01-port"}


class Lineage(NamedTuple):
    """What there is of a certificate: its renewal configuration and what it says, the versions that the links to its
    files lead to, and whether there is anything of it at all.
    """

    renewal: str | None = None
    certificate: Facts | None = None
    versions: tuple[str, ...] = ()
    remains: bool = False


class Step(NamedTuple):
    """What is to be done for one certificate, as text before and after. Without ``reasons`` it need not be issued.

    ``broken``: what there is must be set aside first; ``new_key``: it gets a key of another kind.
    """

    wish: Wish
    before: str
    after: str
    reasons: tuple[str, ...] = ()
    new_key: bool = False
    broken: bool = False


def step(wish: Wish, lineage: Lineage, asked: Settings, *, now: float) -> Step:
    """What is to be done so that ``wish`` is there as asked."""
    found = renewal.read(lineage.renewal or "")
    leaf = lineage.certificate
    after = _text(wish.names, asked.server, asked.proof, asked.key, asked.kept)
    if leaf is None or not found.complete or len(lineage.versions) != len(renewal.FILES):
        if lineage.renewal is None and not lineage.remains:
            return Step(wish, "", after, ("there is none",))
        return Step(wish, "", after, ("what is there is incomplete, as after an interruption",), broken=True)
    kept = {key: _said(found.params, key) for key in asked.kept}
    before = _text(leaf.names, found.params.get("server", ""), _proof(found), leaf.key, kept)
    reasons = tuple(_reasons(wish, leaf, found, asked))
    if len(set(lineage.versions)) > 1:
        reasons += ("its files are of several versions, as after an interruption",)
    late = _late(leaf, now)
    if late:
        reasons += (late,)
    if reasons and before == after:
        before += f"{reasons[-1]}\n"
    return Step(wish, before, after, reasons, new_key=leaf.key != asked.key)


def argv(certbot: str, todo: Step, asked: Settings, *, version: Sequence[int]) -> list[str]:
    """The command that issues a certificate, whether there is one or not."""
    words = [certbot, "certonly", "--non-interactive", "--agree-tos", "--no-eff-email", "--no-directory-hooks"]
    words += ["--force-renewal", "--renew-with-new-domains", f"--email={asked.email}", "--server", asked.server]
    for key, value in {**asked.proof, **asked.kept}.items():
        if key != "reuse_key" and value not in ("", _DEFAULTS.get(key)):
            words += [_OPTIONS.get(key, "--" + key.replace("_", "-")), value]
    words += _reuse(asked.kept["reuse_key"] == "True", new_key=todo.new_key, modern=tuple(version) >= (2,))
    words += ["--cert-name", todo.wish.name]
    for name in todo.wish.names:
        words += ["--domain", name]
    return words


def renewed(text: str, asked: Settings) -> str:
    """The renewal configuration with the settings that renewals keep to; the same when it has them."""
    params = renewal.read(text).params
    other = {key: value for key, value in asked.kept.items() if _said(params, key) != value}
    return renewal.write(text, other) if other else text


def _reuse(reuse: bool, *, new_key: bool, modern: bool) -> list[str]:
    """Whether the key is used again. Certbot 1.12 can only be told that it is, and then changes no kind of key."""
    if not reuse:
        return ["--no-reuse-key"] if modern else []
    if not new_key:
        return ["--reuse-key"]
    return ["--reuse-key", "--new-key"] if modern else []


def _reasons(wish: Wish, leaf: Facts, found: renewal.Renewal, asked: Settings) -> Iterator[str]:
    """In what a certificate differs from what is asked."""
    more = [name for name in wish.names if name not in leaf.names]
    less = [name for name in leaf.names if name not in wish.names]
    if more:
        yield f"it is to be for {_names.some(more)} too"
    if less:
        yield f"it is not to be for {_names.some(less)}"
    server = found.params.get("server", "")
    if server != asked.server:
        yield f"it is of {server or 'an unknown server'}"
    proof = _proof(found)
    other = [key for key, value in asked.proof.items() if proof.get(key, "") != value]
    if other:
        yield f"its names were proved in another way ({', '.join(other)})"
    if leaf.key != asked.key:
        yield f"its key is {leaf.key}"


def _late(leaf: Facts, now: float) -> str:
    """Why a certificate is issued again that certbot's timer should have renewed."""
    rest = leaf.not_after - now
    if rest <= 0:
        return "it has expired"
    if rest < _OVERDUE * (leaf.not_after - leaf.not_before):
        return f"it ends in {rest / 86400:.1f} days and was not renewed"
    return ""


def _said(params: Mapping[str, str], key: str) -> str:
    return params.get(key) or _DEFAULTS.get(key, "")


def _proof(found: renewal.Renewal) -> dict[str, str]:
    """How the names of a certificate were proved. Names may have web roots of their own."""
    authenticator = found.params.get("authenticator", "")
    proof = {key: _said(found.params, key) for key in _PROOF.get(authenticator, ())}
    if found.webroots and authenticator == "webroot":
        proof["webroot_path"] = ", ".join(sorted(set(found.webroots.values())))
    return {"authenticator": authenticator, **proof}


def _text(names: Sequence[str], server: str, proof: Mapping[str, str], key: str, kept: Mapping[str, str]) -> str:
    """One certificate for a diff."""
    lines = {"names": ", ".join(sorted(names)), "server": server, **proof, "key": key, **kept}
    return "".join(f"{name}: {value}\n" for name, value in lines.items() if value)
