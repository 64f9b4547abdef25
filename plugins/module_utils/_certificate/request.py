# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an administrator asks for: entries of certificates with their sources, and the options that hold for all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from .._probe.terms import SERVICES, read_ports
from . import names

PORTS: Mapping[str, int] = {service.name: service.port for service in SERVICES.values()}
PARTS = ("certificate", "chain", "key")
LASTING = ("trust_files", "min_days", "keep", "courier", "address", "ports", "tlsa_check", "mx_names")
_DIRECTORY_NAME = re.compile(r"[a-z0-9_][a-z0-9._:-]{0,199}\Z")


class Source(NamedTuple):
    """Where one pair comes from: each part as text or as a file on the host."""

    certificate: str = ""
    certificate_file: str = ""
    chain: str = ""
    chain_file: str = ""
    key: str = ""
    key_file: str = ""
    passphrase: str = ""

    @property
    def lasting(self) -> bool:
        """Whether it can be read again later without anybody's help: files alone, and no passphrase."""
        return not (self.certificate or self.chain or self.key or self.passphrase)

    @property
    def files(self) -> dict[str, str]:
        """The files by the names of their options."""
        pairs = ((f"{part}_file", str(getattr(self, f"{part}_file"))) for part in PARTS)
        return {option: path for option, path in pairs if path}


class Entry(NamedTuple):
    """One certificate: its directory below ``live``, the names that clients use, and how to come by it.

    ``stand_in`` lets one that is signed by itself take its place as long as the source is not there. ``state`` is
    ``present``, ``previous`` or ``absent``.
    """

    name: str
    names: tuple[str, ...]
    default: bool = False
    sources: tuple[Source, ...] = ()
    self_signed: bool = False
    stand_in: bool = False
    state: str = "present"

    @property
    def where(self) -> str:
        return f"certificate {self.name}"

    @property
    def remembered(self) -> Entry:
        """What the renewal program may know of it: files, never text."""
        lasting = all(source.lasting for source in self.sources)
        return self._replace(sources=self.sources if lasting else (), state="present")


class Options(NamedTuple):
    """What holds for all entries; the renewal program uses the same. Without ``address`` it is what others see.

    ``tlsa_check``: a new key waits for its TLSA record where others are. ``mx_names`` are looked at besides the names
    of entries.
    """

    directory: str
    trust_files: tuple[str, ...] = ()
    min_days: int = 7
    keep: int = 3
    courier: bool = False
    reload: bool = True
    exclusive: bool = False
    address: str = ""
    ports: Mapping[str, int] = PORTS
    tlsa_check: bool = True
    mx_names: tuple[str, ...] = ()


def directory(params: Mapping[str, Any]) -> str:
    """Where the certificates are installed. Raises MailError when that is no absolute path."""
    _insist_absolute(params["directory"])
    return str(params["directory"]).rstrip("/")


def options(params: Mapping[str, Any], known: Options | None = None) -> Options:
    """The options of the module. Raises MailError for one that cannot be used.

    Those that hold for all entries are as in ``known``, what an earlier run was told, when they are not given.
    """
    said = {option: params[option] for option in LASTING if params.get(option) is not None}
    for option in ("min_days", "keep"):
        if said.get(option, 0) < 0:
            raise MailError(f"{said[option]} is too small", where=option, mend="Write 0 or more.")
    if "trust_files" in said:
        said["trust_files"] = tuple(said["trust_files"])
        for path in said["trust_files"]:
            _insist_absolute(path)
    if "mx_names" in said:
        said["mx_names"] = tuple(dict.fromkeys(names.normal(name) for name in said["mx_names"]))
    if "ports" in said:
        said["ports"] = read_ports(said["ports"]) if any(said["ports"].values()) else {}
    place = directory(params)
    return (known or Options(place))._replace(
        directory=place, reload=params["reload"], exclusive=params["exclusive"], **said
    )


def _insist_absolute(path: str) -> None:
    if not path.startswith("/"):
        raise MailError("is not an absolute path", where=path, mend="Begin it with a slash.")


