# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many keys at once, on all processors: numbers that are prime are looked for long."""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import os
from collections.abc import Iterator, Sequence
from typing import Any

from .._errors import MailError
from . import key

Order = tuple[str, int]


def keys(orders: Sequence[Order]) -> Iterator[tuple[int, key.Key]]:
    """The keys in the order in which they are done, each with its place in ``orders`` (algorithm and bits).

    The work is shared out to processes, since threads would wait for each other. One whose master was killed ends
    when it has done a key more.
    """
    slow = [place for place, (algorithm, _bits) in enumerate(orders) if algorithm == key.RSA]
    workers = min(len(os.sched_getaffinity(0)), len(slow))
    quick = range(len(orders)) if workers < 2 else sorted(set(range(len(orders))) - set(slow))
    for place in quick:
        yield place, key.make(*orders[place])
    if workers < 2:
        return
    done = 0
    for made in _parallel([[(place, orders[place]) for place in slow[first::workers]] for first in range(workers)]):
        done += 1
        yield made
    if done < len(slow):
        mend = "The keys that were made stay. See whether memory is short, and run again."
        raise MailError(f"{len(slow) - done} keys were not made: a process ended early", where="keys", mend=mend)


def _parallel(shares: Sequence[Sequence[tuple[int, Order]]]) -> Iterator[tuple[int, key.Key]]:
    context = multiprocessing.get_context("fork")
    readers: list[Any] = []
    processes = []
    try:
        for share in shares:
            reader, writer = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(reader, writer, share), daemon=True)
            process.start()
            writer.close()
            readers.append(reader)
            processes.append(process)
        while readers:
            ready: list[Any] = multiprocessing.connection.wait(readers)
            for one in ready:
                try:
                    yield one.recv()
                except EOFError:
                    readers.remove(one)
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _work(reader: Any, writer: Any, share: Sequence[tuple[int, Order]]) -> None:
    reader.close()  # so that writing fails when nobody reads any more
    with contextlib.suppress(BrokenPipeError):
        for place, order in share:
            writer.send((place, key.make(*order)))
