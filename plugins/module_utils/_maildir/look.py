# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading Maildirs that their users may have prepared: with the users' rights, and no link is followed.

Names are bytes on disk and text with surrogates here. What is no plain file or directory is told as an oddity.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator, Sequence

from .._errors import MailError
from .._host import rights
from . import courier, dovecot, names
from .account import Account, Count
from .folder import Found, several

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MOST = 512 * 1024 * 1024
_FILES = (
    courier.UIDS,
    courier.SIZES,
    courier.SUBSCRIBED,
    courier.RIGHTS,
    dovecot.UIDS,
    dovecot.KEYWORDS,
    dovecot.SUBSCRIPTIONS,
    dovecot.RIGHTS,
)
_CACHES = ("dovecot.index", "dovecot.list.index")
_LINES = frozenset("\n\r\0")


def raw(name: str) -> bytes:
    """The bytes of a name on disk."""
    return name.encode("utf-8", "surrogateescape")


def text(data: bytes) -> str:
    """A name on disk as text; bytes that are not UTF-8 are kept as surrogates."""
    return data.decode("utf-8", "surrogateescape")


@contextlib.contextmanager
def opened(item: Account) -> Iterator[int | None]:
    """The Maildir's descriptor, with the account's rights as long as it is used; None when there is none yet.

    Raises MailError when something else is in its place or a file cannot be worked on.
    """
    with rights.as_user(item.uid, item.gid), contextlib.ExitStack() as stack:
        try:
            descriptor = os.open(item.maildir, _DIRECTORY)
            stack.callback(os.close, descriptor)
        except FileNotFoundError:
            yield None
            return
        except OSError as error:
            link = error.errno in (errno.ELOOP, errno.ENOTDIR)
            why = "is a symbolic link or no directory" if link else f"cannot be opened: {error.strerror}"
            mend = "Nothing was read there. Put the Maildir itself in this place, for its owner."
            raise MailError(why, where=f"{item.address}: {item.maildir}", mend=mend) from error
        try:
            yield descriptor
        except OSError as error:
            mend = "What is done stays; mend the cause (space, rights) and run again."
            raise MailError(f"{error.strerror or error}", where=f"{item.address}: {item.maildir}", mend=mend) from error


@contextlib.contextmanager
def directory(parent: int, *parts: str) -> Iterator[int | None]:
    """A directory below, step by step; None for one that is not there, or where a step is a link."""
    with contextlib.ExitStack() as stack:
        here: int | None = parent
        for part in parts or (".",):
            try:
                here = os.open(raw(part or "."), _DIRECTORY, dir_fd=here)
            except OSError as error:
                if error.errno not in (errno.ENOENT, errno.ELOOP, errno.ENOTDIR):
                    raise
                here = None
                break
            stack.callback(os.close, here)
        yield here


def listing(descriptor: int) -> list[tuple[str, bool, bool]]:
    """Name, whether it is a directory, and whether it is a link, of everything in it."""
    with os.scandir(descriptor) as entries:
        found = [(item.name, item.is_dir(follow_symlinks=False), item.is_symlink()) for item in entries]
    return [(text(os.fsencode(name)), is_directory, is_link) for name, is_directory, is_link in found]


def folders(maildir: int, code: str) -> tuple[list[str], list[str]]:
    """The directories of folders, that of the INBOX as an empty name, and oddities.

    ``code`` is how their names are written now.
    """
    found, oddities = [""], []
    for name, is_directory, is_link in sorted(listing(maildir)):
        if not name.startswith("."):
            continue
        if is_link:
            oddities.append(f"folder {_clean(name)} is a symbolic link and was left out")
        elif is_directory:
            with directory(maildir, name, "cur") as cur:
                if cur is not None and not _LINES & set(name):
                    found.append(name)
            oddities += _name_oddities(name, code)
    return found, oddities


def _clean(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


def _name_oddities(name: str, code: str) -> list[str]:
    if code != names.UTF8:
        return []
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return [f"the name of folder {_clean(name)} is not UTF-8: Courier ends the session of who lists folders"]
    if names.means_more(name):
        return [f"the name of folder {name} looks like modified UTF-7, and Courier shows it as it is"]
    return []


def read(parent: int, name: str, oddities: list[str]) -> str | None:
    """A file's text; None when there is none, or when it is not one to trust."""
    try:
        descriptor = os.open(raw(name), _FILE, dir_fd=parent)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EACCES, errno.ENXIO):
            oddities.append(f"{_clean(name)} cannot be read: {error.strerror}")
        elif error.errno not in (errno.ENOENT, errno.ENOTDIR):
            raise
        return None
    with os.fdopen(descriptor, "rb") as handle:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > _MOST:
            oddities.append(f"{_clean(name)} is no file of a usual size and was not read")
            return None
        return text(handle.read())


