# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked for, and what is remembered of it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import book, request
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.book import Book, Record
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.request import Entry, Options, Source
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

FILES = {"certificate_file": "/c", "key_file": "/k"}


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (
            {"names": ["Mail.Example.com."], **FILES},
            Entry("mail.example.com", ("mail.example.com",), sources=(Source(certificate_file="/c", key_file="/k"),)),
        ),
        (
            {"names": ["*.example.com", "192.0.2.1"], "self_signed": True, "default": True},
            Entry("wildcard.example.com", ("*.example.com", "192.0.2.1"), default=True, self_signed=True),
        ),
        (
            {"names": ["a.test"], "name": "Own", "state": "absent"},
            Entry("own", ("a.test",), state="absent"),
        ),
    ],
)
def test_entries(raw: dict[str, Any], wanted: Entry) -> None:
    assert request.entries([raw]) == [wanted]


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ([{"names": []}], "no names are given"),
        ([{"names": ["not a name"]}], "entry 1: names"),
        ([{"names": ["a.test"]}], "no certificate is given"),
        ([{"names": ["a.test"], "name": "../etc", **FILES}], "'../etc' cannot be the name of a directory"),
        ([{"names": ["a.test"], "name": ".hidden", **FILES}], "cannot be the name"),
        ([{"names": ["a.test"], "certificate_file": "c"}], "is not an absolute path"),
        ([{"names": ["a.test"], "certificate": "x", **FILES}], "certificate and certificate_file are both given"),
        ([{"names": ["a.test"], "self_signed": True, **FILES}], "self_signed is given together"),
        ([{"names": ["a.test"], "also": [FILES, FILES], **FILES}], "more than one further pair"),
        ([{"names": ["a.test"], "also": [{"key_file": "/k"}], **FILES}], "no certificate is given"),
        ([{"names": ["a.test"], **FILES}, {"names": ["A.test"], **FILES}], "is listed twice"),
        (
            [{"names": ["a.test"], **FILES}, {"names": ["b.test", "a.test"], **FILES}],
            "certificate b.test: a.test is a name of a.test too",
        ),
        (
            [{"names": [f"{name}.test"], "default": True, **FILES} for name in "ab"],
            "certificate b.test: is not the only one with default: true",
        ),
        ([{"names": []}, {"names": ["a.test"]}], "2 faults: (1) certificates: entry 1: names: no names"),
    ],
)
def test_entries_that_are_refused(given: list[dict[str, Any]], word: str) -> None:
    with pytest.raises(MailError) as caught:
        request.entries(given)
    assert word in caught.value.message


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"min_days": -1}, "min_days: -1 is too small"),
        ({"keep": -1}, "keep: -1 is too small"),
        ({"ports": {"imap": "x"}}, "ports: imap: 'x' is not a port"),
        ({"ports": {"http": 80}}, "unknown service 'http'"),
        ({"trust_files": ["a"]}, "a: is not an absolute path"),
    ],
)
def test_options_that_are_refused(change: dict[str, Any], word: str) -> None:
    params = {**Options("/d")._asdict(), **change}
    with pytest.raises(MailError) as caught:
        request.options(params)
    assert word in caught.value.message


def test_options_without_a_port() -> None:
    params = {**Options("/d/")._asdict(), "ports": {"imap": 0, "smtp": "25"}, "address": None}
    assert request.options(params) == Options("/d", ports={"smtp": 25})


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({}, {}),
        ({"trust_files": []}, {"trust_files": ()}),
        ({"trust_files": ["/b"], "min_days": 0, "keep": 9}, {"trust_files": ("/b",), "min_days": 0, "keep": 9}),
        ({"address": "", "courier": False}, {"address": "", "courier": False}),
        ({"ports": {"imap": "144"}}, {"ports": {"imap": 144}}),
        ({"ports": {}}, {"ports": {}}),
        ({"directory": "/e", "reload": True, "exclusive": False}, {"directory": "/e", "reload": True}),
    ],
)
def test_options_that_are_not_given_stay(change: dict[str, Any], wanted: dict[str, Any]) -> None:
    known = Options("/d", ("/a",), 5, 2, courier=True, address="192.0.2.1", ports={"imap": 143})
    silent = {"directory": "/d", "reload": False, "exclusive": False, **dict.fromkeys(request.LASTING)}
    assert request.options({**silent, **change}, known) == known._replace(**{"reload": False, **wanted})
    assert request.options(silent) == Options("/d", reload=False)


