# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who names the files of an entry, and the patience with daemons."""

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import services
from ansible_collections.mailops.mailserver.plugins.module_utils._host import commands

LIVE = "/etc/ssl/mailserver/live"


@pytest.fixture
def configured(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A host whose programs answer from files of a directory."""
    (tmp_path / "main.cf").write_text("", encoding="ascii")
    (tmp_path / "sni").write_text(f"b.test {LIVE}/b.test/combined.pem\n", encoding="ascii")
    answers = {
        "postconf -nx": f"smtpd_tls_chain_files = {LIVE}/a.test/combined.pem\n"
        f"tls_server_sni_maps = texthash:{tmp_path}/sni\n",
        "doveconf -n": f"ssl_cert = <{LIVE}/c.test/certificate.pem\n",
    }

    def run(argv: list[str]) -> commands.Result:
        return commands.Result(0, answers.get(" ".join(argv), ""), "")

    monkeypatch.setattr(services, "_POSTFIX", str(tmp_path))
    monkeypatch.setattr(services, "_COURIER", str(tmp_path))
    monkeypatch.setattr(commands, "find", lambda name: name)
    monkeypatch.setattr(commands, "run", run)
    return tmp_path


@pytest.mark.parametrize(
    ("path", "places"),
    [
        (f"{LIVE}/a.test", ["main.cf"]),
        (f"{LIVE}/b.test", ["sni"]),
        (f"{LIVE}/c.test", ["dovecot.conf"]),
        ("/etc/ssl/mailserver/courier.pem", ["imapd-ssl"]),
        (f"{LIVE}/a.tes", []),
        (f"{LIVE}/test", []),
        (f"{LIVE}/axtest", []),
    ],
)
def test_who_names_a_path(configured: pathlib.Path, path: str, places: list[str]) -> None:
    (configured / "imapd-ssl").write_text("TLS_CERTFILE=/etc/ssl/mailserver/courier.pem\n", encoding="ascii")
    found = services.users([path]).get(path, [])
    assert list(dict.fromkeys(pathlib.Path(place).name for place in found)) == places


def test_a_host_without_daemons(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    monkeypatch.setattr(commands, "find", lambda name: None)
    monkeypatch.setattr(services, "_COURIER", str(tmp_path / "none"))
    assert services.users([LIVE]) == {}
    assert services.seen("127.0.0.1", {}, [""]) == {}
    assert services.everything("127.0.0.1", {"imaps": 1}, [""]) == []


def test_waiting_for_what_comes_later(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([{("imap", "a"): (b"old",)}, {("imap", "a"): (b"new",), ("smtp", "a"): (b"new",)}])
    monkeypatch.setattr(services, "seen", lambda *asked: next(answers))
    monkeypatch.setattr(services.time, "sleep", lambda seconds: None)
    wanted = {("imap", "a"): [(b"new",)], ("smtp", "a"): [(b"other",), (b"new",)]}
    assert services.await_chains("127.0.0.1", {"imap": 143, "smtp": 25}, wanted) == []


def test_waiting_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_PATIENCE", -1)
    monkeypatch.setattr(services, "seen", lambda *asked: {})
    wanted = {("imap", "a"): [(b"new",)]}
    assert services.await_chains("127.0.0.1", {"imap": 143}, wanted) == [("imap", "a")]
