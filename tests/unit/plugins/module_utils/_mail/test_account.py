# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options to columns, and the plan from the stored account to the wanted one."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._mail import account
from ansible_collections.mailops.mailserver.plugins.module_utils._mail.account import DEFAULTS, Rules, Stored
from ansible_collections.mailops.mailserver.plugins.module_utils._mail.password import Password, Policy

ADDRESS = "alice@example.com"
HASH = "$6$saltsalt$" + "a" * 86
RULES = Rules(policy=Policy())


def wanted(**options: Any) -> account.Wanted:
    return account.parse({"name": ADDRESS, **options}, RULES)


def stored(*, forwards: tuple[str, ...] = (), senders: tuple[str, ...] = (), **columns: Any) -> Stored:
    return Stored(
        {"pwhash": HASH, "home": "/var/vmail/example.com/alice", **DEFAULTS, **columns},
        frozenset(forwards),
        frozenset(senders),
    )


def hasher(_address: str, password: Password, found: str) -> str:
    """Knows one plaintext, whose hash is HASH."""
    if password.is_hash:
        return password.text
    return found if found == HASH and password.text == "Correct-horse-9" else f"hash of {len(password.text)}"


@pytest.mark.parametrize(
    ("option", "value", "column", "stored_as"),
    [
        ("status", "disabled", "status", "disabled"),
        ("mailbox", True, "mailbox", 1),
        ("keep_copy", False, "keep_copy", 0),
        ("imap", "no", "allow_imap", 0),
        ("pop3", False, "allow_pop3", 0),
        ("smtp", False, "allow_smtp", 0),
        ("sieve", False, "allow_sieve", 0),
        ("send_only", True, "send_only", 1),
        ("receive_only", "yes", "receive_only", 1),
        ("quota", "2G", "quota_bytes", 2 * 1024**3),
        ("quota", "unlimited", "quota_bytes", 0),
        ("quota", "default", "quota_bytes", None),
        ("max_message_size", "10M", "max_message_bytes", 10 * 1024**2),
        ("allowed_networks", ["192.0.2.0/24", "2001:db8::1"], "allow_nets", "192.0.2.0/24,2001:db8::1/128"),
        ("allowed_networks", [], "allow_nets", ""),
        ("full_name", "アリス O'Hara", "full_name", "アリス O'Hara"),
        ("note", 'ticket "7"', "note", 'ticket "7"'),
        ("autoreply", {}, "autoreply", ""),
    ],
)
def test_an_option_becomes_a_column(option: str, value: Any, column: str, stored_as: Any) -> None:
    assert wanted(**{option: value}).columns == {column: stored_as}


def test_what_is_left_out_stays_or_goes_back_to_its_default() -> None:
    assert wanted().columns == {}
    assert wanted(quota=None, forward_to=None, autoreply=None).forwards is None
    whole = account.parse({"name": ADDRESS, "quota": "1G"}, RULES._replace(omitted="default"))
    assert whole.columns == {**DEFAULTS, "quota_bytes": 1024**3}
    assert whole.forwards == whole.senders == frozenset()
    assert "pwhash" not in whole.columns


def test_a_reply_is_kept_as_json_and_read_back() -> None:
    reply = {"text": "休暇\n中", "subject": "%s", "from": datetime.date(2026, 12, 21), "until": "2027-01-03", "days": 3}
    column = wanted(autoreply=reply).columns["autoreply"]
    assert json.loads(column)["start"] == "2026-12-21"
    found = account.autoreply_of(column)
    assert found is not None
    assert account.reply_options(found) == {**reply, "from": "2026-12-21"}
    assert account.autoreply_of("") is None


def test_addresses_are_normalised() -> None:
    item = account.parse(
        {"name": "Alice@EXAMPLE.com", "forward_to": "Bob@Example.NET", "sender_addresses": ["Sales@Example.com"]}, RULES
    )
    assert item.address == ADDRESS
    assert item.forwards == {"Bob@example.net"}
    assert item.senders == {"sales@example.com"}
    assert wanted(rename_from="OLD@example.com").rename_from == "old@example.com"


@pytest.mark.parametrize(
    ("of_call", "of_entry", "purged"),
    [(False, None, False), (True, None, True), (False, True, True), (True, False, False), (True, "no", False)],
)
def test_an_entry_knows_better_than_its_call_whether_mail_is_purged(of_call: bool, of_entry: Any, purged: bool) -> None:
    item = account.parse({"name": ADDRESS, "purge_mail": of_entry}, RULES._replace(purge_mail=of_call))
    assert item.purge_mail is purged


