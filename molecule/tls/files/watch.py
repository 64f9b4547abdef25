"""Look all the time for keys that others could read: ``watch.py DIRECTORY STOP`` ends when the file STOP is there."""

import os
import sys


def look(directory: str, found: set, openly: bool = True) -> int:
    """Names below ``directory`` that hold a private key and that every user can reach and read."""
    seen = 0
    try:
        entries = list(os.scandir(directory))
    except OSError:
        return 0
    for entry in entries:
        try:
            mode = entry.stat(follow_symlinks=False).st_mode
            if entry.is_dir(follow_symlinks=False):
                seen += look(entry.path, found, openly and bool(mode & 0o001))
            elif entry.is_file(follow_symlinks=False):
                with open(entry.path, "rb") as file:
                    key = b"PRIVATE KEY" in file.read()
                seen += key
                # Once opened it stays open for who could, whatever becomes of the directory above it.
                if key and mode & 0o077:
                    found.add(f"{entry.path} {mode & 0o777:o} {'reachable' if openly else 'out of reach'}")
        except OSError:  # it was there, and now it is gone
            continue
    return seen


def main() -> None:
    found: set = set()
    rounds = seen = 0
    while not os.path.exists(sys.argv[2]):
        rounds, seen = rounds + 1, max(seen, look(sys.argv[1], found))
    print(f"{len(found)} keys were open to others, of {seen} in {rounds} rounds: {sorted(found)}")


main()
