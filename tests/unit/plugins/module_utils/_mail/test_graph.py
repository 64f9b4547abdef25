# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Loops and missing targets."""

from __future__ import annotations

import random
import time
from collections.abc import Collection, Mapping

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._mail.graph import Graph, check, find_loop


def graph(
    targets: Mapping[str, Collection[str]],
    *,
    accounts: Collection[str] = (),
    catch_all: Mapping[str, str] | None = None,
    aliases: Mapping[str, str] | None = None,
) -> Graph:
    return Graph(targets, set(accounts), catch_all or {"a.example": "reject", "b.example": "reject"}, aliases or {})


@pytest.mark.parametrize(
    ("routes", "start", "loop"),
    [
        pytest.param(graph({"x@a.example": ["y@a.example"]}), "x@a.example", [], id="straight"),
        pytest.param(graph({"x@a.example": ["x@a.example"]}), "x@a.example", [], id="a copy to itself is no loop"),
        pytest.param(
            graph({"x@a.example": ["x@a.example", "y@a.example"], "y@a.example": ["y@a.example", "z@b.example"]}),
            "x@a.example",
            [],
            id="copies on the way",
        ),
        pytest.param(
            graph({"x@a.example": ["y@a.example"], "y@a.example": ["x@a.example"]}),
            "x@a.example",
            ["x@a.example", "y@a.example", "x@a.example"],
            id="two",
        ),
        pytest.param(
            graph({"x@a.example": ["Y@A.example"], "y@a.example": ["X@a.example"]}),
            "X@a.example",
            ["x@a.example", "y@a.example", "x@a.example"],
            id="case does not matter",
        ),
        pytest.param(
            graph({"s@a.example": ["x@a.example"], "x@a.example": ["y@b.example"], "y@b.example": ["x@a.example"]}),
            "s@a.example",
            ["x@a.example", "y@b.example", "x@a.example"],
            id="only the loop is spelled out",
        ),
        pytest.param(
            graph(
                {
                    "x@a.example": ["p@a.example", "q@a.example"],
                    "p@a.example": ["r@a.example"],
                    "q@a.example": ["r@a.example"],
                }
            ),
            "x@a.example",
            [],
            id="two ways to one address",
        ),
        pytest.param(
            graph({"x@a.example": ["x@alias.example"]}, aliases={"alias.example": "a.example"}),
            "x@a.example",
            ["x@a.example", "x@alias.example", "x@a.example"],
            id="by an alias domain",
        ),
        pytest.param(
            graph({"x@a.example": ["gone@a.example"]}, catch_all={"a.example": "x@a.example"}),
            "x@a.example",
            ["x@a.example", "gone@a.example", "x@a.example"],
            id="by a catch-all",
        ),
        pytest.param(
            graph({}, catch_all={"a.example": "x@b.example", "b.example": "y@a.example"}),
            "x@b.example",
            ["x@b.example", "y@a.example", "x@b.example"],
            id="two catch-alls",
        ),
        pytest.param(
            graph({}, accounts=["x@b.example"], catch_all={"a.example": "x@b.example", "b.example": "y@a.example"}),
            "x@b.example",
            [],
            id="an account ends a catch-all",
        ),
        pytest.param(
            graph({}, catch_all={"a.example": "x@a.example"}), "x@a.example", [], id="a catch-all that is itself"
        ),
        pytest.param(
            graph({"x@a.example": ["y@a.example"]}, catch_all={"a.example": "discard"}), "x@a.example", [], id="discard"
        ),
    ],
)
def test_a_loop_is_spelled_out(routes: Graph, start: str, loop: list[str]) -> None:
    assert find_loop(routes, [start]) == loop


@pytest.mark.parametrize("closed", [False, True])
def test_a_long_chain_takes_neither_recursion_nor_quadratic_time(closed: bool) -> None:
    length = 50_000
    targets = {f"u{number}@a.example": [f"u{number + 1}@a.example"] for number in range(length)}
    if closed:
        targets[f"u{length}@a.example"] = ["u0@a.example"]
    start = time.process_time()
    loop = find_loop(graph(targets), ["u0@a.example"])
    assert time.process_time() - start < 3
    assert len(loop) == (length + 2 if closed else 0)


def test_random_graphs_against_a_plain_search() -> None:
    chance = random.Random(8)
    found = 0
    for _round in range(300):
        names = [f"n{number}@a.example" for number in range(chance.randint(2, 9))]
        targets = {
            name: chance.sample(names, k=chance.randint(1, min(3, len(names))))
            for name in names
            if chance.random() < 0.6
        }
        routes = graph(targets, accounts=names)

        def on_a_loop(name: str, routes: Graph = routes) -> bool:
            reached, todo = set(), list(routes.next_hops(name))
            while todo:
                hop = todo.pop()
                if hop not in reached:
                    reached.add(hop)
                    todo += routes.next_hops(hop)
            return name in reached

        loop = find_loop(routes, names)
        assert bool(loop) == any(map(on_a_loop, names))
        if loop:
            found += 1
            assert loop[0] == loop[-1]
            assert all(after in routes.next_hops(before) for before, after in zip(loop, loop[1:]))
    assert 50 < found < 300


@pytest.mark.parametrize(
    ("address", "exists"),
    [
        ("x@a.example", True),
        ("X@A.Example", True),
        ("alias@a.example", True),
        ("gone@a.example", False),
        ("anybody@b.example", True),
        ("anybody@elsewhere.example", True),
        ("x@alias.example", True),
        ("gone@alias.example", False),
    ],
)
def test_who_exists(address: str, exists: bool) -> None:
    routes = graph(
        {"alias@a.example": ["x@a.example"]},
        accounts=["x@a.example"],
        catch_all={"a.example": "reject", "b.example": "discard"},
        aliases={"alias.example": "a.example"},
    )
    assert routes.exists(address) is exists


def test_errors_say_where_and_what_to_do() -> None:
    routes = graph({"x@a.example": ["y@a.example"], "y@a.example": ["x@a.example"], "s@a.example": ["gone@a.example"]})
    with pytest.raises(MailError) as error:
        check(routes, ["x@a.example"])
    assert error.value.message == (
        "address x@a.example: mail would run in a loop: x@a.example -> y@a.example -> x@a.example. "
        "Take one of these steps out. Nothing was changed."
    )
    with pytest.raises(MailError) as error:
        check(routes, ["s@a.example"])
    assert error.value.message == (
        "address s@a.example: sends mail on to gone@a.example, which does not exist on this server. "
        "Create it first, or correct the target. Nothing was changed."
    )


@pytest.mark.parametrize("target", ["alice+shop@a.example", "ALICE+x+y@a.example"])
def test_an_extension_leads_to_the_same_address(target: str) -> None:
    accounts = {"alice@a.example"}
    check(graph({"team@a.example": [target]}, accounts=accounts), ["team@a.example"])
    looping = graph({"alice@a.example": ["team@a.example"], "team@a.example": [target]}, accounts=accounts)
    assert find_loop(looping, ["alice@a.example"]) == ["alice@a.example", "team@a.example", "alice@a.example"]


def test_an_extension_elsewhere_is_somebody_elses() -> None:
    routes = {"alice@a.example": ["alice+copy@elsewhere.example"]}
    assert find_loop(graph(routes, accounts={"alice@a.example"}), ["alice@a.example"]) == []
