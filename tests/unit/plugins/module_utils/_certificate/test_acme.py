# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What certbot must issue and why, and how it is told to."""

from __future__ import annotations

import pathlib
import re
import subprocess
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import acme, acme_request, renewal

from .conftest import DAY, NOW, key, make
from .test_acme_request import RFC2136, params
from .test_renewal import FIXTURES, SERVER

VERSIONS = ("1.12", "2.1", "4.0")
NAMES = ("a.mx.acme.test", "b.mx.acme.test")
WISH = acme_request.Wish("main", NAMES)
MINE: dict[str, dict[str, Any]] = {
    "standalone": {},
    "webroot": {"method": "webroot", "webroot": "/var/www/html"},
    "hook": {"method": "hook", "auth_hook": "/root/hook", "cleanup_hook": "/root/hook"},
    "rfc2136": {"method": "rfc2136", "rfc2136": {**RFC2136, "propagation_seconds": 1}},
    "rsa": {"key_type": "rsa", "reuse_key": True},
}


def conf(name: str = "standalone", version: str = "2.1") -> str:
    text = (FIXTURES / version / f"{name}.conf").read_text(encoding="utf-8")
    return text.replace("/root/c/good.ini", acme_request.CREDENTIALS)


def settings(**given: Any) -> acme_request.Settings:
    return acme_request.settings(params(**{"server": SERVER, **given}))


def lineage(text: str | None = None, *, names: tuple[str, ...] = NAMES, **changes: Any) -> acme.Lineage:
    """A whole lineage; ``changes`` are how the certificate is made, or fields of the lineage."""
    fields = {field: changes.pop(field) for field in acme.Lineage._fields if field in changes}
    found = acme.Lineage(
        renewal=conf() if text is None else text,
        certificate=make("leaf", names=names, **changes).facts,
        versions=("1",) * 4,
        remains=True,
    )
    return found._replace(**fields)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", MINE)
def test_what_certbot_has_is_not_asked_for_again(name: str, version: str) -> None:
    private = key("rsa3072") if name == "rsa" else None
    asked = settings(**MINE[name])
    found = acme.step(WISH, lineage(conf(name, version), private=private), asked, now=NOW)
    assert found.reasons == ()
    assert not found.broken
    assert found.before == found.after
    assert acme.renewed(conf(name, version), asked) == conf(name, version)


@pytest.mark.parametrize(
    ("found", "given", "says"),
    [
        (acme.Lineage(), {}, ["there is none"]),
        (lineage(names=NAMES[:1]), {}, ["it is to be for b.mx.acme.test too"]),
        (lineage(names=(*NAMES, "c.test")), {}, ["it is not to be for c.test"]),
        (lineage(names=("c.test",)), {}, ["it is to be for a.mx.*, b.mx.* too", "it is not to be for c.test"]),
        (lineage(), {"server": acme_request.LETS_ENCRYPT}, [f"it is of {SERVER}"]),
        (lineage(), {"http_port": 8080}, [r"proved in another way \(http01_port\)"]),
        (lineage(), MINE["webroot"], [r"proved in another way \(authenticator, webroot_path\)"]),
        (lineage(conf("webroot")), {"method": "webroot", "webroot": "/srv"}, [r"another way \(webroot_path\)"]),
        (
            lineage(conf("webroot").replace("b.mx.acme.test = /var", "b.mx.acme.test = /srv")),
            MINE["webroot"],
            [r"another way \(webroot_path\)"],
        ),
        (lineage(conf("hook")), {**MINE["hook"], "cleanup_hook": None}, [r"another way \(manual_cleanup_hook\)"]),
        (lineage(conf("hook")), {}, [r"another way \(authenticator, http01_port\)"]),
        (lineage(), {"key_type": "rsa"}, ["its key is EC P-256"]),
        (lineage(private=key("rsa2048")), {"key_type": "rsa"}, ["its key is RSA 2048"]),
        (lineage(valid=(-80, 10)), {}, [r"it ends in 10\.0 days and was not renewed"]),
        (lineage(valid=(-5, 0.9)), {}, [r"it ends in 0\.9 days and was not renewed"]),
        (lineage(valid=(-80, -1)), {}, ["it has expired"]),
        (lineage(versions=("1", "2", "2", "2")), {}, ["its files are of several versions"]),
    ],
)
def test_why_it_is_issued(found: acme.Lineage, given: dict[str, Any], says: list[str]) -> None:
    todo = acme.step(WISH, found, settings(**given), now=NOW)
    assert len(todo.reasons) == len(says)
    assert all(re.search(pattern, reason) for pattern, reason in zip(says, todo.reasons))
    assert todo.before != todo.after
    assert not todo.broken


@pytest.mark.parametrize(
    "found",
    [
        lineage(renewal=""),
        lineage(renewal=None),
        lineage(renewal=None, certificate=None, versions=()),
        lineage(certificate=None),
        lineage(versions=("1", "1")),
        lineage(conf().replace("fullchain = ", "other = ")),
    ],
)
def test_what_is_broken_is_made_anew(found: acme.Lineage) -> None:
    todo = acme.step(WISH, found, settings(), now=NOW)
    assert todo.broken
    assert todo.reasons == ("what is there is incomplete, as after an interruption",)
    assert todo.before == ""


@pytest.mark.parametrize("valid", [(-75, 15.1), (-4, 2), (-1, 80)])
def test_certbots_timer_has_its_time(valid: tuple[float, float]) -> None:
    assert acme.step(WISH, lineage(valid=valid), settings(), now=NOW).reasons == ()