@pytest.mark.parametrize(
    ("options", "place", "words"),
    [
        ({"forwards_to": []}, "forwards_to", ("no such option", "Did you mean 'forward_to'?")),
        ({"status": "locked"}, "status", ("'locked' is not a status", "active, disabled, suspended")),
        ({"status": ["active"]}, "status", ("is not a status",)),
        ({"imap": "perhaps"}, "imap", ("'perhaps' is not a boolean", "true or false")),
        ({"purge_mail": "perhaps"}, "purge_mail", ("'perhaps' is not a boolean",)),
        ({"quota": "20 apples"}, "quota", ("'20 apples' is not a size", "500M")),
        ({"quota": 500}, "quota", ("500 is not a size",)),
        ({"max_message_size": "default"}, "max_message_size", ("'default' is not a size",)),
        ({"allowed_networks": ["192.0.2.1/24"]}, "allowed_networks", ("Did you mean 192.0.2.0/24?",)),
        ({"allowed_networks": 7}, "allowed_networks", ("not a list of strings",)),
        ({"full_name": "a\nb"}, "full_name", ("one line",)),
        ({"note": 5}, "note", ("one line",)),
        ({"forward_to": ["bob@example.net", "bob"]}, "forward_to", ("'bob'", "is not a mail address", "name@domain")),
        ({"forward_to": ["|/bin/sh@example.net"]}, "forward_to", ("'|/bin/sh@example.net'", "without spaces")),
        ({"forward_to": ["b@example.net", "b@EXAMPLE.net"]}, "forward_to", ("b@example.net is listed twice",)),
        ({"forward_to": [ADDRESS]}, "forward_to", ("own address", "keep_copy")),
        ({"forward_to": [f"a{number}@example.net" for number in range(1001)]}, "forward_to", ("more than 1000",)),
        ({"sender_addresses": ["#x@example.com"]}, "sender_addresses", ("'#x@example.com'", "letters, digits")),
        ({"sender_addresses": ["@example.com"]}, "sender_addresses", ("'@example.com'", "letters, digits")),
        ({"sender_addresses": [7]}, "sender_addresses", ("not a list of strings",)),
        ({"rename_from": "bob"}, "rename_from", ("'bob'", "is not a mail address")),
        ({"rename_from": "Alice@Example.com"}, "rename_from", ("own address",)),
        ({"state": "gone"}, "state", ("'gone' is not known", "absent, present")),
        ({"update_password": "never"}, "update_password", ("'never' is not known", "always")),
        ({"autoreply": {"text": ""}}, "autoreply", ("has no text",)),
        ({"autoreply": {"text": "x", "from": "soon"}}, "autoreply: from", ("'soon' is not a day",)),
        ({"autoreply": {"text": "x", "sender": "bob"}}, "autoreply", ("'bob'", "is not a mail address")),
        ({"password": "Secret7"}, "password", ("too weak", "at least 8 characters", "a symbol")),
        ({"password": 12345678}, "password", ("empty or not a string",)),
        ({"password": "$1$Secret7$x"}, "password", ("looks like a hash",)),
    ],
)
def test_an_error_names_account_option_and_way_out(options: dict[str, Any], place: str, words: tuple[str, ...]) -> None:
    with pytest.raises(MailError) as error:
        wanted(**options)
    assert error.value.where == f"account {ADDRESS}: {place}"
    for word in words:
        assert word in error.value.message
    assert error.value.mend
    assert "Secret" not in error.value.message


@pytest.mark.parametrize("entry", ["alice@example.com", ["x"], None, 5])
def test_an_entry_is_a_dictionary(entry: Any) -> None:
    with pytest.raises(MailError, match=f"account entry of type {type(entry).__name__}: is not a dictionary"):
        account.parse(entry, RULES)


def test_the_name_may_not_hold_the_delimiter() -> None:
    with pytest.raises(MailError, match=r"'al-ice@example.com'.*separates address extensions"):
        account.parse({"name": "al-ice@example.com"}, RULES._replace(delimiter="-"))


def test_an_address_is_listed_once() -> None:
    with pytest.raises(MailError, match=r"account alice@example.com: is listed twice. Merge the two entries"):
        account.parse_all([{"name": ADDRESS}, {"name": "ALICE@example.com"}], RULES)