def folder(maildir: int, name: str) -> Found | None:
    """A folder with the files of both servers and the names of its messages; None when it is gone."""
    oddities: list[str] = []
    with directory(maildir, name) as here:
        if here is None:
            return None
        there = {entry for entry, _directory, _link in listing(here)}
        files = {file: read(here, file, oddities) for file in _FILES if file in there}
        updates = {}
        if courier.KEYWORDS in there:
            updates = _keyword_files(here, files, oddities)
        cur, new = _messages(here, oddities), _arrived(here)
        caches = sorted(entry for entry in there if entry.startswith(_CACHES))
    kept = {file: content for file, content in files.items() if content is not None}
    return Found(name, kept, updates, cur, caches, oddities, new)


def _keyword_files(here: int, files: dict[str, str | None], oddities: list[str]) -> dict[str, str]:
    with directory(here, courier.KEYWORDS) as keywords:
        if keywords is None:
            oddities.append(f"{courier.KEYWORDS} is no directory")
            return {}
        updates = {}
        for entry, is_directory, _link in listing(keywords):
            if entry == courier.KEYWORD_LIST:
                files[f"{courier.KEYWORDS}/{entry}"] = read(keywords, entry, oddities)
            elif not is_directory and courier.is_update(entry):
                content = read(keywords, entry, oddities)
                updates.update({entry: content} if content is not None else {})
        return updates


def _messages(here: int, oddities: list[str]) -> list[str]:
    with directory(here, "cur") as cur:
        entries = listing(cur) if cur is not None else []
    links = [name for name, _directory, is_link in entries if is_link]
    plain = [name for name, is_directory, is_link in entries if not (is_directory or is_link or name.startswith("."))]
    lines = [name for name in plain if _LINES & set(name)]
    bases: dict[str, str] = {}
    twice = [name for name in plain if bases.setdefault(names.base(name), name) != name]
    for found, what in (
        (links, "messages that are symbolic links and were left out"),
        (lines, "messages with a line end in the name"),
        (twice, "messages that are there twice under one name"),
    ):
        if found:
            oddities.append(several(len(found), what, found[0]))
    return sorted(set(plain) - set(lines))


def _arrived(here: int) -> list[str]:
    with directory(here, "new") as new:
        entries = listing(new) if new is not None else []
    kept = [name for name, is_directory, is_link in entries if not (is_directory or is_link or name.startswith("."))]
    return sorted(name for name in kept if not _LINES & set(name))


def count(maildir: int, name: str, owner: int) -> tuple[Count, list[str]]:
    """Messages and bytes of a folder, with a look at every file, and oddities."""
    oddities: list[str] = []
    messages = total = tmp = 0
    without: list[str] = []
    foreign: list[str] = []
    wrong: list[str] = []
    for part in ("cur", "new", "tmp"):
        with directory(maildir, name, part) as here:
            if here is None:
                oddities.append(f"has no directory {part}")
                continue
            for entry, is_directory, is_link in listing(here):
                if is_directory or is_link or entry.startswith("."):
                    continue
                if part == "tmp":
                    tmp += 1
                    continue
                try:
                    found = os.stat(raw(entry), dir_fd=here, follow_symlinks=False)
                except FileNotFoundError:  # it got other flags, or went, since the directory was read
                    continue
                messages += 1
                total += found.st_size
                foreign += [entry] if found.st_uid != owner else []
                told = names.size(entry)
                without += [entry] if told is None else []
                wrong += [entry] if told not in (None, found.st_size) else []
    for listed, what in (
        (foreign, "messages of another owner"),
        (without, "messages without size in the name"),
        (wrong, "messages whose name tells a wrong size, which Dovecot needs maildir_broken_filename_sizes for"),
    ):
        if listed:
            oddities.append(several(len(listed), what, listed[0]))
    return Count(1, messages, total, tmp), oddities


def measure(maildir: int, folder_name: str, name: str) -> int:
    """A message's size with line ends of two bytes; 0 when it has just gone."""
    size = 0
    with directory(maildir, folder_name, "cur") as here, contextlib.suppress(FileNotFoundError):
        descriptor = os.open(raw(name), _FILE, dir_fd=here)
        with os.fdopen(descriptor, "rb") as handle:
            for block in iter(lambda: handle.read(1 << 20), b""):
                size += len(block) + block.count(b"\n")
    return size


def is_writable(maildir: int, name: str) -> bool:
    """Whether the account may write into a folder and rename its messages, with the rights of the moment."""
    for part in (".", "cur", "new", courier.KEYWORDS):
        with directory(maildir, name, part) as here:
            if here is not None and not os.access(".", os.W_OK | os.X_OK, dir_fd=here, effective_ids=True):
                return False
    return True


def free_bytes(maildir: int) -> tuple[int, int]:
    """The file system's number, and what an ordinary user may still write there."""
    found = os.fstatvfs(maildir)
    return os.fstat(maildir).st_dev, found.f_bavail * found.f_frsize


def bytes_listed(maildir: int, folder_names: Sequence[str]) -> int:
    """How long the lists of UIDs are that the old servers keep: nearly what is written anew."""
    total = 0
    for name in folder_names:
        with directory(maildir, name) as here:
            for file in (courier.UIDS, dovecot.UIDS) if here is not None else ():
                with contextlib.suppress(FileNotFoundError):
                    total += os.stat(file, dir_fd=here, follow_symlinks=False).st_size
    return total
