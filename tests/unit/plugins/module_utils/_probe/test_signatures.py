# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What mail that arrived proves of the keys that sign; the messages are signed here with dkimpy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._dkim import book, key, phase
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._probe import signatures, verifier
from ansible_collections.mailops.mailserver.plugins.module_utils._probe.terms import Account, Answer, Letter, Row

dkim = pytest.importorskip("dkim")

ALICE = Account("alice@example.test", "a")
LETTER = Letter(
    "mp0-1", "submission 587", "mail", "submission", ALICE, ALICE.address, "b@x.test", ("b@x.test",), "", ""
)
PLAIN = b"From: alice@example.test\r\nTo: b@x.test\r\nSubject: one\r\n\r\nText.\r\n"
RSA, OTHER = key.make(key.RSA, 2048), key.make(key.RSA, 2048)
ED25519 = key.make(key.ED25519, 0)


def shown(selector: str, of: key.Key = RSA, in_phase: str = phase.SIGNING) -> dict[str, Any]:
    """A key as mail_dkim_key_info returns it."""
    return book.shown("example.test", selector, book.hold(of, created=0, phase=in_phase, since=0), "")


def signed(raw: bytes, selector: str, by: key.Key, domain: bytes = b"example.test") -> bytes:
    algorithm = b"ed25519-sha256" if by.algorithm == key.ED25519 else b"rsa-sha256"
    more = {"include_headers": [b"from", b"to", b"subject"], "signature_algorithm": algorithm}
    header: bytes = dkim.sign(raw, selector.encode(), domain, by.content.strip(), **more)
    return header + raw


BOTH = signed(signed(PLAIN, "r", RSA), "e", ED25519)
KEYS = [shown("r"), shown("e", ED25519), shown("next", OTHER, phase.PUBLISHED)]


def rows(raw: bytes, keys: list[dict[str, Any]] | None = None) -> list[Row]:
    found = signatures.read(KEYS if keys is None else keys)
    return list(signatures.rows(LETTER, raw, found, verifier.verify))


def test_each_key_that_signs_has_a_row() -> None:
    assert rows(b"Received: by mx\r\n" + BOTH) == [
        Row("submission 587", "mail of alice@example.test signed with r (rsa)", "ok", "the signature verifies"),
        Row("submission 587", "mail of alice@example.test signed with e (ed25519)", "ok", "the signature verifies"),
    ]


@pytest.mark.parametrize(
    ("raw", "keys", "result", "detail"),
    [
        (PLAIN, [shown("r")], "failed", "it has no signature of the domain"),
        (signed(PLAIN, "r", RSA, b"x.test"), [shown("r")], "failed", "it has no signature of the domain"),
        (signed(PLAIN, "r", RSA), [shown("s")], "failed", "no such signature, only with r"),
        (signed(PLAIN, "r", OTHER), [shown("r")], "failed", "the signature does not verify"),
        (signed(PLAIN, "r", RSA) + b"More.\r\n", [shown("r")], "failed", "the signature does not verify"),
        (b"", [shown("r")], "skipped", "the message did not arrive where it can be read"),
    ],
)
def test_what_a_message_does_not_prove(raw: bytes, keys: list[dict[str, Any]], result: str, detail: str) -> None:
    first = rows(raw, keys)[0]
    assert (first.result, first.detail[: len(detail)]) == (result, detail)
    assert bool(first.mend) == (result == "failed")


def test_a_signature_that_nobody_knows_is_a_fault() -> None:
    found = rows(signed(BOTH, "strange", OTHER))
    assert [row.result for row in found] == ["ok", "ok", "failed"]
    assert found[2].detail == "it has a signature with selector strange"
    assert [row.result for row in rows(signed(BOTH, "next", OTHER))] == ["ok", "ok"]


def test_what_cannot_be_verified_here_is_skipped_when_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "_has", lambda name: name != "dkim")
    assert [(row.result, "python3-dkim is missing" in row.detail) for row in rows(BOTH)] == [("skipped", True)] * 2
    assert [row.result for row in rows(PLAIN)] == ["failed", "failed"]


def test_without_nacl_only_ed25519_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_nacl(*_given: Any, **_more: Any) -> bool:
        raise dkim.UnknownKeyTypeError("NaCl not found")

    monkeypatch.setattr(verifier, "_has", lambda name: name != "nacl")
    monkeypatch.setattr(dkim.DKIM, "verify", no_nacl)
    assert "python3-nacl is missing" in rows(BOTH)[1].detail


def test_keys_that_do_not_sign_yet_are_told_of() -> None:
    keys = signatures.read([shown("r", in_phase=phase.PUBLISHED), shown("old", in_phase=phase.RETIRED)])
    assert [key.selector for key in keys] == ["r"]
    assert signatures.domains(keys) == []
    assert [row.what for row in signatures.idle(keys)] == ["mail of example.test signed"]
    assert signatures.idle(signatures.read(KEYS)) == []
    assert rows(PLAIN, [shown("r", in_phase=phase.PUBLISHED)]) == []


@pytest.mark.parametrize("change", [{"login": None}, {"reply_to": ALICE.address}])
def test_letters_of_strangers_and_those_for_a_reply_prove_nothing(change: dict[str, Any]) -> None:
    assert signatures.domain_of(LETTER._replace(**change)) == ""


def test_what_is_not_a_key_is_refused() -> None:
    with pytest.raises(MailError, match="dkim_keys: has something that is not a key"):
        signatures.read([{"domain": "x"}])


def test_a_signature_may_be_folded() -> None:
    seen: list[tuple[int, Mapping[str, str]]] = []

    def note(_raw: bytes, number: int, records: Mapping[str, str]) -> Answer:
        seen.append((number, records))
        return Answer("accepted")

    folded = b"DKIM-Signature: v=1; a=rsa-sha256;\r\n\td=Example.test;\r\n s=r; b=\r\n\r\n"
    raw = b"DKIM-Signature: v=1; d=x.test; s=r\r\n" + folded
    found = list(signatures.rows(LETTER, raw, signatures.read([shown("r")]), note))
    assert [row.result for row in found] == ["ok"]
    assert [(number, list(records)) for number, records in seen] == [(1, ["r._domainkey.example.test"])]
