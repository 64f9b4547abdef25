# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An administrator's words for ACME, as options of certbot."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import acme_request
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

SECRET = "c2VjcmV0LXNlY3JldC1zZWNyZXQ="
RFC2136 = {
    "server": "192.0.2.53",
    "port": 53,
    "key_name": "acme-key",
    "key_secret": SECRET,
    "key_algorithm": "hmac-sha256",
    "propagation_seconds": 60,
}


def params(**given: Any) -> dict[str, Any]:
    """The options of the module with what it has by default."""
    return {
        "email": "root@example.test",
        "server": acme_request.LETS_ENCRYPT,
        "method": "standalone",
        "http_port": 80,
        "webroot": None,
        "auth_hook": None,
        "cleanup_hook": None,
        "rfc2136": None,
        "key_type": "ecdsa",
        "rsa_key_size": 3072,
        "reuse_key": False,
        **given,
    }


@pytest.mark.parametrize(
    ("given", "proof"),
    [
        ({}, {"authenticator": "standalone", "http01_port": "80"}),
        ({"http_port": 8080}, {"authenticator": "standalone", "http01_port": "8080"}),
        ({"method": "webroot", "webroot": "/srv/www/"}, {"authenticator": "webroot", "webroot_path": "/srv/www"}),
        (
            {"method": "hook", "auth_hook": "/opt/dns"},
            {
                "authenticator": "manual",
                "pref_challs": "dns-01",
                "manual_auth_hook": "/opt/dns",
                "manual_cleanup_hook": "",
            },
        ),
        (
            {"method": "rfc2136", "rfc2136": RFC2136},
            {"authenticator": "dns-rfc2136", "dns_rfc2136_credentials": "/etc/letsencrypt/mailserver-rfc2136.ini"},
        ),
    ],
)
def test_how_names_are_proved(given: dict[str, Any], proof: dict[str, str]) -> None:
    assert acme_request.settings(params(**given)).proof == proof


@pytest.mark.parametrize(
    ("given", "key", "kept"),
    [
        ({}, "EC P-256", {"key_type": "ecdsa", "elliptic_curve": "secp256r1", "reuse_key": "False"}),
        ({"key_type": "rsa"}, "RSA 3072", {"key_type": "rsa", "rsa_key_size": "3072", "reuse_key": "False"}),
        (
            {"key_type": "rsa", "rsa_key_size": 4096, "reuse_key": True},
            "RSA 4096",
            {"key_type": "rsa", "rsa_key_size": "4096", "reuse_key": "True"},
        ),
    ],
)
def test_what_renewals_keep_to(given: dict[str, Any], key: str, kept: dict[str, str]) -> None:
    asked = acme_request.settings(params(**given))
    assert (asked.key, asked.kept) == (key, {**kept, "autorenew": "True"})


@pytest.mark.parametrize(
    ("given", "port", "hooks"),
    [
        ({"http_port": 81}, 81, ()),
        ({"method": "webroot", "webroot": "/srv"}, 0, ()),
        ({"method": "hook", "auth_hook": "/a", "cleanup_hook": "/b"}, 0, ("/a", "/b")),
        ({"method": "hook", "auth_hook": "/a"}, 0, ("/a",)),
    ],
)
def test_what_is_needed_of_the_host(given: dict[str, Any], port: int, hooks: tuple[str, ...]) -> None:
    asked = acme_request.settings(params(**given))
    assert (asked.port, asked.hooks) == (port, hooks)


def test_the_secret_is_in_the_credentials_alone() -> None:
    asked = acme_request.settings(params(method="rfc2136", rfc2136={**RFC2136, "server": "2001:DB8::53"}))
    assert asked.credentials.splitlines()[1:] == [
        "dns_rfc2136_server = 2001:db8::53",
        "dns_rfc2136_port = 53",
        "dns_rfc2136_name = acme-key",
        f"dns_rfc2136_secret = {SECRET}",
        "dns_rfc2136_algorithm = HMAC-SHA256",
    ]
    assert asked.kept["dns_rfc2136_propagation_seconds"] == "60"
    assert SECRET not in str(asked._replace(credentials=acme_request.masked(asked.credentials)))


@pytest.mark.parametrize(
    "line",
    [
        "dns_rfc2136_secret = hidden",
        "dns_rfc2136_secret=hidden",
        "  dns_rfc2136_secret\t=   hidden",
        "'dns_rfc2136_secret' = hidden",
        "dns_rfc2136_secret = one\ndns_rfc2136_secret =hidden",
        "dns_rfc2136_secret =\nhidden",
        "# dns_rfc2136_secret = hidden",
        "# Written by dns_rfc2136_secret = hidden",
        "dns_rfc2136_name = acme-key # hidden",
    ],
)
def test_no_secret_is_in_a_diff_however_it_is_written(line: str) -> None:
    shown = acme_request.masked(f"dns_rfc2136_port = 53\n{line}\ndns_rfc2136_server=::1\n")
    assert "hidden" not in shown
    assert shown.splitlines()[0 :: len(shown.splitlines()) - 1] == ["dns_rfc2136_port = 53", "dns_rfc2136_server=::1"]
    assert "dns_rfc2136_secret = ********\n" in shown


