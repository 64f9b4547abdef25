# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Acting on messages of the queue: hold, release, requeue, flush, delete."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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


Do = Callable[[Queue, Iterable[Digest], Request], Iterable[str]]


class Action(NamedTuple):
    """What can be done: where it makes sense, how it is done, and in words.

    ``do`` returns the IDs of the messages that it was done to; ``after`` is the queue where they are then. With
    ``streams`` it can take messages while the queue is still being listed.
    """

    queues: Sequence[str]
    do: Do
    done: str
    after: str = ""
    streams: bool = False


def _move(option: str, *queues: str) -> Do:
    return lambda queue, chosen, _request: queue.move(option, (found.id for found in chosen), *queues)


def _requeue(queue: Queue, chosen: Iterable[Digest], _request: Request) -> Iterable[str]:
    chosen = list(chosen)
    done = set(queue.move("-r", (found.id for found in chosen), *{found.queue for found in chosen}))
    queue.pick_up()
    return done


def _flush(queue: Queue, chosen: Iterable[Digest], request: Request) -> Iterable[str]:
    if request.everything:
        queue.try_all()
        return [found.id for found in chosen]
    due = [found.id for found in chosen if queue.make_due(found.id)]
    queue.try_due()
    return due


def _delete(queue: Queue, chosen: Iterable[Digest], request: Request) -> Iterable[str]:
    """Hold first, so that none of it is delivered from here on, and delete only what is on hold or was just dropped."""
    if request.archive_to:
        chosen = list(chosen)
        held: Iterable[str] = _archive(queue, chosen, set(_held(queue, chosen)), request.archive_to)
    else:
        held = _held(queue, chosen)
    return queue.move("-d", held, *_DELETED_FROM, meanwhile=True)


def _held(queue: Queue, chosen: Iterable[Digest]) -> Iterator[str]:
    """Hold messages one by one and yield those that can be deleted.

    What was just dropped cannot be held: it is handed in under another ID. What has gone to another queue since it was
    listed is left to postsuper, which looks for it everywhere.
    """
    held, elsewhere = 0, []
    try:
        for found in chosen:
            if found.queue in _DELETED_FROM or queue.hold(found.queue, found.id):
                held += 1
                yield found.id
            else:
                elsewhere.append(found.id)
    except MailError as error:  # of the list, which goes on meanwhile
        mend = f"{error.mend} {held} messages are on hold or deleted by now. Run again for the rest."
        raise MailError(error.what, where=error.where, mend=mend.strip()) from error
    if elsewhere:
        yield from queue.move("-h", elsewhere, *_WAITING)


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
    "delete": Action(rules.QUEUES, _delete, "deleted", streams=True),
}


def run(options: Mapping[str, Any], *, check_mode: bool) -> Outcome:
    """The work of module ``postfix_queue``."""
    action = ACTIONS[options["action"]]
    criteria = _checked(options)
    request = Request(options["archive_to"] or "", criteria.everything)
    queue = Queue(options["config_directory"])
    chosen: dict[str, Digest] = {}
    selection = look.Selection(queue, criteria, now=time.time(), seen=chosen)
    shown = look.Shown(options["limit"])
    aside: Counter[str] = Counter()
    coming: Iterable[Digest] = _choose(selection, shown, _places(options["action"], criteria), chosen, aside)
    if check_mode or not action.streams or request.archive_to or options["max_messages"] is not None:
        coming = list(coming)
        _guard(len(chosen), options["max_messages"])
        if request.archive_to:
            archive.check(request.archive_to, (found.size for found in coming))
    done = set(chosen) if check_mode or coming == [] else set(action.do(queue, coming, request))
    totals = Totals.of(found for found in chosen.values() if found.id in done)
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
        "report": [*lines(sums, first=words), *_left_alone(aside)],
    }
    return Outcome(_changes(messages, totals.messages, action), facts)


def _choose(
    selection: look.Selection,
    shown: look.Shown,
    places: Sequence[str],
    chosen: dict[str, Digest],
    aside: Counter[str],
) -> Iterator[Digest]:
    """The messages that are meant and in one of those queues, kept in ``chosen``; some as a whole, to be shown.

    Those in other queues are counted ``aside``.
    """
    for message in selection:
        if message.queue in places:
            found = chosen[message.id] = digest(message)
            shown.add(message)
            yield found
        else:
            aside[message.queue] += 1


def _left_alone(aside: Mapping[str, int]) -> Iterator[str]:
    """What fits the filter where this action has nothing to do, so that nobody takes it for gone."""
    for queue, count in sorted(aside.items()):
        yield f"{count} more {'fits, and stays' if count == 1 else 'fit, and stay'} in the queue {queue}."


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


def _guard(count: int, most: int | None) -> None:
    if most is not None and count > most:
        raise MailError(
            f"{count} messages match, more than {most}",
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
