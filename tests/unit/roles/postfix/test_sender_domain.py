# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policy service of role postfix: what it reads and what it answers. DNS itself is a stand-in here."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import io
import pathlib
import sys
import types
from typing import Any

import pytest

PROGRAM = pathlib.Path(__file__).resolve().parents[4] / "roles/postfix/files/sender-domain"


NoAnswer, NXDOMAIN, Failure = (type(name, (Exception,), {}) for name in ("NoAnswer", "NXDOMAIN", "DNSException"))


@pytest.fixture(name="program")
def _program(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ("dns", "dns.exception", "dns.name", "dns.resolver"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    for name in ("exception", "name", "resolver"):
        setattr(sys.modules["dns"], name, sys.modules[f"dns.{name}"])
    for name, value in (("NoAnswer", NoAnswer), ("NXDOMAIN", NXDOMAIN)):
        setattr(sys.modules["dns.resolver"], name, value)
    setattr(sys.modules["dns.exception"], "DNSException", Failure)  # noqa: B010
    setattr(sys.modules["dns.name"], "from_text", str)  # noqa: B010
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = importlib.machinery.SourceFileLoader("sender_domain_program", str(PROGRAM))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    module = importlib.util.module_from_spec(spec) if spec else None
    loader.exec_module(module)  # type: ignore[arg-type]
    return module


@pytest.mark.parametrize(
    ("asked", "marked"),
    [
        ({"sender": "a@gone.test"}, True),
        ({"sender": "a@[192.0.2.1]"}, False),
        ({"sender": ""}, False),
        ({"sender": "gone.test"}, False),
        ({}, False),
        ({"sender": "a@gone.test", "sasl_username": "alice@example.test"}, False),
    ],
)
def test_who_is_marked(program: Any, asked: dict[str, str], marked: bool) -> None:
    answer = program.answer(asked, "X-1", missing=lambda domain: domain == "gone.test")
    assert answer == ("PREPEND X-1: 1" if marked else "DUNNO")


@pytest.mark.parametrize(
    ("outcomes", "missing"),
    [
        ({"MX": None}, False),
        ({"MX": NoAnswer, "A": None}, False),
        ({"MX": NoAnswer, "A": NoAnswer, "AAAA": None}, False),
        ({"MX": NoAnswer, "A": NoAnswer, "AAAA": NoAnswer}, True),
        ({"MX": NXDOMAIN}, True),
        ({"MX": Failure}, False),
        ({"MX": NoAnswer, "A": Failure}, False),
        ({"MX": ValueError}, False),
    ],
)
def test_what_dns_says(
    program: Any, monkeypatch: pytest.MonkeyPatch, outcomes: dict[str, type[Exception] | None], missing: bool
) -> None:
    class Resolver:
        def resolve(self, name: str, kind: str) -> None:
            assert name == "gone.test."
            wrong = outcomes[kind]
            if wrong:
                raise wrong

    monkeypatch.setattr(sys.modules["dns.resolver"], "Resolver", Resolver, raising=False)
    assert program.is_missing("gone.test") is missing


def test_many_requests_are_answered_in_one_process(program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "answer", lambda asked, header: f"{asked.get('sender')} {header}")
    long = b"helo_name=" + b"x" * 100000 + b"\n"
    source = io.BytesIO(long + b"sender=a@b.test\n\nnonsense\nsender=c=d@\xff.test\r\n\n" + b"sender=cut off")
    sink = io.BytesIO()
    program.serve(source, sink, "X-1")
    assert sink.getvalue().decode() == "action=a@b.test X-1\n\naction=c=d@\ufffd.test X-1\n\n"
