"""A mail client for the stories: does a list of steps with the standard library and names every one that went wrong.

Arguments are the server's address and the user and password of a login that works. Steps come as JSON on standard
input, a list of dictionaries with ``do`` and what that needs:

- ``rcpt``: {to, from, expect} - asks port 25 from outside; ``expect`` is a regular expression for the last reply
- ``send``: {to, subject, from, port, user, password, header, body, size, expect} - sends one message
- ``login``: {service, user, password, expect} - ``expect`` is ok or refused; ``service`` is imap, imaps, pop3, pop3s,
  smtp, smtps or sieve
- ``hold``: {service, user, password, count, expect} - stays logged in ``count`` times; ``expect`` is for the next login
- ``append``: {user, password, folder, size, expect} - uploads a message, into a folder that is made if need be;
  ``expect`` is for the reply
- ``inbox``: {user, password, subject, count, folder, seconds, header, only} - waits until ``count`` messages with that
  subject are there; ``only`` names headers that are there once, or not at all where it says null
"""

from __future__ import annotations

import base64
import concurrent.futures
import contextlib
import email.message
import imaplib
import itertools
import json
import poplib
import re
import smtplib
import socket
import ssl
import sys
import time

TLS = ssl.create_default_context()
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE  # the certificate is the verify playbook's business
HOST, GOOD_USER, GOOD_PASSWORD = sys.argv[1:]
PASSWORD_WRONG = (imaplib.IMAP4.error, poplib.error_proto, smtplib.SMTPAuthenticationError, PermissionError)


def smtp(port: int) -> smtplib.SMTP:
    if port == 465:
        return smtplib.SMTP_SSL(HOST, port, timeout=20, context=TLS, local_hostname="client.example.net")
    connection = smtplib.SMTP(HOST, port, timeout=20, local_hostname="client.example.net")
    if port == 587:
        connection.starttls(context=TLS)
    return connection


def rcpt(step: dict) -> str:
    with smtp(step.get("port", 25)) as connection:
        if "user" in step:
            connection.login(step["user"], step["password"])
        connection.ehlo_or_helo_if_needed()
        size = [f"SIZE={step['size']}"] if "size" in step else []
        code, text = connection.mail(step.get("from", "stranger@example.net"), size)
        if code == 250:
            code, text = connection.rcpt(step["to"])
        connection.rset()
    return matched(step.get("expect", "^250"), f"{code} {text.decode()}")


