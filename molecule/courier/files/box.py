"""A mail program of alice@office.test and what it sees, with the standard library: ``box.py ADDRESS DO ...``.

- ``fill``: have folders, messages, flags, keywords and subscriptions of many kinds
- ``work``: change some of them, as a user does on another day
- ``look NAME``: remember all that is seen by IMAP and POP3
- ``same OLD NEW COUNT``: between these looks nothing may have become different, but for COUNT messages in the INBOX; to
  Courier, the order of POP3 may, which goes by names of files there
"""

from __future__ import annotations

import base64
import contextlib
import email.message
import hashlib
import imaplib
import json
import pathlib
import poplib
import re
import ssl
import sys

USER, PASSWORD = "alice@office.test", "Correct-Horse-1"
TLS = ssl.create_default_context()
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE
KNOWN = [b"UID (\\d+)", b"FLAGS \\(([^)]*)\\)", b"RFC822.SIZE (\\d+)"]
FOLDERS = ("受信", "受信.仕事", "受信.仕事.二〇二六年", "Sent", "Ideas & plans", "Empty", "Große Dateien")
LOOKS = pathlib.Path("/root/looks")


def wire(name: str) -> str:
    """A name below the INBOX in modified UTF-7 (RFC 3501, 5.1.3), in quotes."""

    def shifted(found: re.Match[str]) -> str:
        if found[0] == "&":
            return "&-"
        return "&" + base64.b64encode(found[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"

    return '"INBOX' + re.sub("&|[^\x20-\x7e]+", shifted, f".{name}" if name else "") + '"'


def letter(name: str, size: int = 0) -> bytes:
    message = email.message.EmailMessage()
    message["Subject"] = f"Über {name}"
    message["From"] = message["To"] = USER
    message["Message-ID"] = f"<{name}@client.test>"
    message.set_content(f"{name}: 日本語\n" + "x" * 70 + "\n" * (1 + size // 71), cte="8bit")
    return message.as_bytes().replace(b"\n", b"\r\n")


def do(answer: tuple[str, list]) -> list:
    if answer[0] != "OK":
        raise imaplib.IMAP4.error(answer)
    return answer[1]


def fill(box: imaplib.IMAP4) -> None:
    for name in FOLDERS:
        do(box.create(wire(name)))
        if name != "Empty":
            do(box.subscribe(wire(name)))
    do(box.create(wire("Gone")))
    do(box.subscribe(wire("Gone")))
    do(box.delete(wire("Gone")))
    flags = ("", "\\Seen", "\\Seen \\Answered", "\\Flagged", "$Label1", "\\Seen $Label1 Wichtig", "\\Draft")
    for number in range(40):
        name = FOLDERS[number % 4]
        do(box.append(wire(name), f"({flags[number % len(flags)]})", "", letter(f"kept-{number}", number * 50)))
    do(box.append(wire("Große Dateien"), "(\\Seen)", "", letter("large", 300_000)))
    for name in FOLDERS[:3]:
        do(box.select(wire(name)))
        # Holes in the numbers, copies, marks of all kinds, and what is to be deleted and still there.
        do(box.store("2", "+FLAGS", "(\\Deleted)"))
        do(box.expunge())
        do(box.copy("1:3", wire("Ideas & plans")))
        do(box.store("3", "+FLAGS", "($MDNSent $Forwarded NonJunk)"))
        do(box.store("4", "-FLAGS", "(\\Seen)"))
        do(box.store("5", "+FLAGS", "(\\Deleted)"))


def work(box: imaplib.IMAP4) -> None:
    do(box.create(wire("新しい")))
    do(box.subscribe(wire("新しい")))
    do(box.unsubscribe(wire("Sent")))
    do(box.rename(wire("Ideas & plans"), wire("Plans & ideas")))
    do(box.append(wire("新しい"), "(\\Seen Wichtig)", "", letter("new-1")))
    do(box.select(wire("受信")))
    do(box.store("1", "+FLAGS", "(\\Answered Spaeter)"))
    do(box.store("2", "-FLAGS", "($Label1 Wichtig)"))
    do(box.store("6", "+FLAGS", "(\\Deleted)"))
    do(box.expunge())
    do(box.copy("1:2", wire("新しい")))


def names(listed: list) -> list[str]:
    """The folders in the answers to LIST or LSUB that can be opened."""
    found = [re.fullmatch(rb'\(([^)]*)\) (?:"[^"]*"|NIL) "?(.*?)"?', line) for line in listed if line]
    return sorted(item[2].decode() for item in found if item and not re.search(rb"(?i)\\no(select|nexistent)", item[1]))


def folder(box: imaplib.IMAP4, name: str) -> dict:
    seen = {}
    count = int(do(box.select(f'"{name}"', readonly=True))[0])
    for part in do(box.fetch("1:*", "(UID FLAGS RFC822.SIZE BODY.PEEK[])")) if count else []:
        if isinstance(part, tuple):
            uid, flags, size = (re.search(pattern, part[0])[1].decode() for pattern in KNOWN)
            kept = sorted({flag.lower() for flag in flags.split()} - {"\\recent"})
            seen[uid] = [kept, int(size), hashlib.sha256(part[1]).hexdigest()]
    return {"validity": box.response("UIDVALIDITY")[1][0].decode(), "messages": seen}


def look(box: imaplib.IMAP4) -> dict:
    listed = names(do(box.list()))
    with contextlib.closing(poplib.POP3_SSL(sys.argv[1], context=TLS, timeout=60)) as drop:
        drop.user(USER)
        drop.pass_(PASSWORD)
        uidls = [line.decode().split()[1] for line in drop.uidl()[1]]
        sizes = [line.decode().split()[1] for line in drop.list()[1]]
    return {
        "listed": listed,
        "subscribed": names(do(box.lsub())),
        "folders": {name: folder(box, name) for name in listed},
        "uidls": list(map(list, zip(uidls, sizes))),
    }


def differences(old: dict, new: dict, count: int, *, ordered: bool) -> list[str]:
    found = [f"{word}: {old[word]} became {new[word]}" for word in ("listed", "subscribed") if old[word] != new[word]]
    for name in old["folders"].keys() & new["folders"].keys():
        then, now = old["folders"][name], new["folders"][name]
        if then["validity"] != now["validity"]:
            found.append(f"{name}: UIDVALIDITY {then['validity']} became {now['validity']}")
        found += [
            f"{name} {uid}: {message} became {now['messages'].get(uid)}"
            for uid, message in then["messages"].items()
            if now["messages"].get(uid) != message
        ]
        come = [int(uid) for uid in now["messages"].keys() - then["messages"].keys()]
        last = max(map(int, then["messages"]), default=0)
        if len(come) != (count if name == "INBOX" else 0) or min(come, default=last + 1) <= last:
            found.append(f"{name}: new are {come}")
    before, still = old["uidls"], [item for item in new["uidls"] if item in old["uidls"]]
    if (still if ordered else sorted(still)) != (before if ordered else sorted(before)):
        found.append(f"UIDLs: {before} became {still}")
    if len(new["uidls"]) != len(before) + count:
        found.append(f"UIDLs: {len(new['uidls'])} in the place of {len(before)} and {count}")
    return found


def kept(name: str) -> pathlib.Path:
    return LOOKS / f"{sys.argv[1]}-{name}"


def main() -> None:
    action, *words = sys.argv[2:]
    if action == "same":
        old, new = (json.loads(kept(name).read_text("utf-8")) for name in words[:2])
        found = differences(old, new, int(words[2]), ordered=words[1] != "courier")
        print(
            "\n".join(found)
            if found
            else f"{len(new['folders'])} folders and {len(new['uidls'])} UIDLs are as they were"
        )
        sys.exit(bool(found))
    with imaplib.IMAP4_SSL(sys.argv[1], ssl_context=TLS, timeout=60) as box:
        box.login(USER, PASSWORD)
        if action == "look":
            LOOKS.mkdir(exist_ok=True)
            kept(words[0]).write_text(json.dumps(look(box)), "utf-8")
        else:
            {"fill": fill, "work": work}[action](box)


if __name__ == "__main__":
    main()
