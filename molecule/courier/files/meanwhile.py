"""What goes on while the server is exchanged: ``meanwhile.py ADDRESS STOP``, until the file STOP is there.

Every other second a message comes for alice@office.test and one for pop@office.test, and alice logs in all the time.
Printed as JSON: how many messages each of them was ``sent``, the ``longest`` time in seconds in which nobody could log
in, and what the server said when it ``refused`` her.
"""

from __future__ import annotations

import contextlib
import imaplib
import json
import pathlib
import smtplib
import ssl
import sys
import threading
import time

ADDRESS, STOP = sys.argv[1:]
TLS = ssl.create_default_context()
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE
RECIPIENTS = ("alice@office.test", "pop@office.test")

sent: list[str] = []
refused: list[str] = []
gaps: list[float] = []


def stopped() -> bool:
    return pathlib.Path(STOP).exists()


def deliver(name: str) -> None:
    """Send a message, again and again to those that the server has not taken it for."""
    text = f"Subject: {name}\r\nMessage-ID: <{name}@client.test>\r\n\r\nHello.\r\n"
    left = list(RECIPIENTS)
    while left:
        with contextlib.suppress(OSError, smtplib.SMTPException), smtplib.SMTP(ADDRESS, timeout=20) as client:
            left = list(client.sendmail("a@remote.test", left, text))
        time.sleep(0.5 if left else 0)


def write() -> None:
    while not stopped():
        sent.append(f"meanwhile-{time.time_ns()}")
        deliver(sent[-1])
        time.sleep(2)


def read() -> None:
    last = time.monotonic()
    while not stopped():
        try:
            with imaplib.IMAP4_SSL(ADDRESS, ssl_context=TLS, timeout=10) as client:
                client.login("alice@office.test", "Correct-Horse-1")
                now = time.monotonic()
                gaps.append(now - last)
                last = now
        except imaplib.IMAP4.abort:
            pass  # the connection ended
        except imaplib.IMAP4.error as error:
            refused.append(str(error))
        except OSError:
            pass
        time.sleep(0.1)


def main() -> None:
    threads = [threading.Thread(target=write), threading.Thread(target=read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"sent": len(sent), "longest": round(max(gaps), 1), "refused": refused}))


if __name__ == "__main__":
    main()
