# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text of the Postfix tables."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._store import tables
from ansible_collections.mailops.mailserver.plugins.module_utils._store.tables import AccountRow, Source

DISCARD = "unknown-user@discard.invalid"
NO_MAIL = "550 5.2.1 This address takes no mail"


def row(
    address: str, *, status: str = "active", mailbox: int = 1, keep_copy: int = 1, send_only: int = 0
) -> AccountRow:
    return AccountRow(address, address.partition("@")[2], status, mailbox, keep_copy, send_only)


def render(
    *accounts: AccountRow,
    catch_all: Mapping[str, str] | None = None,
    aliases: Mapping[str, str] | None = None,
    targets: Mapping[str, Sequence[str]] | None = None,
    grants: Sequence[tuple[str, str]] = (),
) -> dict[str, dict[str, str]]:
    """Each table as a mapping; its text must be sorted and must not have a key twice."""
    texts = tables.render(
        Source(
            {"a.example": "reject"} if catch_all is None else catch_all, aliases or {}, accounts, targets or {}, grants
        )
    )
    assert tuple(sorted(texts)) == tuple(sorted(tables.NAMES))
    result = {}
    for name, text in texts.items():
        lines = text.encode().split(b"\n")
        assert lines.pop() == b""
        assert lines == sorted(lines)
        rows = [line.decode().split("\t") for line in lines]
        assert all(len(fields) == 2 and all(fields) for fields in rows)
        result[name] = dict(rows)
        assert len(result[name]) == len(rows), f"{name} has a key twice"
        assert all(key == key.lower() for key in result[name])
    return result


def test_an_empty_store_makes_empty_tables() -> None:
    assert render(catch_all={}) == {name: {} for name in tables.NAMES}


def test_a_plain_mailbox() -> None:
    assert render(row("x@a.example")) == {
        "domains": {"a.example": "1"},
        "mailboxes": {"x@a.example": "1"},
        "aliases": {},
        "senders": {"x@a.example": "x@a.example"},
        "refused": {},
        "locked": {},
    }


@pytest.mark.parametrize(
    ("account", "targets", "aliases", "mailbox"),
    [
        pytest.param(row("x@a.example"), ["y@b.example"], "x@a.example, y@b.example", True, id="copy"),
        pytest.param(row("x@a.example", keep_copy=0), ["y@b.example"], "y@b.example", True, id="no copy"),
        pytest.param(
            row("x@a.example", mailbox=0), ["z@b.example", "y@b.example"], "y@b.example, z@b.example", False, id="only"
        ),
        pytest.param(
            row("x@a.example", mailbox=0, keep_copy=1), ["y@b.example"], "y@b.example", False, id="no mailbox"
        ),
        pytest.param(row("x@a.example", keep_copy=0), ["gone@a.example"], "x@a.example", True, id="target gone"),
        pytest.param(
            row("x@a.example", status="disabled"), ["y@b.example"], "x@a.example, y@b.example", True, id="disabled"
        ),
        pytest.param(row("x@a.example"), ["x@a.example"], "x@a.example", True, id="itself"),
    ],
)
def test_forwards(account: AccountRow, targets: list[str], aliases: str, mailbox: bool) -> None:
    found = render(account, targets={"x@a.example": targets})
    assert found["aliases"] == {"x@a.example": aliases}
    assert found["mailboxes"] == ({"x@a.example": "1"} if mailbox else {})
    login = "x@a.example" if account.status == "active" else tables.NOBODY
    assert found["senders"] == ({"x@a.example": login} if mailbox else {})
    assert found["refused"] == {}


def test_an_alias_leads_to_those_who_exist() -> None:
    found = render(
        row("x@a.example"),
        targets={
            "s@a.example": ["x@a.example", "gone@a.example", "Y@Elsewhere.example"],
            "t@a.example": ["s@a.example"],
        },
    )
    assert found["aliases"] == {
        "s@a.example": "Y@Elsewhere.example, x@a.example",
        "t@a.example": "s@a.example",
    }


def test_an_alias_that_leads_nowhere_is_refused_at_once() -> None:
    found = render(
        row("locked@a.example", status="suspended"),
        row("x@a.example"),
        row("group@a.example", mailbox=0),
        catch_all={"a.example": "x@a.example"},
        targets={
            "s@a.example": ["locked@a.example"],
            "t@a.example": ["s@a.example"],
            "both@a.example": ["locked@a.example", "x@a.example"],
            "group@a.example": ["locked@a.example"],
            "out@a.example": ["locked@a.example", "y@elsewhere.example"],
        },
    )
    assert found["refused"] == {
        "group@a.example": f"{NO_MAIL} now",
        "locked@a.example": "550 5.2.1 This mailbox is suspended",
        "s@a.example": f"{NO_MAIL} now",
        "t@a.example": f"{NO_MAIL} now",
    }
    assert found["aliases"] == {
        "@a.example": "x@a.example",
        "both@a.example": "x@a.example",
        "group@a.example": "group@a.example",
        "locked@a.example": "locked@a.example",
        "out@a.example": "y@elsewhere.example",
        "x@a.example": "x@a.example",
    }


