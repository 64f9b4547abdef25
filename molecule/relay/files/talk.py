"""Speak with a mail server from outside: ``talk.py ADDRESS`` with steps as JSON on standard input, each a connection.

Of a step, what is given is done in this order; expectations are regular expressions for replies like ``550 5.1.1 ...``:

- ``address``, ``port`` (25), ``source`` (address to come from), ``banner`` (^220), ``helo`` (client.remote.test);
  port 587 gets STARTTLS and port 465 TLS; with an empty ``ehlo`` nothing else is said, else it is what to expect (^250)
- ``early``: what is said before the server has greeted; ``banner`` is then the reply to this
- ``user`` and ``password``: log in; ``login`` (^235)
- ``offers`` and ``hides``: words that the last reply to EHLO must have, or not
- ``say``: pairs of a command and what to expect; a number instead of a command waits that many seconds for a reply,
  or with null for none
- ``mail``: the sender, with ``options`` such as SIZE=1; ``mail_expect`` (^250)
- ``to``: one recipient, or a list of recipients, or recipients with what to expect of each (^250)
- ``data``: a whole message, or a dictionary of headers; ``expect`` (^250)
- ``sign``: a list of domain, selector and key file for each signature that dkimpy makes; the file of an Ed25519 key is
  its seed and has a name that ends in 2.key
- ``dropped``: the server must have ended the connection by itself
- ``takes``: the least and the greatest number of seconds that all of it may take
- ``times``: do the step that often, one connection after the other; ``keep``: keep the connections until the end
"""

from __future__ import annotations

import contextlib
import json
import re
import select
import smtplib
import socket
import ssl
import sys
import time

with contextlib.suppress(ImportError):  # only where something is signed
    import dkim

SOURCES = ("192.0.2.53", "2001:db8::53")  # an ordinary client
TLS = ssl.create_default_context()
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE


class UnexpectedError(Exception):
    """A reply that was not expected."""


def check(what: str, pattern: str, code: int, text: bytes | str) -> None:
    reply = f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
    if not re.search(pattern, reply):
        raise UnexpectedError(f"{what}: expected {pattern!r}, got {reply!r}")


class Hasty(smtplib.SMTP):
    """A client that speaks before it is greeted."""

    early = b""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = super()._get_socket(host, port, timeout)
        connection.sendall(self.early)
        return connection


def connect(step: dict) -> smtplib.SMTP:
    port, host = step.get("port", 25), step.get("address", sys.argv[1])
    options = {
        "timeout": 60,
        "local_hostname": step.get("helo", "client.remote.test"),
        "source_address": (step.get("source", SOURCES[":" in host]), 0),
    }
    client = smtplib.SMTP_SSL(context=TLS, **options) if port == 465 else Hasty(**options)
    client.early = step.get("early", "").encode()
    client._host = host  # smtplib gives it to TLS
    check("connection", step.get("banner", "^220"), *client.connect(host, port))
    return client


def greet(client: smtplib.SMTP, step: dict) -> None:
    check("EHLO", step.get("ehlo", "^250"), *client.ehlo())
    if step.get("port") == 587 and step.get("tls", True):
        client.starttls(context=TLS)
        client.ehlo()
    offered = (client.ehlo_resp or b"").decode().split()
    for word in step.get("offers", []):
        if word not in offered:
            raise UnexpectedError(f"{word} is not offered: {offered}")
    for word in step.get("hides", []):
        if word in offered:
            raise UnexpectedError(f"{word} is offered")


def log_in(client: smtplib.SMTP, step: dict) -> None:
    try:
        reply = client.login(step["user"], step["password"])
    except smtplib.SMTPResponseException as error:
        reply = (error.smtp_code, error.smtp_error)
    check("AUTH", step.get("login", "^235"), *reply)


def say(client: smtplib.SMTP, command: str | float, pattern: str | None) -> None:
    if isinstance(command, str):
        check(command, pattern, *client.docmd(command))
    elif pattern is None:
        if select.select([client.sock], [], [], command)[0]:
            raise UnexpectedError(f"{client.getreply()} before {command} s were over")
    else:
        client.sock.settimeout(command)
        check(f"wait for {command} s", pattern, *client.getreply())


def message(data: str | dict) -> str:
    if isinstance(data, str):
        return data
    return "".join(f"{name}: {value}\n" for name, value in data.items()) + "\nHello.\n"


def signed(text: str, domain: str, selector: str, file: str) -> str:
    with open(file, "rb") as key:
        names = (selector.encode(), domain.encode())
        algorithm = b"ed25519-sha256" if file.endswith("2.key") else b"rsa-sha256"
        header = dkim.sign(text.encode(), *names, key.read().strip(), signature_algorithm=algorithm)
    return header.decode().replace("\r\n", "\n") + text


def converse(client: smtplib.SMTP, step: dict) -> None:
    if "user" in step:
        log_in(client, step)
    for command, pattern in step.get("say", []):
        say(client, command, pattern)
    if "mail" in step:
        say(
            client, " ".join([f"MAIL FROM:<{step['mail']}>", *step.get("options", [])]), step.get("mail_expect", "^250")
        )
    for recipient, pattern in recipients(step.get("to", [])).items():
        say(client, f"RCPT TO:<{recipient}>", pattern)
    if "data" in step:
        text = message(step["data"])
        for key in step.get("sign", []):
            text = signed(text, *key)
        try:
            reply = client.data(text)
        except smtplib.SMTPDataError as error:
            reply = (error.smtp_code, error.smtp_error)
        check("DATA", step.get("expect", "^250"), *reply)


def recipients(to: str | list | dict) -> dict:
    if isinstance(to, dict):
        return to
    return dict.fromkeys([to] if isinstance(to, str) else to, "^250")


def attempt(step: dict, held: list) -> str:
    """Do a step; an empty string when it went as expected."""
    started = time.monotonic()
    try:
        client = connect(step)
        try:
            if step.get("ehlo") != "":
                greet(client, step)
            converse(client, step)
        finally:
            if step.get("keep"):
                held.append(client)
            else:
                with contextlib.suppress(smtplib.SMTPException, OSError):
                    client.quit()
    except UnexpectedError as error:
        return str(error)
    except smtplib.SMTPServerDisconnected as error:
        return "" if step.get("dropped") else f"disconnected: {error}"
    except (OSError, smtplib.SMTPException) as error:
        return f"{type(error).__name__}: {error}"
    took = time.monotonic() - started
    if "takes" in step and not step["takes"][0] <= took <= step["takes"][1]:
        return f"took {took:.1f} s"
    return "the connection was not dropped" if step.get("dropped") else ""


def main() -> None:
    wrong = []
    held: list[smtplib.SMTP] = []
    started = time.monotonic()
    steps = json.load(sys.stdin)
    for step in steps:
        for _number in range(step.get("times", 1)):
            problem = attempt(step, held)
            if problem:
                wrong.append(f"{ {**step, 'password': '...'} }: {problem}")
    print("\n".join(wrong) if wrong else f"{len(steps)} talks as expected in {time.monotonic() - started:.1f} s")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
