"""Ask every daemon on this host in loops while accounts are written, and count what goes wrong.

lookups.py ACCOUNTS TIMES prints the counts as JSON. Accounts of one domain are there all the time and must always be
found; those of a second domain are added, left alone, changed and removed, ACCOUNTS of them in one call, all this TIMES
times. An account or a domain that was added must count at once, and nothing may have been reloaded or started anew.
"""

from __future__ import annotations

import collections
import imaplib
import json
import re
import smtplib
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import rig

STEADY, WAVE = "steady.robust.test", "wave.robust.test"
PASSWORD = "Robust-Word-11"
TABLES = rig.Place().postfix_tables
TLS = ssl.create_default_context()
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE  # the certificate is the verify playbook's business


class Loops:
    """Lookups in threads, each counted by its kind; the first few that went wrong are kept."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = collections.Counter()
        self.wrong: dict[str, list[str]] = collections.defaultdict(list)
        self.slowest: dict[str, float] = collections.defaultdict(float)
        self.over = threading.Event()
        self.threads: list[threading.Thread] = []

    def begin(self, ask: Callable[[int], str]) -> None:
        """Ask again and again; ``ask`` takes a number and returns what was wrong."""
        thread = threading.Thread(target=self._loop, args=(ask,), daemon=True)
        self.threads.append(thread)
        thread.start()

    def _loop(self, ask: Callable[[int], str]) -> None:
        kind, number = ask.__name__, 0
        while not self.over.is_set():
            start = time.monotonic()
            try:
                wrong = ask(number % 50)
            except (OSError, EOFError, smtplib.SMTPException, imaplib.IMAP4.error) as error:
                wrong = f"{type(error).__name__}: {error}"
            self.slowest[kind] = max(self.slowest[kind], time.monotonic() - start)
            self.asked[kind] += 1
            number += 1
            if wrong:
                self.wrong[kind].append(wrong)

    def end(self) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(timeout=60)


def steady(number: int) -> str:
    return f"user{number}@{STEADY}"


def asks_for(*recipients: tuple[str, int]) -> str:
    """Ask port 25 for recipients and expect the code of each reply."""
    with smtplib.SMTP("127.0.0.1", 25, timeout=60, local_hostname="client.example.net") as smtp:
        smtp.ehlo()
        smtp.mail("stranger@example.net")
        for recipient, expected in recipients:
            code, text = smtp.rcpt(recipient)
            if code != expected:
                return f"{recipient}: {code} {text.decode()}"
    return ""


def smtp_rcpt(number: int) -> str:
    """Many in one session: Postfix takes a second over each that has named a recipient (in_flow_delay)."""
    return asks_for(*((steady(other), 250) for other in range(50)), (f"list{number % 5}@{STEADY}", 250))


def smtp_unknown(number: int) -> str:
    return asks_for((f"nobody{number}@{STEADY}", 550))


def imap_login(number: int) -> str:
    log_in(steady(number))
    return ""


def log_in(user: str) -> None:
    with imaplib.IMAP4_SSL("127.0.0.1", ssl_context=TLS, timeout=60) as imap:  # logs out at the end
        imap.login(user, PASSWORD)


def command(argv: list[str], expected: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode or expected not in done.stdout or done.stderr:
        return f"status {done.returncode}, {done.stdout[:100]!r}, {done.stderr[:300]!r}"
    return ""


def doveadm_auth(number: int) -> str:
    return command(["doveadm", "auth", "test", "-x", "service=smtp", steady(number), PASSWORD], "auth succeeded")


def doveadm_user(number: int) -> str:
    return command(["doveadm", "user", "-f", "home", steady(number)], f"/user{number}")


def postmap_query(number: int) -> str:
    return command(["postmap", "-q", steady(number), f"lmdb:{TABLES}/mailboxes"], "1")


def masters() -> dict[str, str]:
    """The process numbers of both masters."""
    result = {}
    for name, path in (("postfix", "/var/spool/postfix/pid/master.pid"), ("dovecot", "/run/dovecot/master.pid")):
        with open(path, encoding="ascii") as file:
            result[name] = file.read().strip()
    return result


def journal(since: float) -> list[str]:
    """What the daemons logged of reloads, and all that they complained about."""
    said = subprocess.run(
        ["journalctl", "--no-pager", f"--since=@{since:.0f}"],
        capture_output=True,
        check=True,
        text=True,
        errors="replace",
    ).stdout
    bad = re.compile(r"(?i)(postfix|dovecot).*(reload|SIGHUP|fatal:|panic:|error:)")
    return [line for line in said.splitlines() if bad.search(line)]


def write(accounts: list[dict[str, Any]], **expected: int) -> float:
    """One call for the second domain; the wall seconds that it took."""
    start = time.monotonic()
    arguments = {"accounts": accounts, "exclusive": True, "domains": [WAVE], "max_removed_percent": 100}
    done = rig.must("mail_account", rig.Place(), arguments)
    for name, count in expected.items():
        found = done.result[name] if isinstance(done.result[name], int) else len(done.result[name])
        assert found == count, f"{name}: {found}, not {count}"
    return round(time.monotonic() - start, 1)


def new_domains(count: int) -> None:
    """Add and remove domains; each counts at once, or mail for it would be sent on as a stranger's."""
    place = rig.Place()
    for number in range(count):
        name = f"new{number}.robust.test"
        rig.have_domain(place, name)
        rig.must("mail_account", place, {"name": f"somebody@{name}"})
        wrong = asks_for((f"nobody@{name}", 550), (f"somebody@{name}", 250))
        assert not wrong, wrong
        rig.drop_domain(place, name)


