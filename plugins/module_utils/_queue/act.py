# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Acting on messages of the queue: hold, release, requeue, flush, delete."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import MailError
from .._outcome import Change, Outcome
from . import archive, look
from . import criteria as rules
from .criteria import Criteria
from .door import Queue
from .message import Digest, described, digest
from .totals import Totals, lines

_WAITING = ("incoming", "active", "deferred")
_DELETED_FROM = ("hold", "maildrop")


class Request(NamedTuple):
    """What is asked for besides the messages."""

    archive_to: str
    everything: bool


Do = Callable[[Queue, Sequence[Digest], Request], Iterable[str]]


class Action(NamedTuple):
    """What can be done: where it makes sense, how it is done, and in words.

    ``do`` returns the IDs of the messages that it was done to; ``after`` is the queue where they are then.
    """

    queues: Sequence[str]
    do: Do
    done: str
    after: str = ""


def _move(option: str, *queues: str) -> Do:
    return lambda queue, chosen, _request: queue.move(option, (found.id for found in chosen), *queues)


def _requeue(queue: Queue, chosen: Sequence[Digest], _request: Request) -> Iterable[str]:
    done = set(queue.move("-r", (found.id for found in chosen), *{found.queue for found in chosen}))
    queue.pick_up()
    return done


def _flush(queue: Queue, chosen: Sequence[Digest], request: Request) -> Iterable[str]:
    if request.everything:
        queue.try_all()
        return [found.id for found in chosen]
    due = [found.id for found in chosen if queue.make_due(found.id)]
    queue.try_due()
    return due


def _delete(queue: Queue, chosen: Sequence[Digest], request: Request) -> Iterable[str]:
    """Hold first, so that none of it is delivered from here on, and delete only what is on hold or was just dropped.

    What was just dropped cannot be held: it is handed in under another ID.
    """
    there = [found.id for found in chosen if found.queue in _DELETED_FROM]
    rest = (found.id for found in chosen if found.queue not in _DELETED_FROM)
    held: Iterable[str] = itertools.chain(there, queue.move("-h", rest, *_WAITING))
    if request.archive_to:
        held = _archive(queue, chosen, set(held), request.archive_to)
    return queue.move("-d", held, *_DELETED_FROM, meanwhile=True)


def _archive(queue: Queue, chosen: Sequence[Digest], held: Collection[str], path: str) -> list[str]:
    """Save what is held and return what is on disk."""
    try:
        saved = archive.save(queue, path, (found for found in chosen if found.id in held), _DELETED_FROM)
    except MailError as error:
        mend = f"{len(held)} messages are on hold, and none was deleted. Mend the cause and run again."
        raise MailError(error.what, where=error.where, mend=mend) from error
    return [found.id for found in saved]


ACTIONS: Mapping[str, Action] = {
    "hold": Action(_WAITING, _move("-h", *_WAITING), "put on hold", "hold"),
    "release": Action(("hold",), _move("-H", "hold"), "released", "deferred"),
    "requeue": Action(_WAITING, _requeue, "requeued", "maildrop"),
    "flush": Action(("deferred",), _flush, "tried again", "active"),
    "delete": Action(rules.QUEUES, _delete, "deleted"),
}


def run(options: Mapping[str, Any], *, check_mode: bool) -> Outcome:
    """The work of module ``postfix_queue``."""
    action = ACTIONS[options["action"]]
    criteria = _checked(options)
    request = Request(options["archive_to"] or "", criteria.everything)
    queue = Queue(options["config_directory"])
    selection = look.Selection(queue, criteria, now=time.time())
    shown = look.Shown(options["limit"])
    chosen = _choose(selection, shown, _places(options["action"], criteria))
    _guard(chosen, options["max_messages"])
    if request.archive_to:
        archive.check(request.archive_to, (found.size for found in chosen))
    done = {found.id for found in chosen}
    if chosen and not check_mode:
        done = set(action.do(queue, chosen, request))
    totals = Totals.of(found for found in chosen if found.id in done)
    messages = [described(message) for message in shown.messages() if message.id in done]
    sums = totals.facts(options["top"])
    words = f"{totals.messages} of {selection.listed} messages {'would be ' if check_mode else ''}{action.done}."
    facts = {
        "listed": selection.listed,
        "matched": len(chosen),
        "done": totals.messages,
        "left": len(chosen) - totals.messages,
        "totals": sums,
        "messages": messages,
        "report": lines(sums, first=words),
    }
    return Outcome(_changes(messages, totals.messages, action), facts)


def _choose(selection: look.Selection, shown: look.Shown, places: Sequence[str]) -> list[Digest]:
    """What is kept of the messages that are meant and in one of those queues; some of them as a whole, to be shown."""
    chosen = []
    for message in selection:
        if message.queue in places:
            chosen.append(digest(message))
            shown.add(message)
    return chosen


def _checked(options: Mapping[str, Any]) -> Criteria:
    look.positive(options, "limit", "top", "max_messages")
    if options["archive_to"] and options["action"] != "delete":
        raise MailError(f"goes with delete, not with {options['action']}", where="archive_to", mend="Leave it out.")
    return rules.read(options["filter"], needed=True)


def _places(action: str, criteria: Criteria) -> Sequence[str]:
    """Where messages are looked for: what is on hold is requeued only if it is asked for."""
    if action == "requeue" and (criteria.names_queue("hold") or criteria.ids is not None):
        return (*_WAITING, "hold")
    return ACTIONS[action].queues


def _guard(chosen: Sequence[Digest], most: int | None) -> None:
    if most is not None and len(chosen) > most:
        raise MailError(
            f"{len(chosen)} messages match, more than {most}",
            where="max_messages",
            mend="Nothing was changed. Look at them with check mode, and narrow the filter or raise the number.",
        )


def _changes(messages: Sequence[dict[str, Any]], count: int, action: Action) -> list[Change]:
    """What is shown of messages as a difference: where each was, and where it is."""
    if not count:
        return []
    tail = f"and {count - len(messages)} more\n" if count > len(messages) else ""
    before = "".join(_line(message, message["queue"]) for message in messages) + tail
    after = "".join(_line(message, action.after) for message in messages) + tail if action.after else ""
    return [Change("mail queue", before, after)]


def _line(message: Mapping[str, Any], queue: str) -> str:
    return f"{queue} {message['queue_id']} {message['sender']} ({message['recipient_count']})\n"
