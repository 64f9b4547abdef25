"""Send mail that has traps for readers of logs in it and stay connected: HOST USER PASSWORD SECONDS."""

from __future__ import annotations

import smtplib
import ssl
import sys
import time

HOST, USER, PASSWORD, SECONDS = sys.argv[1:]
DOMAIN = USER.partition("@")[2]
QUOTED = '"a>, relay=x[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (b"@nowhere.invalid'
TLS = ssl.create_default_context()
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE


def letter(number: int, to: str) -> bytes:
    lines = [
        f"From: {USER}",
        f"To: {to}",
        f"Message-ID: <log-{number}@client.example.net>",
        "Subject: \x1b[31m<script>alert(1)</script> 日本語 sasl_username=victim",
        "",
        "Hello",
        "",
    ]
    return "\r\n".join(lines).encode()


with smtplib.SMTP(HOST, 25, local_hostname="<b>x</b>\x1b[31m", timeout=20) as stranger:
    stranger.ehlo()
    stranger.mail("stranger@example.org")
    stranger.rcpt("somebody@example.com")

with smtplib.SMTP(HOST, 587, local_hostname="client.example.net", timeout=20) as client:
    client.starttls(context=TLS)
    client.login(USER, PASSWORD)
    for number, to in enumerate((f"desk@{DOMAIN}", f"reader@{DOMAIN}", QUOTED)):
        client.sendmail(USER, [to], letter(number, to))
    time.sleep(float(SECONDS))
