# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A mail server to try: ``demo.py up`` sets it up, proves that it works and says how to use it; ``down`` removes it."""

from __future__ import annotations

import json
import os
import pathlib
import secrets
import shutil
import string
import subprocess
import sys
import time
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEPT = ROOT / ".demo"
PASSWORDS = KEPT / "passwords.yml"
CERTIFICATE = KEPT / "ca.pem"

HOST = "demo"
SUITE = "trixie"
HOSTNAME = "mx.example.test"
USERS = {"alice": "alice@example.test", "bob": "bob@example.test", "carol": "carol@sister.test"}
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
PUBLISHED = 10000  # added to a port where only published ports can be reached


def run(*command: str) -> None:
    """Run a command in the checkout, with its output on the terminal; a failure ends the demo."""
    result = subprocess.run(command, cwd=ROOT, check=False)
    if result.returncode:
        sys.exit(f"\nThe demo stopped, because this failed:\n  {' '.join(command)}")


def output(*command: str) -> str:
    """What a command prints, run in the checkout."""
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def play(playbook: str, **variables: str) -> None:
    """Run a playbook of the collection against the demo's inventory."""
    extra = [f"--extra-vars={name}={value}" for name, value in variables.items()]
    inventories = ["--inventory=tools/inventory", "--inventory=demo/inventory.yml"]
    run("ansible-playbook", *inventories, f"--extra-vars=@{PASSWORDS.relative_to(ROOT)}", *extra, playbook)


def write_private(path: pathlib.Path, text: str) -> None:
    """Write a file that nobody else may read, not even for a moment."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def password() -> str:
    """20 characters with every class that a password policy may ask for, none of which a shell or a URL would read."""
    letters = "".join(map(secrets.choice, [string.ascii_letters + string.digits] * 16))
    classes = "".join(map(secrets.choice, (string.ascii_lowercase, string.ascii_uppercase, string.digits)))
    return f"{letters[:8]}-{classes}{letters[8:]}"


def passwords() -> dict[str, str]:
    """The password by user name, made on the first run. The file is YAML for Ansible and JSON for this program."""
    KEPT.mkdir(mode=0o700, exist_ok=True)
    if not PASSWORDS.exists():
        made = {f"vault_{user}_password": password() for user in USERS}
        write_private(PASSWORDS, json.dumps(made, indent=2) + "\n")
    kept = json.loads(PASSWORDS.read_text(encoding="utf-8"))
    return {user: kept[f"vault_{user}_password"] for user in USERS}


def reachable_directly() -> bool:
    """Whether the container's own address answers: not with podman as an ordinary user, whose networks are its own."""
    if not output("tools/engine", "--version").startswith("podman"):
        return True
    return output("tools/engine", "info", "--format", "{{.Host.Security.Rootless}}") == "false"


def up() -> None:
    """Converge, prove, write ``.demo/access.json`` and explain. A second run converges again."""
    started = time.monotonic()

    def say(step: str) -> None:
        print(f"\n[{time.monotonic() - started:4.0f} s] {step}", flush=True)

    secret = passwords()
    say("A container with a bare Debian 13, which has no mail server yet")
    direct = reachable_directly()
    publish = [] if direct else [f"--publish=127.0.0.1:{PUBLISHED + port}:{port}" for port in PORTS.values()]
    run("tools/host", "up", HOST, SUITE, HOSTNAME, *publish)

    say("playbooks/site.yml makes it a mail server, as demo/inventory.yml says")
    play("playbooks/site.yml")

    say("playbooks/verify.yml proves with SMTP, IMAP, POP3 and ManageSieve that it is one")
    play("playbooks/verify.yml", **({"mail_verify_from": "localhost"} if direct else {}))

    served = f"/etc/ssl/mailserver/live/{HOSTNAME}/certificate.pem"
    CERTIFICATE.write_text(output("tools/host", "run", HOST, "cat", served) + "\n", "utf-8")
    access: dict[str, Any] = {
        "host": output("tools/host", "address", HOST) if direct else "127.0.0.1",
        "hostname": HOSTNAME,
        "ports": {name: port if direct else PUBLISHED + port for name, port in PORTS.items()},
        "accounts": [{"address": address, "password": secret[user]} for user, address in USERS.items()],
        "ca_file": str(CERTIFICATE),
    }
    write_private(KEPT / "access.json", json.dumps(access, indent=2) + "\n")
    say("Done")
    print(explanation(access))


def explanation(access: dict[str, Any]) -> str:
    """How to use the server that ``access`` (the content of ``.demo/access.json``) describes."""
    accounts = access["accounts"]
    alice, bob = accounts[:2]
    return (
        (ROOT / "demo" / "usage.txt")
        .read_text(encoding="utf-8")
        .format(
            **access["ports"],
            host=access["host"],
            hostname=access["hostname"],
            ca=pathlib.Path(access["ca_file"]).relative_to(ROOT),
            accounts="\n".join(f"  {account['address']:20} {account['password']}" for account in accounts),
            alice=alice["address"],
            alice_password=alice["password"],
            bob=bob["address"],
            bob_password=bob["password"],
        )
    )


def down() -> None:
    """Remove the server and what was kept of it."""
    if (ROOT / ".cache" / "engine").exists():
        run("tools/host", "down", HOST)
    shutil.rmtree(KEPT, ignore_errors=True)


if __name__ == "__main__":
    {"up": up, "down": down}[sys.argv[1]]()
