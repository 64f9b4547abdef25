# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import pathlib
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import look as room
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.look import look
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.terms import Served
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

OPENSSL = shutil.which("openssl") or ""
needs_openssl = pytest.mark.skipif(not OPENSSL, reason="openssl is not installed")
HERE = "127.0.0.1"
KINDS = {"ec": ("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), "rsa": ("rsa:2048",)}

# What a server says first, and after each line that it gets; None keeps it silent from there on.
Script = Sequence[bytes | None]


class Talker:
    """A server that says what a script says to every client, and counts them."""

    def __init__(self, script: Script, host: str = HERE) -> None:
        self.script = script
        self.clients = 0
        self.socket = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port = int(self.socket.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client = self.socket.accept()[0]
            except OSError:
                return
            self.clients += 1
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as lines:
            for number, line in enumerate(self.script):
                if number and line is not None:
                    lines.readline()
                if line is None:
                    time.sleep(30)
                else:
                    client.sendall(line)


@pytest.fixture
def talker() -> Iterator[Callable[..., Talker]]:
    started: list[Talker] = []

    def start(*script: bytes | None) -> Talker:
        started.append(Talker(script))
        return started[-1]

    yield start
    for one in started:
        one.socket.close()


def free_port() -> int:
    with socket.create_server((HERE, 0)) as unused:
        return int(unused.getsockname()[1])


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A certificate and its key for each name, such as ``a.test-ec.pem`` and ``a.test-ec.key``."""
    directory = tmp_path_factory.mktemp("certificates")
    for name, kind in (("a.test", "ec"), ("a.test", "rsa"), ("b.test", "ec")):
        stem = directory / f"{name}-{kind}"
        made = ["-newkey", *KINDS[kind], "-nodes", "-keyout", f"{stem}.key", "-out", f"{stem}.pem"]
        subprocess.run(
            [OPENSSL, "req", "-x509", *made, "-subj", f"/CN={name}", "-days", "9"], check=True, capture_output=True
        )
    return directory


def der(path: pathlib.Path) -> bytes:
    return base64.b64decode("".join(path.read_text(encoding="ascii").split("-----")[2].split()))


@pytest.fixture
def tls(files: pathlib.Path) -> Iterator[Callable[..., int]]:
    """Start ``openssl s_server`` with these options; gives its port."""
    running: list[subprocess.Popen[bytes]] = []

    def start(*options: str, host: str = HERE) -> int:
        port = free_port()
        argv = [OPENSSL, "s_server", "-quiet", "-accept", f"{host}:{port}", *options]
        running.append(subprocess.Popen(argv, cwd=files, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL))
        for _attempt in range(100):
            try:
                socket.create_connection((host.strip("[]"), port), 1).close()
                return port
            except OSError:
                time.sleep(0.05)
        raise AssertionError("s_server does not start")

    yield start
    for one in running:
        one.kill()
        one.communicate()


def own(name: str, kind: str = "ec", *, second: bool = False) -> tuple[str, ...]:
    cert, key = ("-dcert", "-dkey") if second else ("-cert", "-key")
    return cert, f"{name}-{kind}.pem", key, f"{name}-{kind}.key"


@needs_openssl
def test_each_name_and_no_name_are_asked_for(tls: Callable[..., int], files: pathlib.Path) -> None:
    sni = ("-servername", "b.test", "-cert2", "b.test-ec.pem", "-key2", "b.test-ec.key")
    port = tls(*own("a.test"), *sni)
    names = ["", "a.test", "b.test", "192.0.2.1"]
    a, b = der(files / "a.test-ec.pem"), der(files / "b.test-ec.pem")
    assert look(HERE, {"imaps": port}, names) == [
        Served("imaps", port, name, (chain,)) for name, chain in zip(names, (a, a, b, a), strict=True)
    ]


@needs_openssl
def test_the_whole_chain_comes_as_it_is_sent(tls: Callable[..., int], files: pathlib.Path) -> None:
    port = tls(*own("a.test"), "-cert_chain", "b.test-ec.pem")
    expected = (der(files / "a.test-ec.pem"), der(files / "b.test-ec.pem"))
    assert [one.chain for one in look(HERE, {"submissions": port}, [""])] == [expected]


@needs_openssl
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_two_certificates_behind_one_name(tls: Callable[..., int], files: pathlib.Path, version: str) -> None:
    port = tls(*own("a.test"), *own("a.test", "rsa", second=True), version)
    assert look(HERE, {"imaps": port}, [""])[0].chain == (der(files / "a.test-ec.pem"),)
    assert look(HERE, {"imaps": port}, [""], rsa_only=True)[0].chain == (der(files / "a.test-rsa.pem"),)


@needs_openssl
def test_a_client_that_takes_no_other_key_is_refused(tls: Callable[..., int]) -> None:
    served = look(HERE, {"imaps": tls(*own("a.test"))}, [""], rsa_only=True)[0]
    assert (served.chain, served.error[:23]) == ((), "the TLS handshake fails")


@needs_openssl
def test_an_ipv6_address(tls: Callable[..., int], files: pathlib.Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this host has no IPv6")
    port = tls(*own("a.test"), host="[::1]")
    assert look("::1", {"imaps": port}, [""])[0].chain == (der(files / "a.test-ec.pem"),)


SMTP = (b"220 mx.a.test\r\n", b"250-mx.a.test\r\n250 STARTTLS\r\n")

FAULTS: list[tuple[str, Script, str]] = [
    ("imaps", (None,), "no certificate came within 1 seconds"),
    ("imaps", (b"* OK in clear\r\n", None), "what answers is not TLS"),
    ("imaps", (), "the connection is closed during the TLS handshake"),
    ("smtp", (None,), "it takes connections but says nothing within 1 seconds"),
    ("smtp", (), "it closes the connection without a greeting"),
    ("smtp", (b"220-wait\r\n", None), "its greeting is not complete within 1 seconds, as when postscreen makes"),
    ("smtp", (b"421 4.7.0 too many\r\n",), "it answers a new client with: 421 4.7.0 too many"),
    ("smtp", (SMTP[0], b"250 mx\r\n", b"502 what\r\n", None), "it answers STARTTLS with: 502 what"),
    (
        "smtp",
        (*SMTP, b"454 4.7.0 TLS not available\r\n", None),
        "it answers STARTTLS with: 454 4.7.0 TLS not available",
    ),
    ("smtp", (*SMTP, b"220 go\r\n", None), "no certificate came within 1 seconds"),
    ("smtp", (*SMTP, b"220 go\r\n"), "the connection is closed during the TLS handshake"),
    ("smtp", (*SMTP, None), "it does not answer STARTTLS within 1 seconds"),
    ("imap", (b"* OK\r\n", b". BAD\r\ns1 BAD what\r\n", None), "it answers STARTTLS with: s1 BAD what"),
    ("imap", (b"* BYE full\r\n",), "it answers a new client with: * BYE full"),
    ("pop3", (b"+OK\r\n", b"-ERR what\r\n", None), "it answers STLS with: -ERR what"),
    ("sieve", (b'"SASL" ""\r\nOK\r\n', b'NO "what"\r\n'), 'it answers STARTTLS with: NO "what"'),
]


@needs_openssl
@pytest.mark.parametrize(("service", "script", "error"), FAULTS)
def test_what_keeps_a_port_from_serving(
    talker: Callable[..., Talker], service: str, script: Script, error: str
) -> None:
    started = time.monotonic()
    served = look(HERE, {service: talker(*script).port}, [""], timeout=1)[0]
    assert (served.chain, served.error[: len(error)]) == ((), error)
    assert time.monotonic() - started < 3


@needs_openssl
def test_where_nothing_listens_is_asked_once(talker: Callable[..., Talker]) -> None:
    names = [f"{number}.test" for number in range(50)]
    silent, none = talker(None), free_port()
    served = look(HERE, {"smtp": none, "imap": silent.port}, names, timeout=0.5)
    assert {(one.service, one.error) for one in served} == {
        ("smtp", "nothing listens on this port"),
        ("imap", "it takes connections but says nothing within 0.5 seconds"),
    }
    assert [one.name for one in served] == names * 2
    assert silent.clients == 2


@pytest.mark.parametrize(
    ("name", "sni"),
    [
        ("", ""),
        ("a.test", "a.test"),
        ("*.a.test", "any.a.test"),
        ("192.0.2.1", ""),
        ("2001:db8::1", ""),
    ],
)
def test_what_a_client_sends(name: str, sni: str) -> None:
    assert room._sni(name) == sni


def test_a_host_without_openssl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room.commands, "find", lambda _name: None)
    with pytest.raises(MailError, match="openssl is not installed"):
        look(HERE, {"smtp": 25}, [""])