def test_all_but_the_secret_is_in_a_diff() -> None:
    text = acme_request.settings(params(method="rfc2136", rfc2136=RFC2136)).credentials
    assert acme_request.masked(text) == text.replace(SECRET, "********")
    assert acme_request.masked("") == ""


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"email": "root"}, "email: .*is not a mail address"),
        ({"email": ""}, "email: "),
        ({"server": "http://acme.test/dir"}, "server: .*https URL of an ACME directory"),
        ({"server": "acme.test"}, "server: .*is not the URL of a server"),
        ({"server": "https:///dir"}, "server: "),
        ({"server": "https://acme.test/dir x"}, "server: "),
        ({"server": "https://user@acme.test/dir"}, "server: "),
        ({"server": "https://[::1"}, "server: 'https://.::1' is not the URL of a server"),
        ({"server": "https://acme.test:99999/dir"}, "server: "),
        ({"server": "https://acme.test/%(version)s"}, "server: "),
        ({"server": "https://acme.test/dir\0"}, "server: "),
        ({"http_port": 0}, "http_port: 0 is not a port"),
        ({"http_port": 65536}, "http_port: 65536 is not a port"),
        ({"method": "webroot", "webroot": "www"}, "webroot: 'www' is not a web root"),
        ({"method": "webroot", "webroot": None}, "webroot: '' is not a web root"),
        ({"method": "webroot", "webroot": "/srv/my site"}, "webroot: "),
        ({"method": "webroot", "webroot": "/srv/%(version)s"}, "webroot: "),
        ({"method": "webroot", "webroot": "/srv/\x1b"}, "webroot: "),
        ({"method": "hook", "auth_hook": None}, "auth_hook: '' is not a hook"),
        ({"method": "hook", "auth_hook": "/opt/dns; id"}, "auth_hook: .*absolute path"),
        ({"method": "hook", "auth_hook": "/a", "cleanup_hook": "b"}, "cleanup_hook: 'b' is not a hook"),
        ({"method": "rfc2136"}, "rfc2136: is missing"),
        ({"method": "rfc2136", "rfc2136": {**RFC2136, "server": "ns.test"}}, "rfc2136: server: .*is not an address"),
        (
            {"method": "rfc2136", "rfc2136": {**RFC2136, "server": "fe80::1%eth0\ndns_rfc2136_secret = x"}},
            "rfc2136: server: .*is not an address",
        ),
        ({"method": "rfc2136", "rfc2136": {**RFC2136, "server": "fe80::1%eth0"}}, "rfc2136: server: .*no scope"),
        ({"method": "rfc2136", "rfc2136": {**RFC2136, "port": 0}}, "rfc2136: port: 0 is not a port"),
        ({"method": "rfc2136", "rfc2136": {**RFC2136, "key_name": "a b"}}, "rfc2136: key_name: "),
        ({"method": "rfc2136", "rfc2136": {**RFC2136, "key_secret": "not base64!"}}, "rfc2136: key_secret: "),
        ({"method": "rfc2136", "rfc2136": {**RFC2136, "key_secret": ""}}, "rfc2136: key_secret: "),
        ({"method": "rfc2136", "rfc2136": {**RFC2136, "propagation_seconds": -1}}, "rfc2136: propagation_seconds: "),
    ],
)
def test_wrong_settings(given: dict[str, Any], says: str) -> None:
    with pytest.raises(MailError) as error:
        acme_request.settings(params(**given))
    assert re.match(says, error.value.message)
    assert "not base64!" not in error.value.message


@pytest.mark.parametrize(
    ("item", "method", "name", "names"),
    [
        ({"names": ["MX.example.test"]}, "standalone", "mx.example.test", ("mx.example.test",)),
        ({"names": ["b.test", "a.test", "b.test"]}, "standalone", "b.test", ("b.test", "a.test")),
        ({"name": "Main", "names": ["a.test"]}, "webroot", "main", ("a.test",)),
        ({"name": None, "names": ["*.a.test", "a.test"]}, "hook", "wildcard.a.test", ("*.a.test", "a.test")),
        ({"names": ["bücher.test"]}, "rfc2136", "xn--bcher-kva.test", ("xn--bcher-kva.test",)),
    ],
)
def test_wishes(item: dict[str, Any], method: str, name: str, names: tuple[str, ...]) -> None:
    assert acme_request.wishes([item], method) == (acme_request.Wish(name, names),)


@pytest.mark.parametrize(
    ("given", "method", "says"),
    [
        ([{"names": []}], "standalone", "certificate : has 0 names"),
        ([{"names": [f"n{number}.test" for number in range(101)]}], "standalone", "certificate n0.test: has 101 names"),
        ([{"names": ["a.test", "192.0.2.1"]}], "standalone", "certificate a.test: 192.0.2.1 is an address"),
        ([{"names": ["*.a.test"]}], "standalone", r"certificate \*.a.test: \*.a.test cannot be proved by method stand"),
        ([{"names": ["*.a.test"]}], "webroot", ".*use method hook or rfc2136"),
        ([{"names": ["host"]}], "standalone", "domain 'host': is not a domain name"),
        ([{"name": "../x", "names": ["a.test"]}], "standalone", "certificate ../x: .*name of a directory"),
        ([{"name": "-x", "names": ["a.test"]}], "standalone", "certificate -x: "),
        ([{"name": "x" * 201, "names": ["a.test"]}], "standalone", "certificate x+: .*up to 200 letters"),
        (
            [{"names": ["a.test"]}, {"name": "A.test", "names": ["b.test"]}],
            "hook",
            "certificate a.test: is listed twice",
        ),
    ],
)
def test_wrong_wishes(given: list[dict[str, Any]], method: str, says: str) -> None:
    with pytest.raises(MailError) as error:
        acme_request.wishes(given, method)
    assert re.match(says, error.value.message)
