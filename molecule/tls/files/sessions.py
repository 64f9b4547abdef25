"""Be many mail clients while certificates change: ``sessions.py ADDRESS ROOT STOP`` with a login as JSON.

Short sessions with IMAP, POP3 and SMTP begin again and again until the file STOP is there; long ones with IMAP and
submission last from before to after. All of them check that the certificate is for ``name`` and comes from ROOT. A
client of Dovecot that was cut off before it had logged in connects again, once, as mail programs do. What was seen is
printed as JSON: the number of ``sessions``, how many of them connected ``again``, those that ``failed``, and the common
names of certificates that were ``seen``, in the order in which they were first seen.
"""

from __future__ import annotations

import collections
import imaplib
import json
import pathlib
import poplib
import smtplib
import socket
import ssl
import sys
import threading
import time
from typing import Callable

ADDRESS, ROOT, STOP = sys.argv[1:]
LOGIN = json.load(sys.stdin)
NAME, USER, PASSWORD = LOGIN["name"], LOGIN["user"], LOGIN["password"]
TLS = ssl.create_default_context(cafile=ROOT)

# The clients connect to a name; here, every name means the server.
_getaddrinfo = socket.getaddrinfo
socket.getaddrinfo = lambda _name, port, *more, **options: _getaddrinfo(ADDRESS, port, *more, **options)

done: collections.Counter[str] = collections.Counter()
again: collections.Counter[str] = collections.Counter()
inside = threading.local()  # whether this thread's client has logged in
failed: list[str] = []
seen: dict[str, None] = {}


def stopped() -> bool:
    return pathlib.Path(STOP).exists()


def note(connection: ssl.SSLSocket) -> None:
    """Remember whose certificate this is."""
    for ((key, value),) in connection.getpeercert()["subject"]:
        if key == "commonName":
            seen[value] = None


def log_in(client: imaplib.IMAP4) -> None:
    client.login(USER, PASSWORD)
    inside.yet = True


def imaps() -> None:
    with imaplib.IMAP4_SSL(NAME, ssl_context=TLS, timeout=20) as client:
        note(client.sock)
        log_in(client)
        client.select(readonly=True)


def imap() -> None:
    with imaplib.IMAP4(NAME, timeout=20) as client:
        client.starttls(TLS)
        note(client.sock)
        log_in(client)


def patient() -> None:
    """Somebody who connects and thinks before logging in."""
    with imaplib.IMAP4_SSL(NAME, ssl_context=TLS, timeout=20) as client:
        note(client.sock)
        time.sleep(2)
        log_in(client)


def pop3s() -> None:
    client = poplib.POP3_SSL(NAME, context=TLS, timeout=20)
    note(client.sock)
    client.user(USER)
    client.pass_(PASSWORD)
    inside.yet = True
    client.quit()


def ask(client: smtplib.SMTP) -> None:
    """Go as far as a message, and then do not send it."""
    for command in (f"MAIL FROM:<{USER}>", f"RCPT TO:<{USER}>", "RSET"):
        code, text = client.docmd(command)
        if code != 250:
            raise OSError(f"{command}: {code} {text!r}")


def submission() -> None:
    with smtplib.SMTP(NAME, 587, "client.remote.test", timeout=20) as client:
        client.starttls(context=TLS)
        note(client.sock)
        client.login(USER, PASSWORD)
        ask(client)


def submissions() -> None:
    with smtplib.SMTP_SSL(NAME, 465, "client.remote.test", context=TLS, timeout=20) as client:
        note(client.sock)
        client.login(USER, PASSWORD)
        ask(client)


def smtp() -> None:
    with smtplib.SMTP(NAME, 25, "client.remote.test", timeout=20) as client:
        client.starttls(context=TLS)
        note(client.sock)
        client.ehlo()
        code, text = client.mail("stranger@remote.test")
        if code != 250:
            raise OSError(f"MAIL: {code} {text!r}")


def long_imap() -> None:
    with imaplib.IMAP4_SSL(NAME, ssl_context=TLS, timeout=20) as client:
        client.login(USER, PASSWORD)
        client.select()
        while not stopped():
            client.noop()
            time.sleep(0.2)


def long_submission() -> None:
    with smtplib.SMTP(NAME, 587, "client.remote.test", timeout=20) as client:
        client.starttls(context=TLS)
        client.login(USER, PASSWORD)
        while not stopped():
            ask(client)
            time.sleep(3)  # Postfix counts what is no message: a hundred of them are errors


def once(session: Callable[[], None]) -> Exception | None:
    inside.yet = session not in (imaps, imap, patient, pop3s)
    try:
        session()
        done[session.__name__] += 1
    except (OSError, EOFError, imaplib.IMAP4.error, poplib.error_proto, smtplib.SMTPException) as error:
        return error
    return None


def repeat(session: Callable[[], None]) -> None:
    """A client: one session after the other, or one long one."""
    while not stopped():
        error = once(session)
        if error and not inside.yet:
            again[session.__name__] += 1
            error = once(session)
        if error:
            failed.append(f"{time.strftime('%T')} {session.__name__}: {type(error).__name__}: {error}")
        time.sleep(0.2)


def main() -> None:
    sessions = (imaps, imap, patient, pop3s, submission, submissions, smtp, long_imap, long_submission)
    clients = [threading.Thread(target=repeat, args=(session,)) for session in sessions]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    print(json.dumps({"sessions": done, "again": again, "failed": failed, "seen": list(seen)}))


if __name__ == "__main__":
    main()
