"""A thief at work: sends and reads with somebody's account in sessions that stay open, and the neighbour does so, too.

``thief.py work HOST THIEF PASSWORD NEIGHBOUR PASSWORD`` writes down what happens, until there is /root/thief.stop.
``thief.py judge BEGIN END THIEF`` says what went wrong when the account was stopped from BEGIN to END (seconds since
1970), and how long the thief went on.
"""

from __future__ import annotations

import imaplib
import json
import pathlib
import smtplib
import ssl
import sys
import threading
import time

LOG = pathlib.Path("/root/thief.log")
STOP = pathlib.Path("/root/thief.stop")
LONGEST = 240  # seconds
TLS = ssl.create_default_context()
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE  # the certificate is the verify playbook's business
FAR = "x@[198.51.100.77]"  # where nobody answers: this mail stays in the queue


class Client(threading.Thread):
    """One client that comes back whenever it is thrown out."""

    def __init__(self, host: str, login: tuple[str, str], service: str) -> None:
        super().__init__()
        self.host, self.login, self.service = host, login, service
        self.until = time.time() + LONGEST

    def goes_on(self) -> bool:
        return time.time() < self.until and not STOP.exists()

    def tell(self, event: str) -> None:
        with LOG.open("a", encoding="utf-8") as log:
            line = {"time": time.time(), "who": self.login[0], "service": self.service, "event": event}
            log.write(f"{json.dumps(line)}\n")

    def run(self) -> None:
        while self.goes_on():
            try:
                step = self.sender() if self.service == "smtp" else self.reader()
                self.tell("came in")
            except (OSError, smtplib.SMTPException, imaplib.IMAP4.error) as error:
                self.tell(f"kept out: {error!r:.90}")
                time.sleep(0.5)
                continue
            try:
                while self.goes_on():
                    step()
                    self.tell("done")
                    time.sleep(0.2)
            except (OSError, smtplib.SMTPException, imaplib.IMAP4.error) as error:
                self.tell(f"thrown out: {error!r:.90}")

    def sender(self):
        connection = smtplib.SMTP(self.host, 587, timeout=20)
        connection.starttls(context=TLS)
        connection.login(*self.login)
        name = self.login[0]
        # Bounces have no sender either, so that a check of senders alone would not stop them.
        senders = [name, ""]

        def step() -> None:
            senders.reverse()
            connection.sendmail(senders[0], [name, FAR], f"From: {name}\r\nSubject: loot\r\n\r\nhello\r\n")

        return step

    def reader(self):
        connection = imaplib.IMAP4_SSL(self.host, ssl_context=TLS, timeout=20)
        connection.login(*self.login)
        return connection.select


def work(host: str, thief: str, password: str, neighbour: str, other: str) -> None:
    LOG.unlink(missing_ok=True)
    STOP.unlink(missing_ok=True)
    stolen, own = (thief, password), (neighbour, other)
    kinds = [(stolen, "smtp"), (stolen, "smtp"), (stolen, "imap"), (own, "smtp"), (own, "imap")]
    clients = [Client(host, login, service) for login, service in kinds]
    for client in clients:
        client.start()
    for client in clients:
        client.join()


def judge(begin: str, end: str, thief: str) -> list[str]:
    events = [json.loads(line) for line in LOG.read_text(encoding="utf-8").splitlines()]
    of_thief = [event for event in events if event["who"] == thief]
    good = [event["time"] - float(begin) for event in of_thief if event["event"] in ("came in", "done")]
    wrong = []
    if not good or min(good) > 0:
        wrong.append("the thief had not begun")
    elif max(good) > float(end) - float(begin):
        wrong.append("the thief went on when all was done")
    for service in ("smtp", "imap"):
        last = [event["event"] for event in of_thief if event["service"] == service][-1:]
        if not last or last[0] in ("came in", "done"):
            wrong.append(f"the thief has a session of {service}")
    for event in events:
        after = event["time"] - float(begin)
        if event["who"] != thief and event["event"] not in ("came in", "done") and after > 0:
            wrong.append(f"the neighbour was disturbed {after:.1f} seconds after the beginning: {event['event']}")
    print(f"the last thing that the thief did was {max(good, default=0):.1f} seconds after the beginning")
    return wrong


if __name__ == "__main__":
    if sys.argv[1] == "work":
        work(*sys.argv[2:])
    else:
        found = judge(*sys.argv[2:])
        print("\n".join(found))
        sys.exit(bool(found))