def send(step: dict) -> str:
    message = email.message.EmailMessage()
    message["Subject"] = step["subject"]
    message["From"] = step.get("from", "stranger@example.net")
    message["To"] = step["to"]
    message["Message-ID"] = f"<{time.time_ns()}@client.example.net>"
    for name, value in step.get("header", {}).items():
        message[name] = value
    message.set_content(step.get("body", "x" * 60 + "\n") * (1 + step.get("size", 0) // 61))
    reply = "250"
    try:
        with smtp(step.get("port", 25)) as connection:
            if "user" in step:
                connection.login(step["user"], step["password"])
            connection.sendmail(step.get("envelope", message["From"]), [step["to"]], message.as_bytes())
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        reply = f"{code} {text.decode()}"
    except smtplib.SMTPResponseException as error:
        text = error.smtp_error
        reply = f"{error.smtp_code} {text.decode() if isinstance(text, bytes) else text}"
    return matched(step.get("expect", "^250"), reply)


def matched(pattern: str, reply: str) -> str:
    return "" if re.search(pattern, reply) else f"expected {pattern!r}, got {reply!r}"


def sieve_login(user: str, password: str) -> None:
    """ManageSieve (RFC 5804) with STARTTLS."""
    with socket.create_connection((HOST, 4190), timeout=20) as plain:
        answer(plain)
        plain.sendall(b"STARTTLS\r\n")
        answer(plain)
        with TLS.wrap_socket(plain) as secure:
            answer(secure)
            token = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
            secure.sendall(f'AUTHENTICATE "PLAIN" "{token}"\r\n'.encode())
            if not answer(secure).startswith("OK"):
                raise PermissionError


def answer(connection: socket.socket) -> str:
    data = b""
    while True:
        data += connection.recv(4096)
        last = data.decode().splitlines()[-1:] or [""]
        if data.endswith(b"\r\n") and re.match(r"OK|NO|BYE", last[0]):
            return last[0]


def log_in(service: str, user: str, password: str) -> None:
    if service in ("imap", "imaps"):
        connection = imaplib.IMAP4(HOST, timeout=20) if service == "imap" else imaplib.IMAP4_SSL(HOST, ssl_context=TLS)
        if service == "imap":
            connection.starttls(TLS)
        connection.login(user, password)
        connection.logout()
    elif service in ("pop3", "pop3s"):
        box = poplib.POP3(HOST, timeout=20) if service == "pop3" else poplib.POP3_SSL(HOST, context=TLS, timeout=20)
        if service == "pop3":
            box.stls(TLS)
        box.user(user)
        box.pass_(password)
        box.quit()
    elif service == "sieve":
        sieve_login(user, password)
    else:
        with smtp(465 if service == "smtps" else 587) as submission:
            submission.login(user, password)


def login(step: dict) -> str:
    if step.get("expect") == "refused":
        # A good login in between resets Dovecot's penalty, which would make every further failure slower.
        log_in("imaps", GOOD_USER, GOOD_PASSWORD)
    try:
        log_in(step["service"], step["user"], step["password"])
        found = "ok"
    except PASSWORD_WRONG as error:
        found = f"refused {error}"
    return matched("^" + step.get("expect", "ok"), found)


def hold(step: dict) -> str:
    """Log in ``count`` times and stay; the next login must end as ``expect`` says, a time-out included."""
    held = []
    found = "ok"
    try:
        for _number in range(step["count"]):
            held.append(stay(step["service"], step["user"], step["password"]))
        try:
            held.append(stay(step["service"], step["user"], step["password"], seconds=4))
        except (*PASSWORD_WRONG, OSError, EOFError) as error:
            found = f"refused {type(error).__name__} {error}"
    finally:
        for connection in held:
            connection.sock.close()
    return matched(step["expect"], found)


def stay(service: str, user: str, password: str, seconds: float = 20) -> imaplib.IMAP4_SSL | poplib.POP3_SSL:
    if service == "imaps":
        connection = imaplib.IMAP4_SSL(HOST, ssl_context=TLS, timeout=seconds)
        connection.login(user, password)
        return connection
    box = poplib.POP3_SSL(HOST, context=TLS, timeout=seconds)
    box.user(user)
    box.pass_(password)
    return box


def append(step: dict) -> str:
    connection = stay("imaps", step["user"], step["password"])
    if "folder" in step:
        connection.create(step["folder"])  # unless it is there
    text = b"Subject: uploaded\r\n\r\n" + (b"x" * 62 + b"\r\n") * (step["size"] // 64)
    status, data = connection.append(step.get("folder", "INBOX"), "", "", text)
    connection.logout()
    return matched(step.get("expect", "^OK"), f"{status} {data[0].decode()}")


def inbox(step: dict) -> str:
    wanted, deadline = step.get("count", 1), time.monotonic() + step.get("seconds", 15)
    while True:
        found = messages(step)
        # Fewer may still come; with none or too many expected, look once more at the end.
        if len(found) == wanted and (wanted or time.monotonic() > deadline):
            break
        if len(found) > wanted or time.monotonic() > deadline:
            return f"expected {wanted} messages, found {len(found)}"
        time.sleep(0.3)
    for name, pattern in step.get("header", {}).items():
        for message in found:
            if not re.search(pattern, str(message[name])):
                return f"header {name}: expected {pattern!r}, got {message[name]!r}"
    for name, pattern in step.get("only", {}).items():
        for message in found:
            values = message.get_all(name, [])
            if len(values) != (pattern is not None) or (values and not re.search(pattern, str(values[0]))):
                return f"header {name}: expected {pattern!r} alone, got {values}"
    return ""


def messages(step: dict) -> list[email.message.Message]:
    connection = imaplib.IMAP4_SSL(HOST, ssl_context=TLS)
    connection.login(step["user"], step["password"])
    with contextlib.closing(connection):
        if connection.select(step.get("folder", "INBOX"), readonly=True)[0] != "OK":
            return []
        _status, found = connection.search(None, "SUBJECT", f'"{step["subject"]}"')
        parts = [connection.fetch(number, "(RFC822)")[1] for number in found[0].split()]
    return [email.message_from_bytes(part[0][1]) for part in parts]


STEPS = {"rcpt": rcpt, "send": send, "login": login, "hold": hold, "append": append, "inbox": inbox}


def attempt(step: dict) -> str:
    """Do a step; an empty string when it went as expected."""
    try:
        return STEPS[step["do"]](step)
    except (OSError, EOFError, smtplib.SMTPException, imaplib.IMAP4.error) as error:
        return f"{type(error).__name__}: {error}"


def main() -> None:
    wrong = []
    steps = json.load(sys.stdin)
    # Logins that stand together are tried together: a refused one takes seconds.
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for kind, group in itertools.groupby(steps, key=lambda step: step["do"]):
            members = list(group)
            problems = pool.map(attempt, members) if kind == "login" else map(attempt, members)
            for step, problem in zip(members, problems):
                if problem:
                    wrong.append(f"{ {**step, 'password': '...'} }: {problem}")
    print("\n".join(wrong) if wrong else f"{len(steps)} steps went as expected")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
