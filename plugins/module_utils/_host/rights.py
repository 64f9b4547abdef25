# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Work with the rights of another user: what is made is its own from birth, and no link of its leads root astray."""

from __future__ import annotations

import contextlib
import os
import pwd
from collections.abc import Iterator


@contextlib.contextmanager
def as_user(uid: int, gid: int) -> Iterator[None]:
    """Work with these rights and no further groups; a process that is not root's keeps its own."""
    if os.geteuid() != 0:
        yield
        return
    group, groups = os.getegid(), os.getgroups()
    try:
        os.setgroups([])
        os.setegid(gid)
        os.seteuid(uid)
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)


@contextlib.contextmanager
def as_named(name: str) -> Iterator[bool]:
    """The same for the user of that name; False, with the rights unchanged, while there is none."""
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        yield False
        return
    with as_user(user.pw_uid, user.pw_gid):
        yield True
