# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From module options to a request for a changed configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from . import main_cf, master_cf
from .part import DIRECTORY, INDEXED, KINDS, Elements, Part, Table

SERVICES: dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "default": [],
    "options": {
        "name": {"type": "str", "required": True},
        "type": {"type": "str", "choices": list(master_cf.TYPES), "default": "inet"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "private": {"type": "bool"},
        "unprivileged": {"type": "bool"},
        "chroot": {"type": "bool"},
        "wakeup": {"type": "str"},
        "process_limit": {"type": "int"},
        "command": {"type": "str"},
        "options": {"type": "dict"},
        "arguments": {"type": "list", "elements": "str"},
    },
}


TABLES: dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "default": [],
    "options": {
        "name": {"type": "str", "required": True},
        "kind": {"type": "str", "choices": list(KINDS), "default": INDEXED},
        "rows": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "key": {"type": "str", "required": True, "no_log": False},
                "value": {"type": "str"},
                "secret": {"type": "str", "no_log": True},
            },
            "mutually_exclusive": [["value", "secret"]],
            "required_one_of": [["value", "secret"]],
        },
    },
}


DIRECTORIES: dict[str, Any] = {
    "config_directory": {"type": "path", "default": "/etc/postfix"},
    "tables_directory": {"type": "path", "default": DIRECTORY},
}


class Request(NamedTuple):
    """What a module asks for.

    ``parameters`` are main.cf's (None removes), ``if_known`` those that are left out where this Postfix lacks them.
    ``exclusive`` removes all other parameters. ``expected_paths`` are files that other tasks of the same play make: in
    check mode their absence is told, not refused. ``open_relay`` says that a stranger is meant to be able to relay.
    """

    directory: str
    parameters: Mapping[str, str | None] = {}
    if_known: Mapping[str, str | None] = {}
    exclusive: bool = False
    services: Sequence[master_cf.Wanted] = ()
    expected_paths: Sequence[str] = ()
    elements: Mapping[str, Elements] = {}
    tables: Sequence[Table] = ()
    tables_directory: str = DIRECTORY
    owned: Sequence[str] = ()
    open_relay: bool = False
    warnings: Sequence[str] = ()


def of_main(params: Mapping[str, Any]) -> Request:
    """The request of postfix_main. Raises MailError for values that cannot be written."""
    return Request(
        directory=params["config_directory"],
        parameters=_values(params["parameters"]),
        if_known=_values(params["parameters_if_known"]),
        exclusive=params["exclusive"],
        services=_services(params["services"]),
        expected_paths=params["expected_paths"],
        elements={str(name): _elements(str(name), given) for name, given in params["elements"].items()},
        tables=[_table(given) for given in params["tables"]],
        tables_directory=params["tables_directory"],
        owned=params["owned_prefixes"],
        open_relay=params["open_relay"],
    )


def of_master(params: Mapping[str, Any]) -> Request:
    """The request of postfix_master. Raises MailError for values that cannot be written."""
    return Request(
        directory=params["config_directory"],
        services=_services(params["services"]),
        expected_paths=params["expected_paths"],
    )


def of_part(
    part: Part,
    *,
    directory: str,
    tables_directory: str = DIRECTORY,
    open_relay: bool = False,
    expected_paths: Sequence[str] = (),
) -> Request:
    """The request that brings one part. Raises MailError for values that cannot be written."""
    blank = dict.fromkeys(SERVICES["options"]) | {"type": "inet", "state": "present"}
    return Request(
        directory=directory,
        parameters=_values(part.parameters),
        if_known=_values(part.if_known),
        services=_services([{**blank, **service} for service in part.services]),
        expected_paths=expected_paths,
        elements=part.elements,
        tables=part.tables,
        tables_directory=tables_directory,
        owned=part.owned,
        open_relay=open_relay,
        warnings=part.warnings,
    )


def _elements(name: str, raw: Any) -> Elements:
    """``{first: [], last: [], remove: []}`` or a list, which means ``last``."""
    given = raw if isinstance(raw, Mapping) else {"last": raw}
    unknown = sorted(set(map(str, given)) - set(Elements._fields))
    if unknown:
        raise MailError(f"no such option: {unknown[0]}", where=f"elements: {name}", mend="Use first, last and remove.")
    found = {}
    for key, value in given.items():
        if not isinstance(value, (list, tuple)):
            raise MailError("is not a list", where=f"elements: {name}: {key}", mend="Write a list of elements.")
        found[key] = tuple(main_cf.as_value(name, item) or "" for item in value)
    return Elements(**found)


def _table(raw: Mapping[str, Any]) -> Table:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", raw["name"]):
        raise MailError(
            "is not the name of a table", where=f"tables: {raw['name']!r}", mend="Write letters, digits, _."
        )
    rows = tuple((row["key"], row["secret"] if row["value"] is None else row["value"]) for row in raw["rows"])
    return Table(raw["name"], rows, raw["kind"], any(row["secret"] is not None for row in raw["rows"]))


def _values(raw: Mapping[str, Any]) -> dict[str, str | None]:
    return {str(name): main_cf.as_value(str(name), value) for name, value in raw.items()}


def _services(raw: Sequence[Mapping[str, Any]]) -> list[master_cf.Wanted]:
    """The services; an entry that names a service again changes what it gives, option by option."""
    merged: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in raw:
        service = merged.setdefault((entry["name"], entry["type"]), {})
        given = {field: value for field, value in entry.items() if value is not None}
        if service.get("options") and "options" in given:
            given["options"] = {**service["options"], **given["options"]}
        service.update(given)
    return [_wanted(service) for service in merged.values()]


def _wanted(raw: Mapping[str, Any]) -> master_cf.Wanted:
    limit, options, arguments = raw.get("process_limit"), raw.get("options"), raw.get("arguments")
    return master_cf.Wanted(
        name=raw["name"],
        type=raw["type"],
        present=raw["state"] == "present",
        private=_flag(raw.get("private")),
        unprivileged=_flag(raw.get("unprivileged")),
        chroot=_flag(raw.get("chroot")),
        wakeup=raw.get("wakeup"),
        process_limit=None if limit is None else str(limit),
        command=raw.get("command"),
        options=None if options is None else _options(options),
        arguments=None if arguments is None else tuple(arguments),
    )


def _options(raw: Mapping[Any, Any]) -> tuple[tuple[str, str], ...]:
    """The options that have a value; null takes one away from an earlier entry of the same service."""
    written = [(str(name), main_cf.as_value(str(name), value)) for name, value in raw.items()]
    return tuple((name, value) for name, value in written if value is not None)


def _flag(value: bool | None) -> str | None:
    return None if value is None else ("y" if value else "n")
