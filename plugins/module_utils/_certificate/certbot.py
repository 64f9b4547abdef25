# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certbot: what it has, and how it is made to issue certificates."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Iterator, Sequence
from typing import Any

from .._errors import MailError
from .._host import commands, files, ports
from .._outcome import Change, Outcome
from . import acme, complaints, facts, pem, renewal, sources
from .acme import Lineage, Step
from .acme_request import CREDENTIALS, ROOT, Settings, Wish, masked

# Seconds: how long one certificate may take (name servers are slow), how long another certbot is waited for, and how
# often it is looked whether that has ended.
_PATIENCE, _BUSY, _PAUSE = 1800, 120, 5
_ASIDE = f"{ROOT}/mailserver-aside"


def settle(asked: Settings, wishes: Sequence[Wish], *, strict: bool, check_mode: bool) -> Outcome:
    """Have every certificate issued that is not there as asked. One that cannot be keeps no other from it.

    With ``strict``, raises MailError in the end that says all that failed; otherwise each is a warning.
    """
    steps = [acme.step(wish, _lineage(wish.name), asked, now=time.time()) for wish in wishes]
    if wishes:
        _check(asked, check_mode=check_mode)
    changes = _own_files(asked, check_mode=check_mode) if wishes else []
    hindrance = _hindrance(asked) if any(todo.reasons for todo in steps) else ""
    failed: dict[str, tuple[str, ...]] = {}
    hopeless: tuple[str, ...] = (hindrance,) if hindrance else ()
    for todo in steps:
        name = todo.wish.name
        if todo.reasons and hopeless:
            failed[name] = hopeless
        elif todo.reasons and not check_mode:
            complaint = _issue(todo, asked)
            if complaint.sentences:
                failed[name] = complaint.sentences
                hopeless = complaint.sentences if complaint.hopeless else ()
        if name not in failed:
            kept = _keep(name, asked, check_mode=check_mode)
            if todo.reasons or kept:
                changes.append(Change(f"certificate {name}", todo.before, todo.after))
    return _outcome(steps, changes, failed, strict=strict)


def _outcome(
    steps: Sequence[Step], changes: Sequence[Change], failed: dict[str, tuple[str, ...]], *, strict: bool
) -> Outcome:
    told = [sentence for sentences in dict.fromkeys(failed.values()) for sentence in sentences]
    if failed and strict:
        listed = "; ".join(f"({number}) {sentence}" for number, sentence in enumerate(told, 1))
        what = f"{len(failed)} of {len(steps)} certificates were not issued ({', '.join(failed)}): {listed}"
        raise MailError(what, mend="What was there before is still there; the other certificates are as asked.")
    warnings = [f"A certificate was not issued ({', '.join(failed)}): {sentence}" for sentence in told]
    return Outcome(changes, {"certificates": [_shown(todo, failed) for todo in steps]}, warnings)


