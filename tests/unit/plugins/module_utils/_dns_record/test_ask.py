# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Questions to name servers: here ones that live in threads."""

from __future__ import annotations

import gc
import os
import selectors
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable

import dns.flags
import dns.message
import dns.rcode
import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.answer import Answer, Server
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.ask import Asker, host_resolvers

from .conftest import Daemon, Reply, response

Start = Callable[[Reply], Daemon]
SOA = "test. 60 IN SOA ns.test. h.test. 1 2 3 4 5"
ROWS = {
    "MX": "d.test. 60 IN MX 10 MX.test.",
    "A": "d.test. 60 IN A 192.0.2.25",
    "AAAA": "d.test. 60 IN AAAA 2001:db8::25",
    "TXT": 'd.test. 60 IN TXT "one " "two\\"" "\\233"',
    "TLSA": "d.test. 60 IN TLSA 3 1 1 " + "AB" * 32,
    "SRV": "d.test. 60 IN SRV 0 1 993 Mail.test.",
    "CAA": 'd.test. 60 IN CAA 0 issue "a.test"',
    "CNAME": "d.test. 60 IN CNAME E.test.",
    "PTR": "d.test. 60 IN PTR e.test.",
}
VALUES = {
    "MX": "10 mx.test.",
    "A": "192.0.2.25",
    "AAAA": "2001:db8::25",
    "TXT": 'one two"\\xe9',
    "TLSA": "3 1 1 " + "ab" * 32,
    "SRV": "0 1 993 mail.test.",
    "CAA": '0 issue "a.test"',
    "CNAME": "e.test.",
    "PTR": "e.test.",
}


def asker(timeout: float = 0.3, total: float = 5) -> Asker:
    return Asker(timeout=timeout, total=total)


def server(daemon: Daemon) -> Server:
    return Server("127.0.0.1", daemon.port, "here")


def resolve(daemon: Daemon, kind: str = "A", **options: Any) -> Answer:
    return asker(**options).resolve([server(daemon)], "d.test", kind)


@pytest.mark.parametrize("kind", ROWS)
def test_records(daemon: Start, kind: str) -> None:
    found = resolve(daemon(lambda message: response(message, ROWS[kind])), kind)
    assert (found.status, found.values) == ("ok", (VALUES[kind],))


def test_the_strings_of_a_text_are_kept(daemon: Start) -> None:
    found = resolve(daemon(lambda message: response(message, ROWS["TXT"])), "TXT")
    assert found.strings == (("one ", 'two"', "\\xe9"),)


def test_what_comes_with_an_answer(daemon: Start) -> None:
    rows = ("d.test. 60 IN CNAME e.test.", "e.test. 60 IN A 192.0.2.1")
    found = resolve(daemon(lambda message: response(message, *rows, flags=dns.flags.AD, authority=SOA)))
    assert found == Answer("ok", ("192.0.2.1",), (), "e.test", "test", True, False, 60)
    loop = ("d.test. 60 IN CNAME e.test.", "e.test. 60 IN CNAME d.test.")
    assert resolve(daemon(lambda message: response(message, *loop))).status == "nodata"


def test_the_ttl_that_was_signed_counts(daemon: Start) -> None:
    """A resolver counts down its own."""
    times = "20270101000000 20260101000000 1 test."
    rows = ("d.test. 60 IN A 192.0.2.1", f"d.test. 60 IN RRSIG A 13 2 3600 {times} AAAA")
    found = resolve(daemon(lambda message: response(message, *rows)))
    assert (found.ttl, found.signed) == (3600, True)


@pytest.mark.parametrize(
    ("code", "checked", "status"),
    [
        ("NOERROR", "NOERROR", "nodata"),
        ("NXDOMAIN", "NXDOMAIN", "nxdomain"),
        ("SERVFAIL", "SERVFAIL", "servfail"),
        ("SERVFAIL", "NOERROR", "bogus"),
        ("REFUSED", "REFUSED", "refused"),
        ("NOTIMP", "NOTIMP", "servfail"),
    ],
)
def test_each_way_of_saying_nothing(daemon: Start, code: str, checked: str, status: str) -> None:
    """Without checking (CD), the resolver tells what it holds back for wrong signatures."""
    assert resolve(daemon(lambda q: response(q, code=checked if q.flags & dns.flags.CD else code))).status == status


