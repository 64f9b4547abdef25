# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Renewal configurations as certbot 1.12 (Debian 11), 2.1 (12) and 4.0 (13) write them."""

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import renewal

FIXTURES = pathlib.Path(__file__).parents[3] / "fixtures" / "certbot"
FILES = sorted(FIXTURES.glob("*/*.conf"))
SERVER = "https://192.0.2.53:14000/dir"
SAYS = {
    "standalone": {"authenticator": "standalone", "key_type": "ecdsa", "elliptic_curve": "secp256r1"},
    "webroot": {"authenticator": "webroot", "webroot_path": "/var/www/html", "key_type": "ecdsa"},
    "hook": {
        "authenticator": "manual",
        "pref_challs": "dns-01",
        "manual_auth_hook": "/root/hook",
        "manual_cleanup_hook": "/root/hook",
    },
    "rfc2136": {
        "authenticator": "dns-rfc2136",
        "dns_rfc2136_credentials": "/root/c/good.ini",
        "dns_rfc2136_propagation_seconds": "1",
    },
    "rsa": {"authenticator": "standalone", "key_type": "rsa", "rsa_key_size": "3072", "reuse_key": "True"},
}


@pytest.fixture(name="text", params=FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def fixture_text(request: pytest.FixtureRequest) -> str:
    return str(request.param.read_text(encoding="utf-8"))


def test_there_are_texts_of_three_versions() -> None:
    assert len(FILES) == 3 * len(SAYS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_certbot_writes_is_read(path: pathlib.Path) -> None:
    found = renewal.read(path.read_text(encoding="utf-8"))
    assert found.complete
    assert found.params["server"] == SERVER
    assert SAYS[path.stem].items() <= found.params.items()
    assert (found.webroots != {}) == (path.stem == "webroot")
    assert found.options["cert"] == f"/etc/letsencrypt/live/{path.stem.replace('rfc2136', 'rfcgood')}/cert.pem"


def test_nothing_to_write_leaves_the_text_as_it_is(text: str) -> None:
    assert renewal.write(text, {}) == text


def test_what_is_written_is_read_and_the_rest_stays(text: str) -> None:
    before = renewal.read(text)
    written = renewal.write(text, {"reuse_key": "False", "key_type": "rsa", "account": ""})
    after = renewal.read(written)
    expected = {**before.params, "reuse_key": "False", "key_type": "rsa"}
    del expected["account"]
    assert after.params == expected
    assert (after.options, after.webroots) == (before.options, before.webroots)
    assert renewal.write(written, {}) == written


def test_a_new_line_stands_before_the_web_roots() -> None:
    text = "[renewalparams]\na = b\n[[webroot_map]]\nx.test = /srv\n"
    assert renewal.write(text, {"c": "d"}) == "[renewalparams]\na = b\nc = d\n[[webroot_map]]\nx.test = /srv\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n# nothing\n",
        "cert = /a\nprivkey = /b\nchain = /c\n[renewalparams]\nauthenticator = standalone\n",
        "cert = /a\nprivkey = /b\nchain = /c\nfullchain = /d\n[renewalparams]\n",
        "cert = /a\nprivkey = /b\nchain = /c\nfullchain = /d\nauthenticator = standalone\n",
        "\x00\x00\x00",
    ],
)
def test_a_half_is_not_complete(text: str) -> None:
    assert not renewal.read(text).complete


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("a = b", "b"),
        ("  a=b  ", "b"),
        ("a = b,", "b"),
        ('a = "b c"', "b c"),
        ("a = 'b'", "b"),
        ("a = ", ""),
        ("a = b = c", "b = c"),
    ],
)
def test_values(line: str, value: str) -> None:
    assert renewal.read(f"[renewalparams]\n{line}\n").params == {"a": value}
