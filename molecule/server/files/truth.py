"""Compare what ``ansible-playbook --check --diff`` foretold with what the real run with ``--diff`` then did.

Usage: truth.py FORETOLD DONE, two files with the output of the default callback. Every task must have changed the same
on the same hosts, with the same difference.
"""

from __future__ import annotations

import re
import sys

_TASK = re.compile(r"^(?:TASK|RUNNING HANDLER) \[(.*)\] \*+$")
_RESULT = re.compile(r"^(changed|ok|skipping): \[([^\]]+)\]")


def changes(path: str) -> dict[tuple[str, str, int], str]:
    """The difference that each changed task printed, by host, task and how often that task came before."""
    found: dict[tuple[str, str, int], str] = {}
    task, block = "", []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            head, result = _TASK.match(line), _RESULT.match(line)
            if head:
                task, block = head[1], []
            elif result:
                if result[1] == "changed":
                    count = sum(key[:2] == (result[2], task) for key in found)
                    found[result[2], task, count] = "".join(block)
                block = []
            else:
                block.append(line)
    return found


def main() -> None:
    foretold, done = (changes(path) for path in sys.argv[1:3])
    wrong = [
        f"{'foretold and not done' if key in foretold else 'done and not foretold'}: {key}"
        for key in sorted(foretold.keys() ^ done.keys())
    ]
    wrong += [
        f"{key} foretold:\n{foretold[key]}\ndone:\n{done[key]}"
        for key in sorted(foretold.keys() & done.keys())
        if foretold[key] != done[key]
    ]
    if not done:
        wrong.append("nothing was changed at all")
    print("\n".join(wrong) if wrong else f"{len(done)} changes came as foretold")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
