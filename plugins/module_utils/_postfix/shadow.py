# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A shadow of Postfix: the staged configuration with a queue of its own, spoken to like a client.

It listens on sockets in a private directory only and has neither queue manager nor delivery agents, so nobody else can
reach it and no mail can leave it.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import socket
import time
from collections.abc import Iterator, Sequence

from .._errors import MailError
from .._host import commands, files
from . import dialogue, main_cf, master_cf, verdict
from .listeners import Listener
from .postconf import Postfix

LIFETIME = 180
STRANGER = "ADDR=192.0.2.1 NAME=[UNAVAILABLE]"
MEMBER = f"{STRANGER} LOGIN=probe@mail-probe.invalid"
RECIPIENTS = ("postmaster", "postmaster@[127.0.0.1]", "probe@mail-probe.invalid")
_HELPERS = {
    "anvil",
    "bounce",
    "cleanup",
    "dnsblog",
    "error",
    "flush",
    "proxymap",
    "scache",
    "showq",
    "spawn",
    "tlsmgr",
    "tlsproxy",
    "trivial-rewrite",
    "verify",
}
_CACHES = (
    "smtpd_tls_session_cache_database",
    "smtp_tls_session_cache_database",
    "lmtp_tls_session_cache_database",
    "address_verify_map",
    "postscreen_cache_map",
)


def judge(
    postfix: Postfix,
    room: str,
    *,
    main: Sequence[main_cf.Chunk],
    services: Sequence[master_cf.Service],
    heard: Sequence[Listener],
    queue_directory: str,
) -> verdict.Verdict:
    """Run the configuration in ``room`` (a private directory that the postfix user can pass) and talk to it."""
    staged = os.path.join(room, "shadow")
    queue = os.path.join(room, "queue")
    probed = [listener for listener in heard if listener.service.command == "smtpd"]
    _build(staged, room, main=main, services=services, probed=probed, owner=postfix.defaults["mail_owner"])
    checked = postfix.check(staged)
    if checked.faults:
        return checked
    _lend_sockets(queue_directory, queue)
    with _running(postfix, staged, room):
        spoken = [fault for number, listener in enumerate(probed) for fault in _talk(queue, number, listener)]
        time.sleep(0.2)
    return checked + _log(room) + verdict.Verdict(spoken)


def _build(
    staged: str,
    room: str,
    *,
    main: Sequence[main_cf.Chunk],
    services: Sequence[master_cf.Service],
    probed: Sequence[Listener],
    owner: str,
) -> None:
    private = {
        "queue_directory": os.path.join(room, "queue"),
        "data_directory": os.path.join(room, "data"),
        "maillog_file": os.path.join(room, "log"),
        "maillog_file_prefixes": room,
        "syslog_name": "postfix",
        "master_service_disable": None,
        "multi_instance_enable": None,
        "multi_instance_name": None,
    }
    present = main_cf.values(main)
    private.update({name: "" for name in _CACHES if name in present})
    os.mkdir(staged, 0o700)
    os.mkdir(os.path.join(room, "queue"), 0o755)
    data = os.path.join(room, "data")
    os.mkdir(data, 0o700)
    os.chown(data, pwd.getpwnam(owner).pw_uid, -1)
    _write(os.path.join(staged, "main.cf"), main_cf.render(main_cf.change(main, private)))
    _write(os.path.join(staged, "master.cf"), "".join(map(master_cf.entry, _services(services, probed))))


def _services(services: Sequence[master_cf.Service], probed: Sequence[Listener]) -> list[master_cf.Service]:
    """The shadow's services: internal helpers, and each SMTP service on a private socket."""
    helpers = [service._replace(chroot="n") for service in services if service.command in _HELPERS]
    extra = (("smtpd_authorized_xclient_hosts", "127.0.0.1"), ("smtpd_upstream_proxy_protocol", ""))
    doors = [
        listener.service._replace(
            name=f"probe-{number}",
            type="unix",
            private="y",
            chroot="n",
            process_limit="-",
            options=(*listener.service.options, *extra),
            arguments=(),
        )
        for number, listener in enumerate(probed)
    ]
    logger = master_cf.Service("postlog", "unix-dgram", "n", "-", "n", "-", "1", "postlogd")
    return [*helpers, *doors, logger]


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as handle:
        handle.write(text)


def _lend_sockets(real: str, queue: str) -> None:
    """Let the shadow reach what other daemons offer in the real queue directory (SASL, policy, filters)."""
    for name in _listed(os.path.join(real, "private")):
        target = os.path.join(queue, "private", name)
        if not os.path.lexists(target):
            os.symlink(os.path.join(real, "private", name), target)


def _listed(path: str) -> list[str]:
    try:
        return os.listdir(path)
    except OSError:
        return []


@contextlib.contextmanager
def _running(postfix: Postfix, staged: str, room: str) -> Iterator[None]:
    """A master for a limited time. It ends by itself, should this process be killed."""
    master = os.path.join(postfix.defaults["daemon_directory"], "master")
    since = time.time()
    done = commands.run([master, "-c", staged, "-e", str(LIFETIME), "-w"])
    if done.status:
        words = [fault.what for fault in _log(room).faults] or postfix.words(since)
        raise MailError("; ".join(words).replace(staged, postfix.directory) or "does not start", where="Postfix")
    try:
        yield
    finally:
        _stop(os.path.join(room, "queue", "pid", "master.pid"))


def _stop(pid_file: str) -> None:
    with open(pid_file, encoding="ascii") as handle:
        pid = int(handle.read())
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        for _turn in range(30):
            if not os.path.exists(f"/proc/{pid}"):
                return
            time.sleep(0.1)


def _log(room: str) -> verdict.Verdict:
    return verdict.of_log((files.read_text(os.path.join(room, "log")) or "").replace(f"{room}/", "").splitlines())


def _talk(queue: str, number: int, listener: Listener) -> list[MailError]:
    """Speak to one service as this host, as a stranger and, where it has AUTH, as somebody who has logged in."""

    def connect() -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(dialogue.TIMEOUT)
        connection.connect(os.path.join(queue, "private", f"probe-{number}"))
        return connection

    for visitor in ("", STRANGER, *([MEMBER] if listener.sasl else [])):
        try:
            dialogue.speak(
                connect,
                wrapped=listener.wrapped,
                offers_tls=listener.offers_tls,
                recipients=RECIPIENTS,
                visitor=visitor,
            )
        except MailError as error:
            return [MailError(error.what, where=f"service {listener.service.name}")]
    return []
