# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The logs of this host read once, and what module mail_log_info returns of them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from .._errors import MailError
from .._outcome import Outcome
from . import facts, read
from .follow import Follow
from .read import Period, Source
from .sums import INTERVALS, Sums
from .when import moment, written


def _period(params: Mapping[str, Any], now: float) -> Period:
    """The period that is asked for. Raises MailError for words that are no time, and for an end before the begin."""
    since = moment("since", params["since"], now)
    until = moment("until", params["until"], now) if params["until"] else now
    if since >= until:
        what = f"'{params['since']}' is not before '{params['until'] or 'now'}'"
        raise MailError(what, where="since", mend="Name an earlier time, or leave it out.")
    return Period(since, until)


def _places(params: Mapping[str, Any], now: float) -> tuple[list[str], bool]:
    """Which files are read, and whether the journal is. Raises MailError where there is nothing to read."""
    if params["paths"]:
        missing = [path for path in params["paths"] if not read.rotated(path)]
        if missing:
            raise MailError(
                "no such file", where=missing[0], mend="Nothing was read. Name log files, or leave paths out."
            )
        return params["paths"], params["source"] == "journal"
    files = [] if params["source"] == "journal" else read.configured()
    syslog = "" if params["source"] == "journal" else read.kept_by_syslog(now)
    journal = params["source"] != "files" and (not syslog or syslog in files) and read.has_journal()
    places = list(dict.fromkeys([*files, *([syslog] if syslog else [])]))
    places = [path for path in places if read.rotated(path)]
    if not places and not journal:
        mend = "Name the files in option paths."
        raise MailError("there is neither a log file of mail nor a journal to read", where=params["source"], mend=mend)
    return places, journal


def run(params: Mapping[str, Any]) -> Outcome:
    """Read the logs. Raises MailError for what cannot be understood or read."""
    now = time.time()
    period = _period(params, now)
    for name, least in (("top", 0), ("follow_max", 1)):
        if params[name] < least:
            raise MailError(f"{params[name]} is less than {least}", where=name, mend="Write a greater number.")
    follow = _follow(params)
    sums = Sums(interval=INTERVALS[params["interval"]], login=params["login"], follow=follow)
    places, journal = _places(params, now)
    sources = [Source(path) for path in places]
    streams = [read.of_files(source, source.name, period) for source in sources]
    if journal:
        sources.append(Source("journal"))
        streams.append(read.of_journal(sources[-1], period))
    for line in read.merged(streams):
        sums.take(line)
    result = facts.facts(sums, params["top"], read.is_smtpd)
    result["messages"] = follow.facts() if follow else []
    result["read"] = _told(sums, sources, period) | {"more_messages": follow.more if follow else 0}
    return Outcome([], result, [f"{fault}." for source in sources for fault in source.faults])


def _follow(params: Mapping[str, Any]) -> Follow | None:
    wanted = {key: value for key, value in (params["follow"] or {}).items() if value}
    if params["follow"] is not None and not wanted:
        mend = "Name a queue_id, message_id, sender or recipient."
        raise MailError("says nothing about the messages to follow", where="follow", mend=mend)
    return Follow({**wanted, "login": params["login"]}, params["follow_max"]) if wanted else None


def _told(sums: Sums, sources: list[Source], period: Period) -> dict[str, Any]:
    return {
        "since": written(period.since),
        "until": written(period.until),
        "first": written(sums.first),
        "last": written(sums.last),
        "sources": [{"name": source.name, "lines": source.lines, "damaged": source.damaged} for source in sources],
        "lines": sums.lines,
        "damaged": sums.cut + sum(source.damaged for source in sources),
        "foreign": sums.foreign,
        "forgotten": facts.forgotten(sums),
    }
