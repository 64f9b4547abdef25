# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A judged configuration put in place of the old one, and the old one put back when the new one does not work."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence

from .._errors import MailError
from .._host import files
from . import plan as _plan
from . import tables, wire
from .listeners import Listener
from .postconf import Postfix


def swap(
    plan: _plan.Plan,
    table_plans: Sequence[tables.TablePlan],
    postfix: Postfix,
    heard: Sequence[Listener],
    activated: str,
) -> list[str]:
    """Publish tables and both files, let the running Postfix read them and prove them; give the paths of the backups.

    ``activated`` is ``reload``, ``restart`` or ``no``. Raises MailError, with everything as it was, when it fails.
    """
    paths = [os.path.join(postfix.directory, name) for name in _plan.NAMES]
    touched = [
        (path, before, after) for path, before, after in zip(paths, plan.before, plan.after) if (before or "") != after
    ]
    kept = [files.backup(path) for path, before, _after in touched if before is not None]
    lookup = tables.Swap(table_plans, postfix)
    since = time.time()
    try:
        lookup.publish()
        for path, _before, after in touched:
            files.rewrite(path, after)
        if activated != "no":
            postfix.activate(restart=activated == "restart")
            wire.prove(heard, postfix, since=since, told="")
        lookup.remove()
    except MailError as error:
        for path, before, _after in reversed(touched):
            _restore(path, before)
        lookup.restore()
        if activated != "no":
            _revive(postfix, restart=activated == "restart")
        raise MailError(
            error.what, where=error.where, mend=f"{error.mend} The previous configuration is back.".strip()
        ) from error
    return kept


def _revive(postfix: Postfix, *, restart: bool) -> None:
    """Let Postfix run the restored files; a master(8) that died of the new ones has to be started."""
    try:
        postfix.activate(restart=restart)
    except MailError:
        postfix.activate(restart=True)


def _restore(path: str, before: str | None) -> None:
    if before is None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
    else:
        files.rewrite(path, before)
