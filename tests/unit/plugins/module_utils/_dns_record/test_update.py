# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Updates of zones: here those of a primary server that lives in a thread, and keeps its records in a dictionary."""

from __future__ import annotations

import base64
from typing import Any, Callable

import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rdataclass
import dns.rdatatype
import dns.tsig
import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record import publish, update
from ansible_collections.mailops.mailserver.plugins.module_utils._dns_record.update import Key, Primary
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

from .conftest import Daemon, Reply, response

SECRET = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
OTHER = base64.b64encode(b"fedcba9876543210fedcba9876543210").decode()
SOA = "example.com. 60 IN SOA ns.example.com. h.example.com. 1 2 3 4 5"
Start = Callable[[Reply], Daemon]


class Fake:
    """The zone example.com: ``sets`` by name and type. ``code`` is what updates get instead of taking place."""

    def __init__(self) -> None:
        self.sets: dict[tuple[str, str], tuple[int, list[str]]] = {}
        self.code = ""
        self.updates = 0
        self.forgets = False
        self.before_update: Callable[[], None] = lambda: None

    def __call__(self, message: Any) -> Any:
        if message.opcode() == dns.opcode.UPDATE:
            return self._update(message)
        question = message.question[0]
        name, kind = question.name.to_text(omit_final_dot=True), question.rdtype.name
        if not name.endswith("example.com"):
            return response(message, code="REFUSED")
        ttl, values = self.sets.get((name, kind), (0, []))
        alias = self.sets.get((name, "CNAME"))
        if alias and kind != "CNAME":
            return response(message, f"{name}. 60 IN CNAME {alias[1][0]}", flags=dns.flags.AA)
        rows = [f"{name}. {ttl} IN {kind} {value}" for value in values]
        return response(message, *rows, flags=dns.flags.AA, authority=SOA)

    def _update(self, message: Any) -> Any:
        self.updates += 1
        self.before_update()
        if self.code:
            return response(message, code=self.code)
        if message.zone[0].name != dns.name.from_text("example.com"):
            return response(message, code="NOTZONE")
        wanted: dict[tuple[str, str], list[str]] = {}
        for part in message.prerequisite:
            values = [row.to_text() for row in part] if part.rdclass == dns.rdataclass.IN else []
            wanted.setdefault(self._key(part)[0], []).extend(values)
        for key, values in wanted.items():
            if sorted(values) != sorted(self.sets.get(key, (0, []))[1]):
                return response(message, code="NXRRSET" if values else "YXRRSET")
        for change in message.update if not self.forgets else ():
            key, found = self._key(change)
            if change.deleting is not None:
                self.sets.pop(key, None)
            else:
                self.sets[key] = (change.ttl, [*found, *(row.to_text() for row in change)])
        return response(message)

    def _key(self, part: Any) -> tuple[tuple[str, str], list[str]]:
        name = part.name.derelativize(dns.name.from_text("example.com")).to_text(omit_final_dot=True)
        key = (name, dns.rdatatype.to_text(part.rdtype))
        return key, self.sets.get(key, (0, []))[1]


@pytest.fixture(name="fake")
def fixture_fake() -> Fake:
    return Fake()


def primary(daemon: Start, reply: Reply, key: Key | None = None, **server: str) -> Primary:
    """The server with the key ``mail``; ``server`` are keys that it knows."""
    here = daemon(reply)
    for name, secret in (server or {"mail": SECRET}).items():
        here.keyring = {dns.name.from_text(name): dns.tsig.Key(name, secret)}
    return Primary("127.0.0.1", here.port, key or Key("mail", SECRET), 1)


def publishing(server: Primary, *entries: dict[str, Any], state: str = "present", zone: str = "") -> list[str]:
    """Plan and apply; what changed."""
    zones = update.planned(server, publish.wishes(entries, state=state), zone)
    update.apply(server, zones)
    return [f"{zone.name}: {move.name} {move.type}" for zone in zones for move in zone.moves]


MX = {"name": "example.com", "type": "MX", "ttl": 60, "values": ["10 mx.example.com."]}
TXT = {"name": "s1._domainkey.example.com", "type": "TXT", "ttl": 60, "values": ["v=DKIM1; p=" + "A" * 700]}
A = {"name": "a.example.com", "type": "A", "ttl": 60, "values": ["192.0.2.1"]}


def test_records_are_published_once(daemon: Start, fake: Fake) -> None:
    server = primary(daemon, fake)
    assert publishing(server, MX, TXT) == ["example.com: example.com MX", f"example.com: {TXT['name']} TXT"]
    assert publishing(server, MX, TXT) == []
    assert fake.updates == 1
    assert fake.sets["example.com", "MX"] == (60, ["10 mx.example.com."])
    assert server.read(TXT["name"], "TXT").values == tuple(TXT["values"])


def test_what_is_there_is_replaced_or_taken_away(daemon: Start, fake: Fake) -> None:
    fake.sets["example.com", "MX"] = (60, ["10 old.example.com."])
    server = primary(daemon, fake)
    publishing(server, MX, zone="example.com")
    assert fake.sets["example.com", "MX"][1] == ["10 mx.example.com.", "10 old.example.com."]
    publishing(server, MX, state="exclusive")
    assert fake.sets["example.com", "MX"][1] == ["10 mx.example.com."]
    publishing(server, {**MX, "values": []}, state="absent")
    assert ("example.com", "MX") not in fake.sets


