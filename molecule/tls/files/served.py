"""Look at the certificates that a server shows: ``served.py ADDRESS ROOT`` with looks as JSON on standard input.

Each look is at all ports, or at those of ``services``, with openssl, swaks and the clients of Python's library, which
trust the authority of the file ROOT alone:

- ``name``: the name to ask for (SNI); empty for none
- ``serves``: the common name of the certificate that must be shown; the clients that check names must be content with
  it, unless ``known`` is false: then they must not be
- ``options``: what openssl is told besides, such as [-sigalgs, RSA-PSS+SHA256]; only openssl looks then
- ``refused``: no session must come about
"""

from __future__ import annotations

import concurrent.futures
import imaplib
import json
import poplib
import re
import smtplib
import socket
import ssl
import subprocess
import sys
import time
from typing import Callable

ADDRESS, ROOT = sys.argv[1:]
PORTS = {
    "smtp": 25,
    "submission": 587,
    "submissions": 465,
    "imap": 143,
    "imaps": 993,
    "pop3": 110,
    "pop3s": 995,
    "sieve": 4190,
}
STARTTLS = {"smtp": "smtp", "submission": "smtp", "imap": "imap", "pop3": "pop3", "sieve": "sieve"}
TLS = ssl.create_default_context(cafile=ROOT)
TLS.verify_flags |= ssl.VERIFY_X509_STRICT

# The clients connect to names as users do; here, every name means the server.
_getaddrinfo = socket.getaddrinfo
socket.getaddrinfo = lambda _name, port, *more, **options: _getaddrinfo(ADDRESS, port, *more, **options)


def sieve(name: str) -> None:
    with socket.create_connection((name, 4190), 20) as plain:
        stream = plain.makefile("rwb", buffering=0)
        for command in (b"", b"STARTTLS\r\n"):
            stream.write(command)
            while not (line := stream.readline()).startswith(b"OK"):
                if not line:
                    raise OSError("the connection was dropped")
        TLS.wrap_socket(plain, server_hostname=name).close()


def imap(name: str) -> None:
    client = imaplib.IMAP4(name, timeout=20)
    client.starttls(TLS)
    client.logout()


def pop3(name: str) -> None:
    client = poplib.POP3(name, timeout=20)
    client.stls(TLS)
    client.quit()


def smtp(name: str, port: int = 25) -> None:
    with smtplib.SMTP(name, port, "client.remote.test", timeout=20) as client:
        client.starttls(context=TLS)
        client.ehlo()


CLIENTS: dict[str, Callable[[str], object]] = {
    "smtp": smtp,
    "submission": lambda name: smtp(name, 587),
    "submissions": lambda name: smtplib.SMTP_SSL(name, local_hostname="client.remote.test", context=TLS).quit(),
    "imap": imap,
    "imaps": lambda name: imaplib.IMAP4_SSL(name, ssl_context=TLS).logout(),
    "pop3": pop3,
    "pop3s": lambda name: poplib.POP3_SSL(name, context=TLS).quit(),
    "sieve": sieve,
}


def run(command: list[str]) -> str:
    done = subprocess.run(
        command,
        input="Q\n",
        timeout=40,
        text=True,
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return f"exit {done.returncode}\n{done.stdout}"


def with_openssl(service: str, look: dict) -> str:
    name = look["name"]
    command = ["openssl", "s_client", "-connect", f"{ADDRESS}:{PORTS[service]}", "-CAfile", ROOT, "-no-CApath"]
    command += ["-servername", name] if name else ["-noservername"]
    command += ["-starttls", STARTTLS[service]] if service in STARTTLS else []
    command += ["-verify_hostname", name] if name and look.get("known", True) else []
    said = run([*command, "-verify_return_error", *look.get("options", [])])
    subject = re.search(r"^subject=.*CN ?= ?(\S+)", said, re.MULTILINE)
    if look.get("refused"):
        return "" if " Cipher is (NONE)" in said else said[-600:]
    found = subject[1] if subject else said[-600:]
    if found != look["serves"]:
        return f"expected {look['serves']}, got {found}"
    return "" if "Verify return code: 0" in said or "Verification: OK" in said else f"not verified: {said[-600:]}"


def with_library(service: str, look: dict) -> str:
    try:
        CLIENTS[service](look["name"])
    except ssl.SSLCertVerificationError as error:
        return f"{error}" if look.get("known", True) else ""
    except (OSError, EOFError, imaplib.IMAP4.error, poplib.error_proto, smtplib.SMTPException) as error:
        return f"{type(error).__name__}: {error}"
    return "" if look.get("known", True) else "a certificate for another name was taken"


def with_swaks(service: str, look: dict) -> str:
    name = look["name"]
    command = ["swaks", "--server", ADDRESS, "--port", str(PORTS[service]), "--helo", "client.remote.test"]
    command += ["--quit-after", "TLS", "--tls-on-connect" if service == "submissions" else "--tls", "--tls-sni", name]
    said = run([*command, "--tls-verify", "--tls-verify-target", name, "--tls-ca-path", ROOT])
    good = said.startswith("exit 0\n") and re.search(rf"peer.*subject=.*CN={look['serves']}\b", said)
    if not look.get("known", True):
        return "a certificate for another name was taken" if good else ""
    return "" if good else said[-600:]


def attempt(tool: Callable[[str, dict], str], service: str, look: dict) -> str:
    try:
        problem = tool(service, look)
    except subprocess.TimeoutExpired:
        problem = "no answer"
    return f"{service} {look}, {tool.__name__}: {problem}" if problem else ""


def tasks(looks: list[dict]) -> list[tuple[Callable[[str, dict], str], str, dict]]:
    """Which tool looks at which port: names are checked by those that can."""
    every = []
    for look in looks:
        for service in look.get("services", PORTS):
            every.append((with_openssl, service, look))
            if look["name"] and "options" not in look:
                every.append((with_library, service, look))
                if service in ("smtp", "submission", "submissions"):
                    every.append((with_swaks, service, look))
    return every


def main() -> None:
    started = time.monotonic()
    every = tasks(json.load(sys.stdin))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        wrong = [problem for problem in pool.map(attempt, *zip(*every)) if problem]
    print("\n".join(wrong) if wrong else f"{len(every)} looks as expected in {time.monotonic() - started:.1f} s")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
