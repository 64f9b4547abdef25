"""Keep a message that the peer's Postfix received, with what it knows of the client, as one file of JSON.

Arguments are Postfix's: queue id, client's address, its HELO name, the user that it is, sender, recipients.
"""

from __future__ import annotations

import email
import email.policy
import json
import os
import re
import sys

DIRECTORY = "/var/lib/kept"
DIGITS = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"


def number(digits: str) -> int:
    total = 0
    for digit in digits:
        total = total * 52 + DIGITS.index(digit)
    return total


def arrival(queue_id: str) -> float:
    """The time in a long queue id: seconds since the epoch and four digits of microseconds, before the last ``z``."""
    stamp = queue_id[: queue_id.rindex("z")]
    return number(stamp[:-4]) + number(stamp[-4:]) / 1e6


def main() -> None:
    queue_id, client, helo, user, sender, *recipients = sys.argv[1:]
    whole = sys.stdin.buffer.read()
    message = email.message_from_bytes(whole, policy=email.policy.compat32)
    received = " ".join((message["Received"] or "").split())
    server = re.search(r" by (\S+) \(Postfix\)", received)
    kept = {
        "arrived": arrival(queue_id),
        "client": client.removeprefix("IPv6:"),
        "helo": helo,
        "user": user,
        "tls": "(using TLS" in received,
        "server": server[1] if server else "",
        "sender": sender,
        "recipients": recipients,
        "headers": [[name, str(value)] for name, value in message.items()],
        "body": message.get_payload() if isinstance(message.get_payload(), str) else "",
        "message": whole.decode("latin-1"),
    }
    new = f"{DIRECTORY}/.{queue_id}"
    with open(new, "w", encoding="utf-8") as file:
        json.dump(kept, file)
    os.rename(new, f"{DIRECTORY}/{queue_id}.json")


if __name__ == "__main__":
    main()
