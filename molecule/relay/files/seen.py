"""Look at what the peer kept: ``seen.py ADDRESS...`` with the addresses of the server that must have sent it.

Steps come as JSON on standard input; each looks for messages by the exact ``subject`` and waits ``seconds`` (20) until
``count`` (1) are there; with a count of 0 it looks once more at the end of the time. Then every message must match:

- ``client``, ``helo``, ``server``, ``user``, ``sender``: regular expressions for the whole value; ``tls``: a truth
- ``headers``: {name: regular expression, or null for none of that name}; each name must then be there exactly once
- ``hides``: a regular expression that is nowhere in the headers, but for those that the peer's Postfix made
- ``recipients``: a list, in any order; ``sizes``: numbers of recipients per message, in any order
- ``gap``: seconds that must lie between two arrivals at least
"""

from __future__ import annotations

import json
import pathlib
import re
import sys
import time

DIRECTORY = pathlib.Path("/var/lib/kept")
WORDS = ("client", "helo", "server", "user", "sender")


def kept(subject: str) -> list[dict]:
    found = [json.loads(path.read_text("utf-8")) for path in DIRECTORY.glob("*.json")]
    mine = [item for item in found if item["client"] in sys.argv[1:] and ["Subject", subject] in item["headers"]]
    return sorted(mine, key=lambda item: item["arrived"])


def wait(step: dict) -> list[dict]:
    wanted, deadline = step.get("count", 1), time.monotonic() + step.get("seconds", 20)
    while True:
        found = kept(step["subject"])
        if len(found) > wanted or (found and len(found) == wanted) or time.monotonic() > deadline:
            return found
        time.sleep(0.2)


def faults(step: dict, found: list[dict]) -> list[str]:
    wrong = []
    if len(found) != step.get("count", 1):
        wrong.append(f"expected {step.get('count', 1)} messages, found {len(found)}")
    for item in found:
        for word in WORDS:
            if word in step and not re.fullmatch(step[word], item[word]):
                wrong.append(f"{word}: expected {step[word]!r}, got {item[word]!r}")
        if item["tls"] != step.get("tls", item["tls"]):
            wrong.append(f"tls: got {item['tls']}")
        for name, pattern in step.get("headers", {}).items():
            wrong += header(name, pattern, [value for key, value in item["headers"] if key.lower() == name.lower()])
        told = [line for line in item["headers"][1:] if "hides" in step and re.search(step["hides"], line[1])]
        wrong += [f"{line} should not be told" for line in told]
    if "recipients" in step:
        got = sorted(address for item in found for address in item["recipients"])
        if got != sorted(step["recipients"]):
            wrong.append(f"recipients: got {got}")
    if "sizes" in step:
        got = sorted(len(item["recipients"]) for item in found)
        if got != sorted(step["sizes"]):
            wrong.append(f"recipients per message: got {got}")
    gaps = [late["arrived"] - early["arrived"] for early, late in zip(found, found[1:])]
    if gaps and min(gaps) < step.get("gap", 0):
        wrong.append(f"arrivals lie {gaps} seconds apart")
    return wrong


def header(name: str, pattern: str | None, values: list[str]) -> list[str]:
    if pattern is None:
        return [f"header {name}: got {values}"] if values else []
    if len(values) != 1 or not re.search(pattern, values[0], re.DOTALL):
        return [f"header {name}: expected {pattern!r} once, got {values}"]
    return []


def main() -> None:
    steps = json.load(sys.stdin)
    wrong = [f"{step}: {fault}" for step in steps for fault in faults(step, wait(step))]
    print("\n".join(wrong) if wrong else f"{len(steps)} looks as expected")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
