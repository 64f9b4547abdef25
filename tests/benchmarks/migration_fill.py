# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts as years with Courier leave them: messages in folders, flags, keywords, subscriptions, a POP3 client.

Run on the host by migration.py: number of accounts, messages of each, password.
"""

from __future__ import annotations

import imaplib
import os
import poplib
import pwd
import ssl
import sys

OWNER = "vmail"
HOME = "/var/vmail/bench.test/user{number:03d}/Maildir"
# How many of eight messages lie in each folder.
FOLDERS = {"": 4, ".Sent": 1, ".Archive": 1, ".Archive.2025": 1, ".日本語": 1}
SIZES = (900, 1500, 2500, 4000, 12000)


def write(maildir: str, messages: int) -> None:
    """The messages, three of four of them read."""
    for folder, share in FOLDERS.items():
        for part in ("cur", "new", "tmp"):
            os.makedirs(f"{maildir}/{folder}/{part}", exist_ok=True)
        for number in range(messages * share // 8):
            size = SIZES[number % len(SIZES)]
            head = f"From: a@bench.test\nTo: b@bench.test\nSubject: Number {number}\nMessage-ID: <{number}@bench>\n\n"
            text = (head + "A line of text that is as long as lines often are.\n" * (size // 51)).encode()
            flags = "S" if number % 4 else ""
            name = f"{1700000000 + number}.M{number}P1.bench,S={len(text)}:2,{flags}"
            with open(f"{maildir}/{folder}/cur/{name}", "wb") as file:
                file.write(text)


def own(root: str) -> None:
    owner = pwd.getpwnam(OWNER)
    for directory, _directories, files in os.walk(root):
        for path in (directory, *(os.path.join(directory, name) for name in files)):
            os.chown(path, owner.pw_uid, owner.pw_gid)


def work(address: str, password: str) -> None:
    """What clients have done: every folder opened and subscribed, keywords on a tenth, UIDLs asked for."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with imaplib.IMAP4_SSL("127.0.0.1", 993, ssl_context=context) as imap:
        imap.login(address, password)
        for line in imap.list()[1]:
            name = line.decode().rpartition(' "." ')[2]
            imap.subscribe(name)
            number = int(imap.select(name)[1][0])
            if number:
                imap.store(f"1:{number // 10}", "+FLAGS.SILENT", "(work $Label1)")
    pop3 = poplib.POP3_SSL("127.0.0.1", 995, context=context)
    pop3.user(address)
    pop3.pass_(password)
    pop3.uidl()
    pop3.quit()


def main() -> None:
    accounts, messages, password = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    for number in range(accounts):
        maildir = HOME.format(number=number)
        write(maildir, messages)
        own(os.path.dirname(maildir))
        work(f"user{number:03d}@bench.test", password)


if __name__ == "__main__":
    main()