def test_order_and_other_lines_do_not_matter() -> None:
    text = conf().replace("# renew_before_expiry = 30 days", "renew_before_expiry = 60 days")
    todo = acme.step(WISH, lineage(text, names=NAMES[::-1]), settings(), now=NOW + DAY)
    assert todo.reasons == ()
    assert todo.before == todo.after


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "--authenticator standalone --key-type ecdsa"),
        ({"http_port": 8080}, "--authenticator standalone --http-01-port 8080 --key-type ecdsa"),
        (MINE["webroot"], "--authenticator webroot --webroot-path /var/www/html --key-type ecdsa"),
        (
            MINE["hook"],
            (
                "--authenticator manual --preferred-challenges dns-01 --manual-auth-hook /root/hook "
                "--manual-cleanup-hook /root/hook --key-type ecdsa"
            ),
        ),
        (
            MINE["rfc2136"],
            (
                "--authenticator dns-rfc2136 --dns-rfc2136-credentials /etc/letsencrypt/mailserver-rfc2136.ini "
                "--key-type ecdsa --dns-rfc2136-propagation-seconds 1"
            ),
        ),
        ({"key_type": "rsa"}, "--authenticator standalone --key-type rsa --rsa-key-size 3072"),
    ],
)
def test_the_command(given: dict[str, Any], expected: str) -> None:
    todo = acme.Step(WISH, "", "")
    words = acme.argv("certbot", todo, settings(**given), version=(1, 12))
    assert " ".join(words) == (
        "certbot certonly --non-interactive --agree-tos --no-eff-email --no-directory-hooks --force-renewal "
        f"--renew-with-new-domains --email=root@example.test --server {SERVER} {expected} --cert-name main "
        "--domain a.mx.acme.test --domain b.mx.acme.test"
    )
    assert RFC2136["key_secret"] not in words


def test_an_address_is_no_option_of_certbot() -> None:
    words = acme.argv("certbot", acme.Step(WISH, "", ""), settings(email="-x@b.test"), version=(2, 1))
    assert "--email=-x@b.test" in words
    assert "-x@b.test" not in words


@pytest.mark.parametrize(
    ("reuse", "new_key", "version", "expected"),
    [
        (False, False, (1, 12), []),
        (False, True, (2, 1), ["--no-reuse-key"]),
        (True, False, (1, 12), ["--reuse-key"]),
        (True, False, (4, 0), ["--reuse-key"]),
        (True, True, (1, 12), []),
        (True, True, (2, 1), ["--reuse-key", "--new-key"]),
    ],
)
def test_whether_the_key_is_used_again(
    reuse: bool, new_key: bool, version: tuple[int, int], expected: list[str]
) -> None:
    todo = acme.Step(WISH, "", "", new_key=new_key)
    words = acme.argv("certbot", todo, settings(reuse_key=reuse), version=version)
    assert [word for word in words if word.endswith("-key")] == expected


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("name", "given", "lines"),
    [
        ("standalone", {"reuse_key": True}, {"reuse_key": "True"}),
        ("rsa", {"key_type": "rsa"}, {"reuse_key": "False"}),
        ("rfc2136", {**MINE["rfc2136"], "rfc2136": RFC2136}, {"dns_rfc2136_propagation_seconds": "60"}),
    ],
)
def test_what_is_written_for_renewals(name: str, version: str, given: dict[str, Any], lines: dict[str, str]) -> None:
    text = acme.renewed(conf(name, version), settings(**given))
    assert renewal.read(text).params == {**renewal.read(conf(name, version)).params, **lines}
    assert acme.renewed(text, settings(**given)) == text


@pytest.mark.parametrize(
    ("line", "expected"),
    [("autorenew = False", "autorenew = True"), ("key_type = rsa", "key_type = ecdsa"), ("", "key_type = ecdsa")],
)
def test_what_would_change_a_renewal_is_put_right(line: str, expected: str) -> None:
    text = "[renewalparams]\nauthenticator = standalone\n" + (f"{line}\n" if line else "")
    assert expected in acme.renewed(text, settings()).splitlines()


def test_the_hook_is_content_without_the_program() -> None:
    assert '[ -x "$program" ] || exit 0' in acme.HOOK_TEXT
    assert max(map(len, acme.HOOK_TEXT.splitlines())) <= 120


@pytest.mark.parametrize(
    ("systemd", "state", "calls"),
    [
        (True, "inactive", ["cat", "is-active", "reset-failed", "start"]),
        (True, "failed", ["cat", "is-active", "reset-failed", "start"]),
        (True, "activating", ["cat", "is-active", "start", "reset-failed", "start"]),
        (False, "inactive", ["program"]),
    ],
)
def test_the_hook_waits_for_a_run_that_has_begun_and_starts_another(
    tmp_path: pathlib.Path, systemd: bool, state: str, calls: list[str]
) -> None:
    log = tmp_path / "log"
    programs = {
        "systemctl": f'echo "$1" >>{log}\n[ "$1" != is-active ] || echo {state}\n[ "$1" = cat ] || exit 1',
        "program": f"echo program >>{log}",
    }
    for name, text in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    hook = acme.HOOK_TEXT.replace("/run/systemd/system", str(tmp_path if systemd else tmp_path / "none"))
    hook = hook.replace("/usr/local/sbin/mailserver-certificates", str(tmp_path / "program"))
    path = f"{tmp_path}:/usr/bin:/bin"
    done = subprocess.run(["/bin/sh", "-c", hook], env={"PATH": path}, check=False, timeout=60)
    assert log.read_text(encoding="utf-8").split() == calls
    assert done.returncode == (1 if systemd else 0)
