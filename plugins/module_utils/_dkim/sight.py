# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the world sees the records of keys: what mail_dns_info is asked, and what its answer means."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._dns_record.answer import NODATA, NXDOMAIN, OK, UNREACHABLE
from .._errors import MailError

# What a server says, and what this host's own network says, tells nothing against a record.
_TELLS = (OK, NODATA, NXDOMAIN, UNREACHABLE)


class Sight(NamedTuple):
    """``seen``: by name of a record, whether everybody who was asked answers with the value of the key. One that
    somebody said nothing about is not in it. ``silent``: a sentence about each server that was silent."""

    seen: Mapping[str, bool]
    silent: Sequence[str] = ()


def questions(keys: Iterable[Mapping[str, Any]], *, only: Collection[str] | None = None) -> list[dict[str, Any]]:
    """Records for mail_dns_info, of ``only`` some domains; also of retired keys, which may be there. May raise."""
    try:
        return [
            {"name": key["name"], "type": "TXT", "values": [key["value"]], "purpose": "dkim", "domain": key["domain"]}
            for key in keys
            if key["value"] and (only is None or key["domain"] in only)  # a key that check mode does not make has none
        ]
    except (KeyError, TypeError) as error:
        mend = "Give the keys as mail_dkim_key_info returns them."
        raise MailError("has something that is not a key", where="keys", mend=mend) from error


def sight(checks: Iterable[Mapping[str, Any]]) -> Sight:
    """What the answer means, given as its ``checks``. Raises MailError."""
    seen: dict[str, bool] = {}
    silent: dict[tuple[str, str], int] = {}
    try:
        for check in checks:
            if check["purpose"] != "dkim":
                continue
            mute = [(view["server"], view["status"]) for view in check["seen"] if view["status"] not in _TELLS]
            for view in mute:
                silent[view] = silent.get(view, 0) + 1
            if check["verdict"] in ("missing", "wrong") or (check["verdict"] == "ok" and not mute):
                seen[check["name"]] = check["verdict"] == "ok"
    except (KeyError, TypeError) as error:
        mend = "Give names with true or false, or checks as mail_dns_info returns them."
        raise MailError("is not understood", where="seen", mend=mend) from error
    return Sight(
        seen,
        [
            f"{server}: said nothing about {count} records ({status}), so they do not count as seen."
            for (server, status), count in silent.items()
        ],
    )
