# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mail_certificate_info with certificates on a real disk and ``openssl s_server``."""

from __future__ import annotations

import json
import pathlib
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import install, request
from ansible_collections.mailops.mailserver.plugins.modules import mail_certificate_info

OPENSSL = shutil.which("openssl") or ""
HERE = "127.0.0.1"
pytestmark = pytest.mark.skipif(not OPENSSL, reason="openssl is not installed")

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def _run(**options: Any) -> dict[str, Any]:
        given = {"directory": str(tmp_path / "tls"), "address": HERE, **options}
        with patch_module_args(given), pytest.raises(SystemExit):
            mail_certificate_info.main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    return _run


@pytest.fixture
def live(tmp_path: pathlib.Path) -> pathlib.Path:
    """A certificate for a.test, the default, and one for b.test, both signed by themselves."""
    entries = [{"names": [name], "self_signed": True, "default": name == "a.test"} for name in ("a.test", "b.test")]
    options = request.Options(str(tmp_path / "tls"), reload=False)
    install.converge(options, request.entries(entries), able=True, check_mode=False)
    return tmp_path / "tls" / "live"


@pytest.fixture
def port(live: pathlib.Path) -> Iterator[int]:
    """A daemon that serves both."""
    with socket.create_server((HERE, 0)) as unused:
        number = int(unused.getsockname()[1])
    certificates = ["-cert", "a.test/certificate.pem", "-key", "a.test/key.pem", "-servername", "b.test"]
    certificates += ["-cert2", "b.test/certificate.pem", "-key2", "b.test/key.pem"]
    argv = [OPENSSL, "s_server", "-quiet", "-accept", f"{HERE}:{number}", *certificates]
    with subprocess.Popen(argv, cwd=live, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as daemon:
        for _attempt in range(100):
            try:
                socket.create_connection((HERE, number), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield number
        daemon.kill()


def test_what_is_served_is_what_is_on_disk(run: Run, live: pathlib.Path, port: int) -> None:
    found = run(ports={"imaps": port})
    assert (found["changed"], found["faults"], found["notices"]) == (False, [], [])
    assert [(one["name"], one["certificate"], one["agrees"]) for one in found["served"]] == [
        ("", "a.test", True),
        ("a.test", "a.test", True),
        ("b.test", "b.test", True),
    ]
    assert [one["name"] for one in found["certificates"]] == ["a.test", "b.test"]
    assert found["served"][2]["tlsa"] == found["certificates"][1]["tlsa"]
    pem = "".join((live / name / "certificate.pem").read_text(encoding="ascii") for name in ("a.test", "b.test"))
    assert found["trust_pem"] == pem
    assert len(found["table"]) == 4


def test_a_daemon_that_was_not_reloaded(run: Run, live: pathlib.Path, port: int) -> None:
    names = {"names": ["b.test", "c.test"], "name": "b.test", "self_signed": True}
    options = request.Options(str(live.parent), reload=False)
    install.converge(options, request.entries([names]), able=True, check_mode=False)
    found = run(ports={"imaps": port})
    assert [one["name"] for one in found["served"] if not one["agrees"]] == ["b.test", "c.test"]
    assert found["faults"][:2] == [
        f"imaps {port}: b.test: an older version of 'b.test' is served, not the one on disk",
        "  -> Reload the daemon (systemctl reload postfix dovecot): the file was renewed after it had read it.",
    ]


def test_a_host_without_certificates_says_what_is_served(run: Run, port: int) -> None:
    found = run(ports={"imaps": port}, names=["B.test"], directory="/nowhere")
    assert (found["certificates"], found["faults"], found["trust_pem"]) == ([], [], "")
    assert [(one["name"], one["agrees"], one["names"]) for one in found["served"]] == [
        ("", None, ["a.test"]),
        ("b.test", None, ["b.test"]),
    ]


def test_without_ports_only_the_disk_is_read(run: Run, live: pathlib.Path) -> None:
    found = run(ports={})
    assert [one["name"] for one in found["certificates"]] == ["a.test", "b.test"]
    assert (found["served"], found["faults"]) == ([], [])


def test_days_that_are_a_fault_and_days_that_are_a_notice(run: Run, port: int) -> None:
    found = run(ports={"imaps": port}, min_days=700, warn_days=900)
    assert found["faults"] == []
    assert "expires in" in found["notices"][0]
    assert "expires in" in run(ports={"imaps": port}, min_days=900)["faults"][0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ports": {"smpt": 25}}, "ports: unknown service 'smpt'"),
        ({"ports": {"smtp": 99999}}, "ports: smtp: '99999' is not a port"),
        ({"names": ["not a name"]}, "names: "),
        ({"timeout": 0}, "timeout: 0.0 is too small. Write 1 or more."),
        ({"min_days": -1}, "min_days: -1 is too small. Write 0 or more."),
    ],
)
def test_options_that_cannot_be_used(run: Run, options: dict[str, Any], message: str) -> None:
    found = run(**options)
    assert found["failed"]
    assert found["msg"].startswith(message)
