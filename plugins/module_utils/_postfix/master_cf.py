# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The grammar of master.cf (master(5)): services that are not touched stay exactly as they were."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from .._errors import MailError
from . import main_cf

TYPES = ("inet", "unix", "fifo", "pass", "unix-dgram")
WELL_KNOWN_PORTS = {"smtp": "25", "submission": "587", "submissions": "465", "smtps": "465", "lmtp": "24"}


class Service(NamedTuple):
    """One service. The five fields after ``type`` are as in the file: ``y``, ``n``, a number or ``-``.

    ``options`` are the ``-o name=value`` pairs in their order, ``arguments`` everything else after ``command``.
    """

    name: str
    type: str
    private: str
    unprivileged: str
    chroot: str
    wakeup: str
    process_limit: str
    command: str
    options: tuple[tuple[str, str], ...] = ()
    arguments: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return (self.name, self.type)

    @property
    def port(self) -> str:
        """The port of an inet service without its address, as a number where the name is a well known one."""
        port = self.name.rpartition(":")[2]
        return WELL_KNOWN_PORTS.get(port, port)

    @property
    def host(self) -> str:
        """The address of an inet service without brackets; empty when it listens on ``inet_interfaces``."""
        return self.name.rpartition(":")[0].strip("[]")


class Wanted(NamedTuple):
    """What a caller asks for. None leaves a field of an existing service as it is."""

    name: str
    type: str
    present: bool = True
    private: str | None = None
    unprivileged: str | None = None
    chroot: str | None = None
    wakeup: str | None = None
    process_limit: str | None = None
    command: str | None = None
    options: tuple[tuple[str, str], ...] | None = None
    arguments: tuple[str, ...] | None = None


class Chunk(NamedTuple):
    """A piece of the file as it stands there; ``service`` is None for comments and blank lines."""

    service: Service | None
    text: str


def parse(text: str) -> list[Chunk]:
    """Read master.cf. ``render(parse(text)) == text``. Raises MailError for a line that is no service."""
    chunks = []
    for number, lines in main_cf.logical_lines(text):
        if main_cf.is_remark(lines[0]):
            chunks.append(Chunk(None, lines[0]))
            continue
        words = _words(" ".join(line.strip() for line in lines if not main_cf.is_remark(line)))
        if len(words) < 8 or lines[0][0].isspace() or words[1] not in TYPES:
            raise MailError(
                f"line {number} is not a service: {lines[0].strip()!r}",
                where="master.cf",
                mend="A service has eight fields: name, type, private, unprivileged, chroot, wakeup, limit, command.",
            )
        options, arguments = _split(words[8:])
        name, kind, private, unprivileged, chroot, wakeup, limit, command = words[:8]
        service = Service(name, kind, private, unprivileged, chroot, wakeup, limit, command, options, arguments)
        chunks.append(Chunk(service, "".join(lines)))
    return chunks


def render(chunks: Sequence[Chunk]) -> str:
    """The text of the file."""
    return "".join(chunk.text for chunk in chunks)


def services(chunks: Sequence[Chunk]) -> list[Service]:
    """The services in their order."""
    return [chunk.service for chunk in chunks if chunk.service]


def entry(service: Service) -> str:
    """The text of one service: its fields in columns, then one option or the remaining arguments per line."""
    fields = f"{service.name:<9} {service.type:<5}"
    for field, width in zip(service[2:7], (7, 7, 7, 7, 7)):
        fields += f" {field:<{width}}"
    lines = [f"{fields} {service.command}"]
    lines += [f"  -o {_quoted(f'{name}={value}')}" for name, value in service.options]
    if service.arguments:
        lines.append("  " + " ".join(_quoted(argument) for argument in service.arguments))
    return "\n".join(lines) + "\n"


def change(chunks: Sequence[Chunk], wanted: Sequence[Wanted], *, owned: Sequence[str] = ()) -> list[Chunk]:
    """Give ``chunks`` the wanted services: an existing one keeps its place, a new one goes to the end.

    A name ``*:PORT`` with ``present=False`` removes every inet service on that port which is not wanted as well, and
    an ``owned`` prefix every service whose name begins with it and that logs under that name, as ours do.
    Raises MailError when a new service has no command or a name is not possible.
    """
    plan = {(item.name, item.type): item for item in wanted}
    for item in plan.values():
        _check_name(item)
    swept = {_port(name) for (name, kind), item in plan.items() if kind == "inet" and name.startswith("*:")}
    result: list[Chunk] = []
    seen = set()
    for chunk in chunks:
        service = chunk.service
        asked = plan.get(service.key) if service else None
        if service is None or (asked is None and not _is_swept(service, swept, owned)):
            result.append(chunk)
        elif asked and asked.present and service.key not in seen:
            seen.add(service.key)
            result.append(_changed(chunk, asked))
    missing = [_merged(None, item) for item in plan.values() if item.present and (item.name, item.type) not in seen]
    if missing and result and not result[-1].text.endswith("\n"):
        result[-1] = result[-1]._replace(text=result[-1].text + "\n")
    return result + [Chunk(service, entry(service)) for service in missing]