def waves(many: int, hash_of_word: str) -> dict[str, Any]:
    """Add, leave alone, change and remove ``many`` accounts, and use some at once each time."""
    names = [f"wave{number}@{WAVE}" for number in range(many)]
    picked = [names[0], names[many // 2], names[-1]]
    accounts = [{"name": name, "password": hash_of_word} for name in names]
    seconds = {"added": write(accounts, added=many)}
    wrong = [asks_for(*((name, 250) for name in picked))]
    for name in picked:
        log_in(name)
    seconds["again"] = write(accounts, unchanged=many)
    changed = [{**entry, "quota": "1G", "send_only": True} for entry in accounts]
    seconds["changed"] = write(changed, modified=many)
    wrong.append(asks_for(*((name, 550) for name in picked)))
    other = [{"name": entry["name"], "password": rig.HASH, "send_only": False} for entry in accounts]
    seconds["new hashes"] = write(other, modified=many)
    wrong.append(asks_for(*((name, 250) for name in picked)))
    seconds["removed"] = write([], removed=many)
    wrong.append(asks_for(*((name, 550) for name in picked)))
    assert not any(wrong), wrong
    new_domains(3)
    return seconds


def main() -> None:
    many, times = int(sys.argv[1]), int(sys.argv[2])
    place = rig.Place()
    for name in (STEADY, WAVE):
        rig.have_domain(place, name)
    people = [{"name": steady(number), "password": PASSWORD} for number in range(50)]
    lists = [
        {"name": f"list{number}@{STEADY}", "mailbox": False, "forward_to": [steady(number)]} for number in range(5)
    ]
    rig.must("mail_account", place, {"accounts": [*people, *lists], "omitted_options": "default"})
    hash_of_word = rig.password_hash(steady(0))
    write([])  # what an interrupted story left
    running, start, loops = masters(), time.time(), Loops()
    for ask in (smtp_rcpt, smtp_rcpt, smtp_unknown, imap_login, doveadm_auth, doveadm_user, postmap_query):
        loops.begin(ask)
    try:
        seconds = [waves(many, hash_of_word) for _time in range(times)]
    finally:
        loops.end()
    said = journal(start)
    result = {
        "asked": {kind: count * (51 if kind == "smtp_rcpt" else 1) for kind, count in loops.asked.items()},
        "failed": sum(map(len, loops.wrong.values())),
        "first failures": {kind: wrong[:3] for kind, wrong in loops.wrong.items()},
        "slowest": {kind: round(value, 1) for kind, value in loops.slowest.items()},
        "seconds": seconds,
        "log": said[:10],
    }
    print(json.dumps(result, indent=1))
    assert masters() == running, "a daemon was started anew"
    assert not said, "a daemon was reloaded or complained"
    assert not loops.wrong, "a lookup failed"
    for name in (STEADY, WAVE):
        rig.drop_domain(place, name)


if __name__ == "__main__":
    main()
