"""Judge what the peer kept, as a receiver does: ``judged.py ADDRESS...`` with the addresses of the server that sent it.

Signatures are verified by dkimpy, SPF is judged by pyspf and DMARC by authheaders, from the message, the address of the
client, its HELO and the envelope sender, all with keys and policies from DNS.

Steps come as JSON on standard input. They are those of seen.py, and every message that is found must also match:

- ``signed``: the signatures that verify, as ``DOMAIN ALGORITHM`` in any order, and no other; ``selectors``: theirs
- ``broken``: how many signatures do not verify (0)
- ``spf``, ``dkim`` (of the first signature), ``dmarc``: the result, such as pass
- ``arc``: the result of the chain (none, pass, fail); ``sealed``: the domains of its seals, the first one first
"""

from __future__ import annotations

import json
import re
import sys
from typing import NamedTuple

import authheaders
import authres
import dkim
import seen


class Signatures(NamedTuple):
    """Of those that verify, domain with algorithm, and selectors; and how many do not."""

    signed: list[str]
    selectors: list[str]
    broken: int


def signatures(message: bytes) -> Signatures:
    good, bad = [], 0
    count = len([name for name, _value in dkim.rfc822_parse(message)[0] if name.lower() == b"dkim-signature"])
    for index in range(count):
        one = dkim.DKIM(message)
        try:
            verifies = one.verify(idx=index)
        except dkim.DKIMException:
            verifies = False
        tags = {name.decode(): value.decode() for name, value in one.signature_fields.items()}
        good += [tags] * verifies
        bad += not verifies
    said = [f"{tags['d']} {tags['a'].partition('-')[0]}" for tags in good]
    return Signatures(sorted(said), sorted(tags["s"] for tags in good), bad)


def seals(message: bytes) -> list[str]:
    found = [value for name, value in dkim.rfc822_parse(message)[0] if name.lower() == b"arc-seal"]
    tags = [dict(re.findall(r"([a-z]+)=\s*([^;\s]+)", value.decode())) for value in found]
    return [item["d"] for item in sorted(tags, key=lambda item: int(item["i"]))]


def results(item: dict, message: bytes) -> dict[str, str]:
    """What a receiver writes into Authentication-Results."""
    text = authheaders.authenticate_message(
        message,
        "peer.remote.test",
        spf=True,
        arc=True,
        ip=item["client"],
        mail_from=item["sender"] or f"postmaster@{item['helo']}",
        helo=item["helo"],
    )
    parsed = authres.AuthenticationResultsHeader.parse(text)
    return {one.method: one.result for one in parsed.results}


def faults(step: dict, item: dict) -> list[str]:
    message = item["message"].encode("latin-1")
    got = {**signatures(message)._asdict(), "sealed": seals(message)}
    expected = {"broken": 0, **{name: step[name] for name in got if name in step}}
    expected.update({name: sorted(expected[name]) for name in ("signed", "selectors") if name in expected})
    asked = {name: step[name] for name in ("spf", "dkim", "dmarc", "arc") if name in step}
    if asked:
        got.update(results(item, message))
    return [
        f"{name}: expected {value!r}, got {got.get(name)!r}"
        for name, value in {**expected, **asked}.items()
        if got.get(name) != value
    ]


def main() -> None:
    wrong = []
    steps = json.load(sys.stdin)
    for step in steps:
        found = seen.wait(step)
        problems = seen.faults(step, found) + [fault for item in found for fault in faults(step, item)]
        wrong += [f"{step}: {fault}" for fault in problems]
    print("\n".join(wrong) if wrong else f"{len(steps)} looks as expected")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