def test_silence_ends(daemon: Start) -> None:
    silent = daemon(lambda _message: None)
    begun = time.monotonic()
    assert resolve(silent, timeout=0.1).status == "timeout"
    assert len(silent.heard) == 2
    assert time.monotonic() - begun < 1


def test_where_nobody_listens(daemon: Start) -> None:
    closed = daemon(lambda _message: None)
    closed.close()
    assert resolve(closed, timeout=0.1).status == "timeout"


def test_no_way_there() -> None:
    assert asker().resolve([Server("255.255.255.255", 53, "x")], "d.test", "A").status == "unreachable"
    assert asker().resolve([], "d.test", "A").status == "unreachable"


def test_rubbish_is_no_answer(daemon: Start) -> None:
    assert resolve(daemon(lambda message: message.to_wire()[:2] + b"\x81\x80" + b"\xff" * 9)).status == "servfail"


def test_a_cut_answer_is_asked_for_again_over_tcp(daemon: Start) -> None:
    def reply(message: Any) -> Any:
        again = len(here.heard) > 1
        return response(message, *([ROWS["A"]] if again else []), flags=0 if again else dns.flags.TC)

    here = daemon(reply)
    assert resolve(here).values == ("192.0.2.25",)


def test_the_next_resolver_is_asked(daemon: Start) -> None:
    refusing, good = daemon(lambda q: response(q, code="REFUSED")), daemon(lambda q: response(q, ROWS["A"]))
    found = asker().resolve([server(refusing), server(good)], "d.test", "A")
    assert found.values == ("192.0.2.25",)


def test_nothing_is_asked_twice(daemon: Start) -> None:
    here = daemon(lambda message: response(message, ROWS["A"]))
    run = asker()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda name: run.resolve([server(here)], name, "A"), ["d.test", "D.test", "d.test."] * 8))
    assert set(found) == {found[0]}
    assert (len(here.heard), run.asked) == (1, 1)


def test_after_its_time_nothing_is_asked(daemon: Start) -> None:
    here = daemon(lambda message: response(message, ROWS["A"]))
    assert resolve(here, total=0).status == "unasked"
    assert here.heard == []


@pytest.mark.parametrize(("flags", "status"), [(dns.flags.AA, "ok"), (0, "lame")])
def test_a_zone_s_own_server(daemon: Start, flags: int, status: str) -> None:
    here = daemon(lambda message: response(message, ROWS["A"], flags=flags))
    assert asker().direct(server(here), "d.test", "A").status == status
    assert not here.heard[0].flags & dns.flags.RD


def test_a_silent_server_is_given_up(daemon: Start) -> None:
    silent, run = daemon(lambda _message: None), asker(timeout=0.05)
    assert {run.direct(server(silent), f"n{number}.test", "A").status for number in range(9)} == {"timeout"}
    assert len(silent.heard) == 3


@pytest.mark.parametrize("name", ["a..b", "x" * 64 + ".test"])
def test_names_that_dns_cannot_hold(name: str) -> None:
    assert asker().resolve([Server("127.0.0.1", 9, "x")], name, "A").status == "nxdomain"


def test_the_resolvers_of_the_host() -> None:
    assert all(isinstance(text, str) for text in host_resolvers())


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="nothing says which files are open")
@pytest.mark.parametrize("flags", [0, dns.flags.TC])
def test_many_questions_leave_no_file_open(daemon: Start, flags: int) -> None:
    """Nor is one opened by a library for each wait, which some leave to the garbage collector."""
    here = server(daemon(lambda query: response(query, ROWS["A"], flags=flags)))
    asking = asker()
    gc.disable()
    try:
        before = len(os.listdir("/proc/self/fd"))
        for number in range(30):
            asking.resolve([here], f"d{number}.test", "A")
        assert len(os.listdir("/proc/self/fd")) < before + 10
    finally:
        gc.enable()


def test_a_library_stays_as_it_is() -> None:
    if hasattr(selectors, "EpollSelector"):
        assert selectors.DefaultSelector is selectors.EpollSelector


def test_where_nobody_listens_is_known_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begun = time.monotonic()
    assert asker(timeout=2).resolve([Server("127.0.0.1", port, "x")], "d.test", "A").status == "timeout"
    assert time.monotonic() - begun < 1


def test_an_answer_to_another_question_is_none(daemon: Start) -> None:
    def other(message: Any) -> bytes:
        wire = bytearray(response(message, ROWS["A"]).to_wire())
        wire[0] ^= 0xFF
        return bytes(wire)

    assert resolve(daemon(other)).status == "servfail"
