# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of names and files with keys: Postfix passes over a file that is missing, and fails at a broken one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .._errors import MailError
from .._host import files, key_pair
from . import part, verdict

PARAMETER = "tls_server_sni_maps"


def faults(maps: Sequence[verdict.Table], *, missing: Collection[str]) -> verdict.Verdict:
    """What is wrong with the files that tables of ``tls_server_sni_maps`` name; other tasks make the ``missing`` ones.

    The name would get the certificate of another, or no TLS at all. Compiled tables hold the keys themselves.
    """
    found: list[MailError] = []
    for table in maps:
        text = files.read_text(table.path) if table.type == part.TEXT else None
        for path, name in _files(text or "").items():
            if path not in missing:
                found += _fault(path, name)
    return verdict.Verdict(found)


def _files(text: str) -> dict[str, str]:
    """Each file once, with the first name that it is for."""
    found: dict[str, str] = {}
    for name, *paths in (line.replace(",", " ").split() for line in text.splitlines() if line.strip()):
        for path in paths:
            found.setdefault(path, name)
    return found


def _fault(path: str, name: str) -> list[MailError]:
    try:
        key_pair.check(path)
    except FileNotFoundError:
        return [MailError("does not exist", where=f"{path}, which {PARAMETER} names for {name}")]
    except MailError as error:
        return [MailError(error.what, where=f"{path}, which {PARAMETER} names for {name}", mend=error.mend)]
    return []
