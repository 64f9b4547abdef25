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
from . import dialogue, listeners, main_cf, master_cf, verdict, visitors
from .listeners import Listener
from .plan import Plan
from .postconf import Postfix
from .visitors import Visitor

LIFETIME = 180
ELSEWHERE = "probe@mail-probe.invalid"
RECIPIENTS = (ELSEWHERE, "postmaster", "postmaster@[127.0.0.1]")
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
# Nothing is delivered in the shadow, but parameters named after a delivery agent count as unused without it.
_AGENTS = {"lmtp", "local", "pipe", "smtp", "virtual"}
_CACHES = (
    "smtpd_tls_session_cache_database",
    "smtp_tls_session_cache_database",
    "lmtp_tls_session_cache_database",
    "address_verify_map",
    "postscreen_cache_map",
)
# Directories of mail and of running programs: the shadow must never work in those of the real Postfix.
_MAIL = {"active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "saved", "trace"}
_OWN = {*_MAIL, "pid", "private", "public"}


def judge(
    postfix: Postfix,
    room: str,
    *,
    plan: Plan,
    heard: Sequence[Listener],
    queue_directory: str,
    open_relay: bool,
) -> verdict.Verdict:
    """Run the planned configuration in ``room`` (a private directory that the postfix user can pass) and talk to it.

    ``open_relay`` says that a stranger is meant to be able to send anywhere; otherwise that is a fault.
    """
    staged = os.path.join(room, "shadow")
    queue = os.path.join(room, "queue")
    probed = _smtpd(heard, plan)
    _build(staged, room, plan=plan, probed=probed, owner=postfix.defaults["mail_owner"])
    checked = postfix.check(staged)
    if checked.faults:
        return checked
    _lend_sockets(queue_directory, queue)
    own = f"postmaster@{plan.values.get('myhostname', postfix.defaults['myhostname'])}"
    with _running(postfix, staged, room):
        spoken = [
            fault
            for number, listener in enumerate(probed)
            for visitor in visitors.of(listener, plan.values)
            for fault in _talk(queue, number, listener, visitor, own=own, open_relay=open_relay)
        ]
        time.sleep(0.2)
    return checked + _log(room) + verdict.Verdict(spoken)


def _build(
    staged: str,
    room: str,
    *,
    plan: Plan,
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
        "in_flow_delay": "0",  # without a queue manager, each message would wait that long for its leave
    }
    private.update({name: "" for name in _CACHES if name in plan.values})
    os.mkdir(staged, 0o700)
    os.mkdir(os.path.join(room, "queue"), 0o755)
    data = os.path.join(room, "data")
    os.mkdir(data, 0o700)
    os.chown(data, pwd.getpwnam(owner).pw_uid, -1)
    write(os.path.join(staged, "main.cf"), main_cf.render(main_cf.change(plan.main, private)))
    write(os.path.join(staged, "master.cf"), "".join(map(master_cf.entry, _services(plan.services, probed))))


def _services(services: Sequence[master_cf.Service], probed: Sequence[Listener]) -> list[master_cf.Service]:
    """The shadow's services: internal helpers, and each SMTP service on a private socket."""
    helpers = [service._replace(chroot="n") for service in services if service.command in _HELPERS | _AGENTS]
    extra = (
        ("smtpd_authorized_xclient_hosts", "127.0.0.1"),
        ("smtpd_upstream_proxy_protocol", ""),
        ("smtpd_client_event_limit_exceptions", "0.0.0.0/0 [::]/0"),
    )
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


def write(path: str, text: str) -> None:
    """Write a file of a trial configuration.

    It looks older than it is: each of Postfix's programs waits up to two seconds for a main.cf that is just being
    written to come to rest.
    """
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as handle:
        handle.write(text)
    settled = time.time() - 10
    os.utime(path, (settled, settled))


def _lend_sockets(real: str, queue: str) -> None:
    """Let the shadow reach what other daemons offer in the real queue directory (SASL, policy, filters)."""
    names = [name for name in _listed(real) if name not in _OWN]
    names += [os.path.join("private", name) for name in _listed(os.path.join(real, "private"))]
    for name in names:
        if not os.path.lexists(os.path.join(queue, name)):
            os.symlink(os.path.join(real, name), os.path.join(queue, name))


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


def _smtpd(heard: Sequence[Listener], plan: Plan) -> list[Listener]:
    """The services that are smtpd(8): those on ports, and those that take over from postscreen(8)."""
    handed = [service._replace(type="inet") for service in plan.services if service.type == "pass"]
    return [
        listener
        for listener in (*heard, *listeners.listeners(handed, plan.values))
        if listener.service.command == "smtpd"
    ]


def _talk(
    queue: str, number: int, listener: Listener, visitor: Visitor, *, own: str, open_relay: bool
) -> list[MailError]:
    """Speak to one service as one visitor.

    A stranger tries ``own``, a sender of this host, too: where the empty one is refused, nothing else would be seen.
    """

    def connect() -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(dialogue.TIMEOUT)
        connection.connect(os.path.join(queue, "private", f"probe-{number}"))
        return connection

    where = f"service {listener.service.name}"
    try:
        codes = dialogue.speak(
            connect,
            wrapped=listener.wrapped,
            offers_tls=listener.offers_tls,
            recipients=RECIPIENTS,
            senders=("", own) if visitor.is_stranger else ("",),
            visitor=visitor.xclient,
            helo=visitors.NAME,
        )
    except MailError as error:
        return [MailError(error.what, where=where)]
    if visitor.is_stranger and not open_relay and codes.get(ELSEWHERE, 0) in range(200, 300):
        mend = "End smtpd_relay_restrictions with reject_unauth_destination, and trust only networks of your own."
        return [MailError("a stranger could send mail anywhere through it", where=where, mend=mend)]
    return []