def test_aliases_of_somebody_who_is_gone_do_not_fall_to_the_catch_all() -> None:
    found = render(
        row("x@a.example"),
        targets={"s@a.example": ["gone@b.example"]},
        catch_all={"a.example": "x@a.example", "b.example": "reject"},
    )
    assert found["refused"] == {"s@a.example": f"{NO_MAIL} now"}


@pytest.mark.parametrize(
    ("account", "answer"),
    [
        (row("x@a.example", status="suspended"), "550 5.2.1 This mailbox is suspended"),
        (row("x@a.example", send_only=1), NO_MAIL),
        (row("x@a.example", send_only=1, status="suspended"), "550 5.2.1 This mailbox is suspended"),
        (row("x@a.example", send_only=1, status="disabled"), NO_MAIL),
    ],
)
def test_who_takes_no_mail_is_refused_everywhere_and_may_still_send_while_active(
    account: AccountRow, answer: str
) -> None:
    found = render(account, aliases={"b.example": "a.example"}, targets={"x@a.example": ["y@elsewhere.example"]})
    assert found["refused"] == {"x@a.example": answer, "x@b.example": answer}
    assert found["mailboxes"] == {}
    assert "x@a.example" not in found["aliases"]
    login = "x@a.example" if account.status == "active" else tables.NOBODY
    assert found["senders"] == {"x@a.example": login, "x@b.example": login}


@pytest.mark.parametrize("status", ["disabled", "suspended"])
def test_who_may_not_log_in_sends_as_nobody_and_nobody_else_as_them(status: str) -> None:
    found = render(
        row("x@a.example", status=status),
        row("y@a.example"),
        row("z@a.example", mailbox=0, status=status),
        targets={"s@a.example": ["x@a.example", "y@a.example"], "z@a.example": ["y@a.example"]},
        grants=[("x@a.example", "g@a.example")],
    )
    assert found["senders"] == {
        "x@a.example": tables.NOBODY,
        "y@a.example": "y@a.example",
        "s@a.example": f"{tables.NOBODY},y@a.example",
        "g@a.example": tables.NOBODY,
    }
    assert found["locked"] == {"x@a.example": "521 5.7.1 This account is locked"}


@pytest.mark.parametrize(
    ("catch_all", "row_of_domain"),
    [
        ("reject", {}),
        ("discard", {"@a.example": DISCARD}),
        ("x@a.example", {"@a.example": "x@a.example"}),
        ("X@A.example", {"@a.example": "X@A.example"}),
        ("s@a.example", {"@a.example": "s@a.example"}),
        ("any@elsewhere.example", {"@a.example": "any@elsewhere.example"}),
        ("gone@a.example", {}),
        ("locked@a.example", {}),
    ],
)
def test_a_catch_all_never_takes_the_mail_of_who_exists(catch_all: str, row_of_domain: dict[str, str]) -> None:
    found = render(
        row("x@a.example"),
        row("locked@a.example", status="suspended"),
        row("only@a.example", mailbox=0),
        catch_all={"a.example": catch_all, "b.example": "reject"},
        targets={"s@a.example": ["x@a.example"], "only@a.example": ["y@elsewhere.example"]},
    )
    own = {} if catch_all == "reject" else {"x@a.example": "x@a.example", "locked@a.example": "locked@a.example"}
    always = {"s@a.example": "x@a.example", "only@a.example": "y@elsewhere.example"}
    assert found["aliases"] == {**row_of_domain, **own, **always}


def test_an_alias_domain_has_the_addresses_of_its_domain() -> None:
    found = render(
        row("x@a.example"),
        catch_all={"a.example": "discard", "c.example": "reject"},
        aliases={"b.example": "a.example", "off.example": "not-here.example"},
        targets={"s@a.example": ["x@a.example"]},
    )
    assert found["domains"] == {"a.example": "1", "b.example": "1", "c.example": "1"}
    assert found["aliases"] == {
        "@a.example": DISCARD,
        "@b.example": DISCARD,
        "s@a.example": "x@a.example",
        "s@b.example": "s@a.example",
        "x@a.example": "x@a.example",
        "x@b.example": "x@a.example",
    }
    assert found["mailboxes"] == {"x@a.example": "1"}
    assert found["senders"] == {
        "s@a.example": "x@a.example",
        "s@b.example": "x@a.example",
        "x@a.example": "x@a.example",
        "x@b.example": "x@a.example",
    }