def test_what_somebody_else_writes_meanwhile_stays(daemon: Start, fake: Fake) -> None:
    def meanwhile() -> None:
        fake.sets.setdefault(("a.example.com", "A"), (60, ["192.0.2.99"]))

    fake.before_update = meanwhile
    publishing(primary(daemon, fake), A)
    assert sorted(fake.sets["a.example.com", "A"][1]) == ["192.0.2.1", "192.0.2.99"]
    assert fake.updates == 2


def test_somebody_who_writes_all_the_time(daemon: Start, fake: Fake) -> None:
    fake.before_update = lambda: fake.sets.update({("a.example.com", "A"): (60, [f"192.0.2.{100 + fake.updates}"])})
    with pytest.raises(MailError, match="somebody else changed these records at the same time, 3 times"):
        publishing(primary(daemon, fake), A)


def test_an_update_that_is_passed_over_in_silence(daemon: Start, fake: Fake) -> None:
    fake.forgets = True
    with pytest.raises(MailError, match=r"took the update without a word and does not have A a\.example\.com"):
        publishing(primary(daemon, fake), A)


def test_a_name_that_is_a_cname(daemon: Start, fake: Fake) -> None:
    fake.sets["a.example.com", "CNAME"] = (60, ["b.example.com."])
    with pytest.raises(MailError, match=r"a\.example\.com: is a CNAME, beside which no A can stand"):
        publishing(primary(daemon, fake), A)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("REFUSED", "zone example.com: refuses this (REFUSED). Allow the key"),
        ("NOTAUTH", "zone example.com: is not the primary server of this zone, or does not know the key (NOTAUTH)"),
        ("NOTZONE", "zone example.com: says that a name is not in this zone (NOTZONE)"),
        ("NOTIMP", "zone example.com: knows no dynamic updates (NOTIMP)"),
        ("SERVFAIL", "zone example.com: failed (SERVFAIL)"),
        ("BADVERS", "zone example.com: failed (BADVERS)"),
    ],
)
def test_updates_that_are_refused(daemon: Start, fake: Fake, code: str, message: str) -> None:
    fake.code = code
    with pytest.raises(MailError) as error:
        publishing(primary(daemon, fake), A)
    assert message in error.value.message
    assert error.value.message.endswith("No other zone was changed.")


def test_a_server_without_the_zone(daemon: Start, fake: Fake) -> None:
    with pytest.raises(MailError, match=r"a\.else\.test A: refuses this \(REFUSED\)"):
        publishing(primary(daemon, fake), {**A, "name": "a.else.test"})
    lame = primary(daemon, response)
    with pytest.raises(MailError, match="is not the primary server of this zone"):
        publishing(lame, A)
    with pytest.raises(MailError, match=r"has no zone that a\.example\.com is in"):
        lame.zone_of("a.example.com")


def test_keys_that_do_not_fit(daemon: Start, fake: Fake) -> None:
    with pytest.raises(MailError, match=r"ended the connection without an answer|gave no proper answer"):
        publishing(primary(daemon, lambda message: b"", mail=SECRET), A)
    for key in (Key("mail", "%%%secret%%%"), Key("a..b", SECRET)):
        with pytest.raises(MailError, match="the key's name is no name, or its secret is not base64") as error:
            Primary("127.0.0.1", 53, key, 1)
        assert key.secret not in error.value.message


@pytest.mark.parametrize(
    ("code", "reason"), [(17, "(BADKEY)"), (16, "(BADSIG)"), (18, "(BADTIME)"), (22, "gave no proper answer")]
)
def test_a_key_that_the_server_refuses(daemon: Start, code: int, reason: str) -> None:
    def reply(message: Any) -> Any:
        found = response(message, code="NOTAUTH")
        found.use_tsig(message.keyring, message.keyname, tsig_error=code)
        found.request_mac = message.mac
        return found

    with pytest.raises(MailError) as error:
        publishing(primary(daemon, reply), A)
    assert reason in error.value.message
    assert SECRET not in error.value.message


def test_an_answer_that_is_not_signed_is_not_believed(daemon: Start) -> None:
    def reply(message: Any) -> bytes:
        question = message.question[0]
        found = dns.message.make_query(question.name, question.rdtype)
        found.id, found.flags = message.id, dns.flags.QR | dns.flags.AA
        return bytes(found.to_wire())

    with pytest.raises(MailError, match="that is not signed"):
        publishing(primary(daemon, reply), A)


def test_nobody_answers(daemon: Start) -> None:
    closed = daemon(lambda _message: None)
    closed.close()
    with pytest.raises(
        MailError, match=rf"name server 127\.0\.0\.1 port {closed.port}: a\.example\.com A: cannot be reached"
    ):
        publishing(Primary("127.0.0.1", closed.port, Key(), 0.2), A)


def test_without_a_key_nothing_is_signed(daemon: Start, fake: Fake) -> None:
    here = daemon(fake)
    publishing(Primary("127.0.0.1", here.port, Key(), 1), A)
    assert not any(message.had_tsig for message in here.heard)


def test_the_error_names_the_zones_that_were_updated(daemon: Start, fake: Fake) -> None:
    server = primary(daemon, fake)
    zones = update.planned(server, publish.wishes([A], state="present"), "")
    bad = zones[0]._replace(name="else.test", moves=[*zones[0].moves], wishes=publish.wishes([MX], state="present"))
    with pytest.raises(MailError) as error:
        update.apply(server, [*zones, bad])
    assert error.value.message.endswith("Updated before: example.com.")