def _shown(todo: Step, failed: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    name, live = todo.wish.name, f"{ROOT}/live/{todo.wish.name}"
    return {
        "name": name,
        "names": list(todo.wish.names),
        "issued": bool(todo.reasons) and name not in failed,
        "reasons": list(todo.reasons),
        "errors": list(failed.get(name, ())),
        "certificate_file": f"{live}/fullchain.pem",
        "key_file": f"{live}/privkey.pem",
    }


def _lineage(name: str) -> Lineage:
    """What certbot has of ``name``. A certificate that cannot be read is none."""
    live = f"{ROOT}/live/{name}"
    leaf, versions = None, []
    for kind in renewal.FILES:
        path = f"{live}/{kind}.pem"
        with contextlib.suppress(OSError):
            target = os.readlink(path)
            if os.path.exists(path):
                versions.append("".join(re.findall(r"(\d+)\.pem$", target)))
    with contextlib.suppress(MailError):
        found = pem.read(files.read_bytes(f"{live}/cert.pem") or b"", where=f"{live}/cert.pem").certificates
        leaf = facts.read(found[0], where=f"{live}/cert.pem") if found else None
    return Lineage(
        renewal=files.read_text(f"{ROOT}/renewal/{name}.conf"),
        certificate=leaf,
        versions=tuple(versions),
        remains=any(os.path.lexists(path) for path in _places(name)),
    )


def _places(name: str) -> list[str]:
    """Where certbot keeps a certificate."""
    return [f"{ROOT}/renewal/{name}.conf", f"{ROOT}/live/{name}", f"{ROOT}/archive/{name}"]


def _check(asked: Settings, *, check_mode: bool) -> None:
    """Look at the paths of the administrator. In check mode they may not be there yet."""
    for path in asked.hooks:
        if check_mode and not os.path.exists(path):
            continue
        sources.safe(path, "hook ")
        if not os.access(path, os.X_OK):
            raise MailError("cannot be executed", where=f"hook {path}", mend="Make it a program: chmod 0755.")
    webroot = asked.proof.get("webroot_path", "")
    if webroot and not os.path.isdir(webroot) and not check_mode:
        mend = "Name the directory that the web server serves for these names."
        raise MailError("is not a directory", where=f"webroot {webroot}", mend=mend)


def _own_files(asked: Settings, *, check_mode: bool) -> list[Change]:
    """The hook that hands renewed certificates to the mail services, and the credentials for the name server."""
    changes = []
    for path, text, mode in ((acme.HOOK, acme.HOOK_TEXT, 0o755), (CREDENTIALS, asked.credentials, 0o600)):
        before = files.read_text(path)
        if not text or (before == text and os.stat(path).st_mode & 0o777 == mode):
            continue
        shown = masked if path == CREDENTIALS else str
        changes.append(Change(path, shown(before or ""), shown(text)))
        if not check_mode:
            os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
            files.publish(path, text.encode(), mode=mode)
    return changes


def _hindrance(asked: Settings) -> str:
    """What keeps every certificate from being issued, so that the authority need not be asked."""
    holder = ports.holder(asked.port) if asked.port else ""
    if not holder:
        return ""
    mend = "Stop it, or let it answer if it is a web server: method webroot."
    return MailError(
        f"is held by {holder}, and certbot must listen there", where=f"port {asked.port}", mend=mend
    ).message


def _issue(todo: Step, asked: Settings) -> complaints.Complaint:
    """Have a certificate issued. The complaint has no sentences when it is there, as asked."""
    certbot = commands.find("certbot")
    if certbot is None:
        raise MailError("is not installed", where="certbot", mend="Install the package certbot.")
    name = todo.wish.name
    command = acme.argv(certbot, todo, asked, version=_version(certbot))
    with _aside(name) if todo.broken else contextlib.nullcontext():
        complaint = _ask(command, name, asked)
        if not complaint.sentences:
            left = acme.step(todo.wish, _lineage(name), asked, now=time.time()).reasons
            if left:
                error = MailError(
                    f"certbot issued it, but: {', '.join(left)}", where=name, mend=f"See {complaints.LOG}."
                )
                complaint = complaints.Complaint((error.message,))
    return complaint


def _ask(command: Sequence[str], name: str, asked: Settings) -> complaints.Complaint:
    """Run certbot, again while it says that it was the wrong moment."""
    end = time.monotonic() + _BUSY
    while True:
        try:
            done = commands.run(command, timeout=_PATIENCE)
        except MailError as error:
            return complaints.Complaint((error.message,))
        if done.status == 0:
            return complaints.Complaint(())
        output = f"{done.stdout}\n{done.stderr}"
        complaint = complaints.read(output, name=name, method=asked.method, server=asked.server)
        if not complaint.later or time.monotonic() > end:
            return complaint
        time.sleep(_PAUSE)


def _version(certbot: str) -> tuple[int, ...]:
    said = commands.run([certbot, "--version"])
    found = re.search(r"certbot (\d+)\.(\d+)", said.stdout + said.stderr)
    return tuple(map(int, found.groups())) if found else (2, 0)


def _keep(name: str, asked: Settings, *, check_mode: bool) -> bool:
    """Write what renewals keep to, whether the certificate was issued now or before. True when that is a change."""
    path = f"{ROOT}/renewal/{name}.conf"
    text = files.read_text(path)
    if text is None or not renewal.read(text).complete or acme.renewed(text, asked) == text:
        return False
    if not check_mode:
        files.rewrite(path, acme.renewed(text, asked))
    return True


@contextlib.contextmanager
def _aside(name: str) -> Iterator[None]:
    """Move what an interrupted run has left, because certbot would choose another name beside it.

    However the block ends, it is put back where nothing new is then; what certbot has begun by then stays.
    """
    aside = f"{_ASIDE}/{name}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
    files.make_directory(_ASIDE, mode=0o700)
    os.makedirs(aside, mode=0o700, exist_ok=True)
    kept = {path: os.path.join(aside, os.path.relpath(path, ROOT).replace("/", "_")) for path in _places(name)}
    try:
        for path, there in kept.items():
            with contextlib.suppress(FileNotFoundError):
                os.rename(path, there)
        yield
    finally:
        for path, there in kept.items():
            if os.path.lexists(there) and not os.path.lexists(path):
                os.rename(there, path)
        with contextlib.suppress(OSError):
            os.rmdir(aside)