@pytest.mark.parametrize(
    ("before", "options", "pwhash"),
    [
        (None, {}, "!"),
        (None, {"password": "Correct-horse-9"}, "hash of 15"),
        (None, {"password": HASH}, HASH),
        (None, {"password": HASH, "update_password": "on_create"}, HASH),
        (stored(), {}, HASH),
        (stored(), {"password": "Correct-horse-9"}, HASH),
        (stored(), {"password": "Battery-staple-9"}, "hash of 16"),
        (stored(), {"password": "Battery-staple-9", "update_password": "on_create"}, HASH),
        (stored(pwhash="!"), {"password": HASH, "update_password": "on_create"}, "!"),
        (stored(pwhash="!"), {"password": HASH}, HASH),
    ],
)
def test_which_hash_is_stored(before: Stored | None, options: dict[str, Any], pwhash: str) -> None:
    after = account.plan(before, wanted(**options), home="/home", hasher=hasher)
    assert after.columns["pwhash"] == pwhash


def test_a_new_account_has_every_column() -> None:
    after = account.plan(None, wanted(full_name="Alice"), home="/h", hasher=hasher)
    assert after.columns == {**DEFAULTS, "pwhash": "!", "home": "/h", "full_name": "Alice"}
    assert after.forwards == after.senders == frozenset()


def test_nothing_wanted_is_nothing_changed() -> None:
    before = stored(forwards=("b@example.net",), senders=("c@example.com",), note="kept", allow_imap=0)
    assert account.plan(before, wanted(), home="/elsewhere", hasher=hasher) == before
    assert account.plan(before, wanted(forward_to=[]), home="", hasher=hasher).forwards == frozenset()
    again = wanted(forward_to=["b@example.net"], note="kept", imap=False, password="Correct-horse-9")
    assert account.plan(before, again, home="", hasher=hasher) == before


@pytest.mark.parametrize(
    ("before", "options", "message"),
    [
        (None, {"mailbox": False}, "has no mailbox and nowhere to send its mail on to. Give forward_to"),
        (stored(), {"mailbox": False}, "has no mailbox and nowhere to send"),
        (stored(mailbox=0, forwards=("b@example.net",)), {"forward_to": []}, "has no mailbox and nowhere to send"),
        (None, {"mailbox": False, "forward_to": ["b@example.net"], "password": HASH}, "password: has no mailbox"),
        (
            stored(autoreply='{"text": "x"}'),
            {"mailbox": False, "forward_to": ["b@example.net"]},
            "autoreply: has no mailbox, so nothing would reply",
        ),
        (None, {"send_only": True, "receive_only": True}, "is both send_only and receive_only. Choose one"),
        (stored(receive_only=1), {"send_only": True}, "is both send_only and receive_only"),
        (None, {"send_only": True, "forward_to": ["b@example.net"]}, "takes no mail (send_only), so it has none"),
    ],
)
def test_what_does_not_go_together(before: Stored | None, options: dict[str, Any], message: str) -> None:
    with pytest.raises(MailError) as error:
        account.plan(before, wanted(**options), home="/h", hasher=hasher)
    assert error.value.message.startswith(f"account {ADDRESS}: {message}")
    assert error.value.mend


def test_a_diff_shows_options_and_no_secret() -> None:
    before = stored(note="old", allow_imap=0)
    after = before._replace(columns={**before.columns, "pwhash": HASH.replace("a", "b"), "note": "new"})
    texts = account.describe(before, after)
    assert "note: old\n" in texts[0]
    assert "note: new\n" in texts[1]
    assert "password: (set)\n" in texts[0]
    assert "password: (changed)\n" in texts[1]
    assert "$6$" not in "".join(texts)
    assert account.describe(None, before)[0] == ""
    assert account.describe(before, None)[1] == ""
    assert "password: (none)\n" in account.describe(None, stored(pwhash="!"))[1]


def test_an_account_in_the_words_of_the_options_can_be_given_back() -> None:
    before = stored(
        forwards=("b@example.net",),
        senders=("s@example.com",),
        status="disabled",
        allow_imap=0,
        quota_bytes=2 * 1024**3,
        max_message_bytes=10 * 1024**2,
        allow_nets="192.0.2.0/24,2001:db8::/32",
        full_name="Alice",
        autoreply=wanted(autoreply={"text": "x", "from": "2026-12-21"}).columns["autoreply"],
    )
    options = account.options_of(before)
    assert HASH not in str(options)
    for told_apart in ("password", "home"):
        options.pop(told_apart)
    assert account.plan(before, wanted(**options), home="", hasher=hasher) == before