def entries(given: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """The entries as they are asked for. Raises MailError that names every faulty one."""
    found: list[Entry] = []
    faults: list[MailError] = []
    for number, raw in enumerate(given, 1):
        try:
            found.append(_entry(raw, f"certificates: entry {number}"))
        except MailError as error:
            faults.append(error)
    faults += _twice(found)
    insist(faults)
    return found


def directory_name(given: object, wanted: Sequence[str], where: str) -> str:
    """What an entry is called, and its directory: by default the first of its names. Raises MailError."""
    name = str(given or wanted[0]).lower().replace("*", "wildcard")
    if not _DIRECTORY_NAME.match(name):
        mend = "Write as its name up to 200 letters, digits, dots, hyphens."
        raise MailError(f"{name!r} cannot be the name of a directory", where=where, mend=mend)
    return name


def insist(faults: Sequence[MailError]) -> None:
    """Raise one MailError that says all ``faults``, if there are any."""
    if len(faults) == 1:
        raise MailError(faults[0].what, where=faults[0].where, mend=f"{faults[0].mend} Nothing was changed.".strip())
    if faults:
        listed = " ".join(f"({number}) {fault.message.rstrip('.')}." for number, fault in enumerate(faults, 1))
        raise MailError(f"{len(faults)} faults: {listed}", where="certificates", mend="Nothing was changed.")


def _entry(raw: Mapping[str, Any], where: str) -> Entry:
    try:
        wanted = tuple(dict.fromkeys(names.normal(name) for name in raw["names"]))
    except MailError as error:
        raise MailError(error.message, where=f"{where}: names", mend=error.mend) from error
    if not wanted:
        raise MailError("no names are given", where=f"{where}: names", mend="List the names that clients use.")
    entry = Entry(
        name=directory_name(raw.get("name"), wanted, where),
        names=wanted,
        default=bool(raw.get("default")),
        self_signed=bool(raw.get("self_signed")),
        stand_in=raw.get("if_missing") == "self_signed",
        state=raw.get("state") or "present",
    )
    if entry.state != "present":
        return entry
    return entry._replace(sources=tuple(_sources(raw, entry)))


def _sources(raw: Mapping[str, Any], entry: Entry) -> list[Source]:
    pairs = [raw, *(raw.get("also") or ())]
    found = [Source(**{field: pair.get(field) or "" for field in Source._fields}) for pair in pairs]
    if entry.self_signed:
        if any(any(source) for source in found):
            mend = "Leave self_signed or the certificate out."
            raise MailError("self_signed is given together with a certificate", where=entry.where, mend=mend)
        return []
    if len(found) > 2:
        raise MailError("has more than one further pair", where=f"{entry.where}: also", mend="One is possible.")
    for source in found:
        for part in PARTS:
            if getattr(source, part) and getattr(source, f"{part}_file"):
                mend = "Leave one of them out."
                raise MailError(f"{part} and {part}_file are both given", where=entry.where, mend=mend)
        if not (source.certificate or source.certificate_file):
            mend = "Write certificate_file (or certificate), or self_signed: true."
            raise MailError("no certificate is given", where=entry.where, mend=mend)
        for path in source.files.values():
            if not path.startswith("/"):
                raise MailError(
                    "is not an absolute path", where=f"{entry.where}: {path}", mend="Begin it with a slash."
                )
    return found


def _twice(found: Sequence[Entry]) -> list[MailError]:
    """Directories, names and defaults that more than one entry claims."""
    faults = []
    owners: dict[str, str] = {}
    directories: set[str] = set()
    for entry in found:
        if entry.name in directories:
            faults.append(MailError("is listed twice", where=entry.where, mend="Give one of them another name."))
        directories.add(entry.name)
        for name in entry.names if entry.state != "absent" else ():
            if owners.setdefault(name, entry.name) != entry.name:
                mend = "A client that asks for a name can get one certificate only: take it out of one entry."
                faults.append(MailError(f"{name} is a name of {owners[name]} too", where=entry.where, mend=mend))
    defaults = [entry for entry in found if entry.default and entry.state != "absent"]
    if len(defaults) > 1:
        mend = "Leave it at one entry."
        faults.append(MailError("is not the only one with default: true", where=defaults[1].where, mend=mend))
    return faults