def _is_swept(service: Service, ports: Collection[str], owned: Sequence[str]) -> bool:
    ours = dict(service.options).get("syslog_name") == f"postfix/{service.name}"
    return (service.type == "inet" and service.port in ports) or (ours and service.name.startswith(tuple(owned)))


def faults(found: Sequence[Service], commands: Sequence[str]) -> list[MailError]:
    """What is wrong with these services in themselves; ``commands`` are the programs of the daemon directory."""
    wrong = []
    listening: dict[str, list[Service]] = {}
    keys = set()
    for service in found:
        where = f"master.cf service {service.name}/{service.type}"
        if service.key in keys:
            wrong.append(MailError("is defined twice", where=where, mend="Remove one of the two."))
        keys.add(service.key)
        if service.command not in commands:
            wrong.append(MailError(f"the program '{service.command}' is not in the daemon directory", where=where))
        if not re.fullmatch(r"-|\d+", service.process_limit):
            wrong.append(MailError(f"the process limit '{service.process_limit}' is not a number", where=where))
        if not re.fullmatch(r"-|\d+\??", service.wakeup):
            wrong.append(MailError(f"the wakeup time '{service.wakeup}' is not a number of seconds", where=where))
        if service.type == "inet":
            clash = [other for other in listening.get(service.port, []) if _overlap(service, other)]
            if clash:
                wrong.append(MailError(f"listens on the same port as service {clash[0].name}", where=where))
            listening.setdefault(service.port, []).append(service)
    return wrong


def _overlap(one: Service, other: Service) -> bool:
    return one.host == other.host or not one.host or not other.host


def _port(name: str) -> str:
    port = name.rpartition(":")[2]
    return WELL_KNOWN_PORTS.get(port, port)


def _check_name(item: Wanted) -> None:
    where = f"master.cf service {item.name!r}"
    if item.type not in TYPES:
        raise MailError(f"type '{item.type}' is not one of {', '.join(TYPES)}", where=where)
    pattern = r"(\[?[0-9A-Za-z.:_-]+\]?:)?[0-9A-Za-z_-]+" if item.type == "inet" else r"[0-9A-Za-z][0-9A-Za-z_./-]*"
    swept = item.type == "inet" and not item.present and re.fullmatch(r"\*:[0-9A-Za-z_-]+", item.name)
    if not swept and not re.fullmatch(pattern, item.name):
        raise MailError("is not a possible name", where=where, mend="Write 'port', 'address:port' or '[IPv6]:port'.")


def _changed(chunk: Chunk, item: Wanted) -> Chunk:
    service = _merged(chunk.service, item)
    if chunk.service and _unordered(service) == _unordered(chunk.service):
        return chunk
    remarks = "".join(line for line in chunk.text.splitlines(keepends=True)[1:] if main_cf.is_remark(line))
    return Chunk(service, entry(service) + remarks)


def _unordered(service: Service) -> Service:
    """The service with its options in a fixed order: theirs means nothing to Postfix."""
    return service._replace(options=tuple(sorted(dict(service.options).items())))


def _merged(service: Service | None, item: Wanted) -> Service:
    if service is None:
        if not item.command:
            raise MailError("does not exist yet and has no command", where=f"master.cf service {item.name}/{item.type}")
        private = "n" if item.type == "inet" else "-"
        service = Service(item.name, item.type, private, "-", "-", "-", "-", item.command)
    given = {name: value for name, value in item._asdict().items() if name != "present" and value is not None}
    for value in _texts(given):
        if any(ord(character) < 32 or ord(character) == 127 for character in value):
            raise MailError("has a line break or another control character", where=f"master.cf service {item.name}")
    return service._replace(**given)


def _texts(given: dict[str, object]) -> list[str]:
    texts: list[str] = []
    for value in given.values():
        if isinstance(value, str):
            texts.append(value)
        elif isinstance(value, tuple):
            texts.extend(part for item in value for part in (item if isinstance(item, tuple) else (item,)))
    return texts


def _words(text: str) -> list[str]:
    """Split at white space; ``{ … }`` is one word, given with its braces."""
    words, position = [], 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        end = _brace_end(text, position) if text[position] == "{" else None
        if end is None:
            found = re.compile(r"\S+").match(text, position)
            end = found.end() if found else position + 1
        words.append(text[position:end])
        position = end
    return words


def _brace_end(text: str, start: int) -> int | None:
    depth = 0
    for position in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return position + 1
    return None


def _split(words: Sequence[str]) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """The ``-o`` pairs and the other arguments of a service."""
    options: list[tuple[str, str]] = []
    arguments: list[str] = []
    pending = iter(words)
    for word in pending:
        if word.startswith("-o") and not any(argument.startswith("argv=") for argument in arguments):
            pair = _bare(word[2:] or next(pending, ""))
            name, _equals, value = pair.partition("=")
            options.append((name.strip(), value.strip()))
        else:
            arguments.append(_bare(word))
    return tuple(options), tuple(arguments)


def _bare(word: str) -> str:
    return word[1:-1].strip() if word.startswith("{") and word.endswith("}") else word


def _quoted(word: str) -> str:
    return "{ " + word + " }" if not word or re.search(r"\s", word) or word.startswith("{") else word
