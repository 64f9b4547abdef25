"""Programs of Debian that remember what they have fetched, run by a user of the peer:
``devices.py ADDRESS [LIMIT]``.

mbsync keeps a copy of all folders of alice@office.test. fetchmail fetches what is new of pop@office.test, at most LIMIT
messages, and leaves all of it on the server. How much each has fetched now is printed as JSON. It is an error when one
has lost something, or has fetched something again. With a LIMIT, they begin anew.
"""

from __future__ import annotations

import email
import json
import pathlib
import shutil
import ssl
import subprocess
import sys

ADDRESS, LIMIT = sys.argv[1], int((sys.argv[2:] or ["0"])[0])
HOME = pathlib.Path.home() / ADDRESS
CERTIFICATE = HOME / "certificate.pem"
MBSYNC = f"""
IMAPAccount office
Host {ADDRESS}
User alice@office.test
Pass Correct-Horse-1
TLSType IMAPS
CertificateFile {CERTIFICATE}

IMAPStore server
Account office
UseNamespace yes

MaildirStore copy
Path {HOME}/mbsync/
Inbox {HOME}/mbsync/INBOX
SubFolders Verbatim

Channel all
Far :server:
Near :copy:
Patterns *
Create Near
Sync Pull
SyncState *
"""
FETCHMAIL = f"""
poll {ADDRESS} protocol pop3 service 995 uidl
user "pop@office.test" password "Single-Door-6" keep ssl no sslcertck fetchlimit {LIMIT}
mda "sh {HOME}/keep"
"""
COMMANDS = {
    "mbsync": (["mbsync", "--config", f"{HOME}/mbsyncrc", "--all"], [0]),
    # 1 is for no mail, and 13 for more than the limit.
    "fetchmail": (
        ["fetchmail", "--fetchmailrc", f"{HOME}/fetchmailrc", "--idfile", f"{HOME}/ids", "--pidfile", f"{HOME}/pid"],
        [0, 1, 13],
    ),
}


def prepare() -> None:
    for name in ("mbsync", "fetchmail/new"):
        (HOME / name).mkdir(parents=True, exist_ok=True)
    CERTIFICATE.write_text(ssl.get_server_certificate((ADDRESS, 993)), "utf-8")
    (HOME / "keep").write_text(f'cat > "$(mktemp {HOME}/fetchmail/new/XXXXXXXXXX)"\n', "utf-8")
    for name, text in (("mbsyncrc", MBSYNC), ("fetchmailrc", FETCHMAIL)):
        path = HOME / name
        path.touch(mode=0o600)
        path.write_text(text, "utf-8")


def stored(program: str) -> dict[tuple[str, str], list[int]]:
    """The files that hold a message, by folder and Message-ID."""
    found: dict[tuple[str, str], list[int]] = {}
    for path in (HOME / program).glob("**/*"):
        if path.is_file() and path.parent.name in ("cur", "new"):
            message = email.message_from_bytes(path.read_bytes())
            key = (str(path.parent.parent.relative_to(HOME)), str(message["Message-ID"]))
            found.setdefault(key, []).append(path.stat().st_ino)
    return found


def fetch(program: str) -> tuple[int, list[str]]:
    """How many messages the program fetched, and what is wrong with it."""
    command, endings = COMMANDS[program]
    before = stored(program)
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    after = stored(program)
    wrong = [] if result.returncode in endings else [f"{program}: {result.returncode} {result.stdout} {result.stderr}"]
    wrong += [f"{program} lost {key}" for key in before if key not in after]
    wrong += [f"{program} fetched {key} again" for key in before if key in after and after[key] != before[key]]
    wrong += [f"{program} has {key} twice" for key, files in after.items() if len(files) > 1]
    return len(after.keys() - before.keys()), wrong


def main() -> None:
    if LIMIT:
        shutil.rmtree(HOME, ignore_errors=True)
    prepare()
    found = {program: fetch(program) for program in COMMANDS}
    wrong = [line for _count, lines in found.values() for line in lines]
    print("\n".join(wrong) if wrong else json.dumps({program: count for program, (count, _lines) in found.items()}))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