SOURCES = (Source(certificate_file="/c", key_file="/k"), Source(certificate_file="/rsa"))
BOOK = Book(
    Options("/d", trust_files=("/t",), keep=2),
    (
        Record(Entry("a", ("a.test",), default=True, sources=SOURCES, stand_in=True), "seal", "held", ("word",)),
        Record(Entry("b", ("b.test", "c.test"), self_signed=True)),
    ),
)


def test_what_is_written_reads_back() -> None:
    assert book.read(book.write(BOOK), "/d", where="renewal.json") == BOOK
    assert book.read(book.write(BOOK), "/other", where="renewal.json").options == Options("/other", ("/t",), keep=2)
    assert book.read(None, "/d", where="renewal.json") == Book()
    assert book.read(book.write(Book()), "/d", where="renewal.json") == Book()
    assert 'seal": "seal' not in book.words(BOOK)
    assert book.words(Book()) == ""


def test_the_program_reloads_whatever_the_module_was_told() -> None:
    told = BOOK._replace(options=Options("/d", reload=False))
    assert book.read(book.write(told), "/d", where="").options == Options("/d", reload=True)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "is damaged"),
        ("[]", "is damaged"),
        ('{"version": 1}', "is damaged"),
        (book.write(BOOK).replace('"names"', '"nams"'), "is damaged"),
        (book.write(BOOK).replace('"keep"', '"kept"'), "is damaged"),
        (book.write(BOOK).replace('"version": 1', '"version": 2'), "newer release"),
    ],
)
def test_a_book_that_cannot_be_read(text: str, word: str) -> None:
    with pytest.raises(MailError, match=word):
        book.read(text, "/d", where="renewal.json")


@pytest.mark.parametrize(
    ("source", "remembered"),
    [
        (Source(certificate_file="/c", key_file="/k"), True),
        (Source(certificate_file="/c", key="text"), False),
        (Source(certificate_file="/c", key_file="/k", passphrase="p"), False),
        (Source(certificate="text"), False),
    ],
)
def test_only_files_are_remembered(source: Source, remembered: bool) -> None:
    entry = Entry("a", ("a.test",), sources=(source,), state="previous")
    assert entry.remembered == Entry("a", ("a.test",), sources=(source,) if remembered else ())


@pytest.mark.parametrize(
    ("given", "names", "name"),
    [
        ("Main", ["a.test"], "main"),
        (None, ["a.test", "b.test"], "a.test"),
        ("", ["*.a.test"], "wildcard.a.test"),
        ("*.A.test", ["a.test"], "wildcard.a.test"),
        (None, ["2001:db8::1"], "2001:db8::1"),
        (7, ["a.test"], "7"),
        ("a" * 200, ["a.test"], "a" * 200),
    ],
)
def test_what_an_entry_is_called(given: object, names: list[str], name: str) -> None:
    assert request.directory_name(given, names, "entry 1") == name


@pytest.mark.parametrize("given", ["../x", ".x", "-x", "a/b", "a b", "a\n", "ä", "a" * 201, "*" * 26])
def test_what_an_entry_cannot_be_called(given: str) -> None:
    with pytest.raises(MailError, match=r"entry 1: .* cannot be the name of a directory") as error:
        request.directory_name(given, ["a.test"], "entry 1")
    assert "200" in error.value.message