def test_unknown_users_of_an_alias_domain_are_refused_at_rcpt() -> None:
    found = render(row("x@a.example"), aliases={"b.example": "a.example"})
    assert found["aliases"] == {"x@b.example": "x@a.example"}


def test_a_domain_without_mail_service_has_senders_and_nothing_else() -> None:
    found = render(
        row("x@off.example"),
        row("y@a.example"),
        row("z@off.example", status="suspended"),
        catch_all={"a.example": "reject"},
        aliases={"alias.example": "off.example"},
        targets={
            "s@off.example": ["x@off.example"],
            "t@a.example": ["x@off.example"],
            "x@off.example": ["y@a.example"],
        },
    )
    assert found["domains"] == {"a.example": "1"}
    assert found["mailboxes"] == {"y@a.example": "1"}
    assert found["aliases"] == {"t@a.example": "x@off.example"}
    assert found["refused"] == {}
    assert found["senders"]["x@off.example"] == "x@off.example"
    assert found["senders"]["x@alias.example"] == "x@off.example"


def test_who_may_send_as_whom() -> None:
    found = render(
        row("x@a.example"),
        row("y@a.example"),
        row("group@a.example", mailbox=0),
        targets={
            "s@a.example": ["x@a.example", "y@a.example", "z@elsewhere.example", "group@a.example"],
            "deep@a.example": ["s@a.example"],
            "group@a.example": ["x@a.example"],
        },
        aliases={"b.example": "a.example"},
        grants=[("y@a.example", "x@a.example"), ("y@a.example", "news@a.example"), ("y@a.example", "y@a.example")],
    )
    own = {
        "news": "y@a.example",
        "s": "x@a.example,y@a.example",
        "x": "x@a.example,y@a.example",
        "y": "y@a.example",
    }
    assert found["senders"] == {
        f"{name}@{domain}": who for name, who in own.items() for domain in ("a.example", "b.example")
    }


def test_keys_are_sorted_by_their_bytes() -> None:
    names = ["a-b", "a.b", "a_b", "ab", "a", "a1", "_a", "0"]
    text = tables.render(Source({"a.example": "reject"}, {}, [row(f"{name}@a.example") for name in names], {}, []))
    keys = [line.split("\t")[0].encode() for line in text["mailboxes"].splitlines()]
    assert keys == sorted(keys)


def expand(found: Mapping[str, Mapping[str, str]], address: str) -> set[str]:
    """Where Postfix takes mail for ``address``, by virtual(5) and the domains: mailboxes and addresses elsewhere."""
    ends, todo, seen = set(), [address.lower()], set()
    while todo:
        at = todo.pop()
        domain = at.partition("@")[2]
        if at in seen:
            continue
        seen.add(at)
        targets = found["aliases"].get(at) or found["aliases"].get(f"@{domain}")
        if targets and at not in targets.split(", "):
            todo += targets.split(", ")
        elif targets:
            ends.add(at)
            todo += [target for target in targets.split(", ") if target != at]
        else:
            ends.add(at)
    return ends


def test_random_stores_never_bounce_what_they_took_and_never_steal() -> None:
    chance = random.Random(550)
    for _round in range(400):
        domains = ["a.example", "b.example", "off.example"]
        people = [
            row(
                f"u{number}@{chance.choice(domains)}",
                status=chance.choice(("active", "active", "disabled", "suspended")),
                keep_copy=chance.randint(0, 1),
                send_only=int(chance.random() < 0.2),
            )
            for number in range(5)
        ]
        addresses = [item.address for item in people]
        targets = {
            address: chance.sample(addresses[index + 1 :], 1)
            for index, address in enumerate(addresses[:-1])
            if chance.random() < 0.4
        }
        targets.update(
            {
                f"alias{number}@{chance.choice(domains[:2])}": chance.sample(
                    [*addresses, "x@elsewhere.example", "gone@a.example"], 2
                )
                for number in range(3)
            }
        )
        catch_all = {name: chance.choice(("reject", "discard", *addresses)) for name in domains[:2]}
        found = render(*people, catch_all=catch_all, aliases={"alias.example": "a.example"}, targets=targets)
        here = set(found["domains"])
        by_address = {item.address: item for item in people}
        for address in [*addresses, *targets, "nobody@a.example", "u1@alias.example", "nobody@alias.example"]:
            domain = address.partition("@")[2]
            known = address in found["aliases"] or f"@{domain}" in found["aliases"] or address in found["mailboxes"]
            if domain not in here or address in found["refused"] or not known:
                continue
            for end in expand(found, address):
                end_domain = end.partition("@")[2]
                assert end_domain not in here or end in found["mailboxes"], f"{address} ends at {end}"
            person = by_address.get(address)
            if person and person.address not in targets:
                assert expand(found, address) == {address}
