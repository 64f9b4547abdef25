# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From entries to live certificates: real files, and daemons that read them when they are told to."""

from __future__ import annotations

import hashlib
import os
import pathlib
import stat
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import (
    facts,
    install,
    pem,
    renew,
    request,
    rollover,
    services,
    sources,
    store,
    version,
)
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.dane import Published
from ansible_collections.mailops.mailserver.plugins.module_utils._certificate.terms import Served
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome

pytestmark = pytest.mark.usefixtures("any_user")

MX = "mx.example.com"
LIVE_FILES = version.MODES


class KilledError(BaseException):
    """Stands for the signal that no program can catch."""


class Site:
    """A host with its certificates, sources and one daemon, which serves what was live when it last read its files."""

    def __init__(self, world: Any, path: pathlib.Path) -> None:
        self.world = world
        self.directory = str(path / "ssl")
        self.given = path / "given"
        self.given.mkdir()
        (self.given / "root.pem").write_bytes(world.root.pem)
        self.now = world.NOW
        self.loaded: dict[str, tuple[bytes, ...]] = {}
        self.deaf = False
        self.reloads = 0
        self.dns: dict[str, Published] = {}

    def source(self, name: str = MX, *, file: str = "mx", **changes: Any) -> dict[str, Any]:
        """Write a new certificate for ``name`` and give the options of its files."""
        private = changes.pop("private", None) or self.world.key("secp256r1", hash((file, self.reloads)))
        leaf = self.world.make(name, self.world.middle, private=private, **changes)
        (self.given / f"{file}.pem").write_bytes(leaf.pem + self.world.middle.pem)
        (self.given / f"{file}.key").write_bytes(leaf.key_pem)
        return self.files(file)

    def files(self, file: str = "mx") -> dict[str, Any]:
        return {"certificate_file": str(self.given / f"{file}.pem"), "key_file": str(self.given / f"{file}.key")}

    def coming(self, file: str = "mx") -> bytes:
        """The certificate in a source (DER)."""
        return pem.read((self.given / f"{file}.pem").read_bytes(), where="").certificates[0]

    def run(self, *entries: Mapping[str, Any], check_mode: bool = False, able: bool = True, **changes: Any) -> Outcome:
        params: dict[str, Any] = {
            "directory": self.directory,
            "trust_files": [str(self.given / "root.pem")],
            "min_days": 7,
            "keep": 3,
            "courier": False,
            "reload": True,
            "exclusive": False,
            "address": "127.0.0.1",
            "ports": {"imaps": 993},
            **changes,
        }
        wanted = request.entries([{"names": [MX], **entry} for entry in entries])
        return install.converge(install.options_of(params), wanted, able=able, check_mode=check_mode)

    def load(self) -> services.Told:
        self.reloads += 1
        if not self.deaf:
            self.loaded = {
                name: tuple(facts.der for facts in entry.chains[0])
                for entry in store.read(self.directory)
                if entry.chains
                for name in [*entry.names, *([""] if entry.default else [])]
            }
        return services.Told(["dovecot"], ["a word"])

    def look(self, _address: str, ports: Mapping[str, int], names: Sequence[str], **_options: Any) -> list[Served]:
        return [
            Served(service, port, name, self.loaded.get(name, self.loaded.get("", ())), "" if self.loaded else "none")
            for service, port in ports.items()
            for name in names
        ]

    def live(self, name: str = MX) -> pathlib.Path:
        return pathlib.Path(self.directory, "live", name)

    def leaf(self, name: str = MX) -> bytes:
        """The certificate that is live (DER); its files are whole and belong together."""
        found = {path.name: path.read_bytes() for path in self.live(name).iterdir()}
        assert found["combined.pem"] == found["key.pem"] + found["certificate.pem"]
        certificate = pem.read(found["certificate.pem"], where="").certificates[0]
        key = self.world_key(found["key.pem"])
        assert key == version.chains(found, "")[0][0].tlsa
        return certificate

    @staticmethod
    def world_key(data: bytes) -> str:
        from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import keys  # noqa: PLC0415

        return keys.digest(keys.load(data, passphrase="", where="").public_key())

    def tree(self) -> dict[str, str]:
        """Every file below the directory, with mode and content or target."""
        found = {}
        for path in sorted(pathlib.Path(self.directory).rglob("*")):
            status = path.lstat()
            what = os.readlink(path) if path.is_symlink() else ""
            if stat.S_ISREG(status.st_mode):
                what = hashlib.sha256(path.read_bytes()).hexdigest()
            found[str(path)] = f"{status.st_mode:o} {what}"
        return found


@pytest.fixture
def site(world: Any, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    made = Site(world, tmp_path)
    for room in (install, renew):
        monkeypatch.setattr(room.time, "time", lambda: made.now)
    monkeypatch.setattr(sources, "_SYSTEM", str(tmp_path / "none"))
    monkeypatch.setattr(store, "courier_group", os.getegid)
    monkeypatch.setattr(services, "_PATIENCE", 0)
    monkeypatch.setattr(services, "reload", made.load)
    monkeypatch.setattr(services, "running", lambda: ["dovecot"])
    monkeypatch.setattr(services, "_listens", lambda address, port: True)
    monkeypatch.setattr(services, "users", lambda paths: {})
    monkeypatch.setattr(services.look, "look", made.look)
    monkeypatch.setattr(rollover, "look", lambda hosts: {host: made.dns.get(host, Published()) for host in hosts})
    return made


def test_the_first_certificate(site: Site) -> None:
    source = site.source()
    foretold = site.run(source, check_mode=True)
    assert not os.path.exists(site.directory)
    outcome = site.run(source)
    assert (outcome.changed, outcome.changes) == (foretold.changed, foretold.changes)
    assert outcome.facts == foretold.facts
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in site.live().iterdir()} == LIVE_FILES
    assert stat.S_IMODE(os.stat(f"{site.directory}/versions").st_mode) == 0o700
    assert stat.S_IMODE(os.stat(f"{site.directory}/live").st_mode) == 0o755
    assert pem.read((site.live() / "combined.pem").read_bytes(), where="").certificates == (
        site.leaf(),
        site.world.middle.der,
    )
    assert "PRIVATE" not in repr(outcome)
    [shown] = outcome.facts["certificates"]
    assert (shown["name"], shown["default"], shown["days_left"], shown["previous"]) == (MX, True, 80, [])


def test_what_a_task_does_not_say_stays(site: Site) -> None:
    source = site.source(valid=(-10, 9))
    site.run(source, keep=1, courier=True, ports={"imap": 143})
    silent = dict.fromkeys(request.LASTING)
    before = store.book(site.directory).options
    assert not site.run(source, **silent).changed
    site.source(valid=(-10, 9))
    assert site.run(source, **silent).changed
    assert store.book(site.directory).options == before
    assert site.run(source, **{**silent, "keep": 0, "courier": False}).changed
    assert store.book(site.directory).options == before._replace(keep=0, courier=False)


def test_nothing_to_do(site: Site) -> None:
    source = site.source()
    site.run(source)
    tree, reloads = site.tree(), site.reloads
    for check_mode in (True, False):
        outcome = site.run(source, check_mode=check_mode)
        assert not outcome.changed
        assert outcome.facts["reloaded"] == []
    assert (site.tree(), site.reloads) == (tree, reloads)


def test_a_renewed_certificate_is_served_and_the_old_one_kept(site: Site) -> None:
    for number in range(5):
        source = site.source(file="mx")
        foretold = site.run(source, check_mode=True, keep=2)
        outcome = site.run(source, keep=2)
        assert outcome.changes == foretold.changes
        assert outcome.facts["reloaded"] == ["dovecot"]
        assert site.loaded[""][0] == site.leaf()
        assert len(outcome.facts["certificates"][0]["previous"]) == min(number, 2)
    assert len(os.listdir(f"{site.directory}/versions/{MX}")) == 3
    assert outcome.facts["certificates"][0]["previous"] == list(store.read(site.directory)[0].previous)


def break_key(site: Site) -> None:
    (site.given / "mx.key").write_bytes(site.world.key_bytes(site.world.key("secp256r1", 77)))


def break_chain(site: Site) -> None:
    path = site.given / "mx.pem"
    path.write_bytes(path.read_bytes().replace(site.world.middle.pem, b""))


def remove_key(site: Site) -> None:
    (site.given / "mx.key").unlink()


FAULTS: list[tuple[Any, str]] = [
    (break_key, "does not belong"),
    (break_chain, "Middle"),
    (remove_key, "there is no such file"),
    (lambda site: site.source(valid=(-90, -1)), "expired"),
    (lambda site: site.source(valid=(-90, 5)), "min_days asks for 7"),
    (lambda site: site.source("other.example.com"), "is not for mx.example.com"),
    (lambda site: (site.given / "mx.pem").write_bytes(b""), "is empty"),
]


@pytest.mark.parametrize(("spoil", "word"), FAULTS)
def test_what_is_wrong_changes_nothing(site: Site, spoil: Any, word: str) -> None:
    good, other = site.source(), site.source("a.example.com", file="a")
    second = {"names": ["a.example.com"], **other}
    site.run(good, second)
    tree, loaded = site.tree(), site.loaded
    site.source("a.example.com", file="a")
    site.source()
    spoil(site)
    for check_mode in (True, False):
        with pytest.raises(MailError, match=word) as caught:
            site.run(good, second, check_mode=check_mode)
        assert str(site.given / "mx") in caught.value.message
        assert "Nothing was changed." in caught.value.message
    assert (site.tree(), site.loaded) == (tree, loaded)


def test_every_fault_is_said_at_once(site: Site) -> None:
    entries = [{"names": [f"{name}.example.com"], "certificate_file": f"/nowhere/{name}"} for name in "ab"]
    with pytest.raises(MailError, match=r"(?s)2 faults: .*/nowhere/a.*/nowhere/b"):
        site.run(*entries)
    assert not os.path.exists(site.directory)


def test_a_daemon_that_keeps_the_old_one(site: Site) -> None:
    source = site.source()
    site.run(source)
    tree = site.tree()
    site.source()
    site.deaf = True
    with pytest.raises(MailError, match=r"imaps still serve .*a word.*previous certificates are back"):
        site.run(source)
    assert site.tree() == tree


def test_a_daemon_that_does_not_reload(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    source = site.source()
    site.run(source)
    tree = site.tree()
    site.source()

    def refuse() -> services.Told:
        raise MailError("no", where="Dovecot")

    monkeypatch.setattr(services, "reload", refuse)
    with pytest.raises(MailError, match="previous certificates are back"):
        site.run(source)
    assert site.tree() == tree


@pytest.mark.parametrize("call", ["fsync", "rename", "unlink", "symlink"])
def test_a_disk_that_fails_while_links_are_switched(site: Site, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    source = site.source()
    site.run(source)
    tree, real, failed = site.tree(), getattr(os, call), []

    def fail_once(path: Any, *args: Any, **options: Any) -> Any:
        named = path if isinstance(path, str) else os.readlink(f"/proc/self/fd/{path}")
        if not failed and (call == "symlink" or named.startswith(f"{site.directory}/live")):
            failed.append(path)
            raise OSError(5, "Input/output error", named)
        return real(path, *args, **options)

    site.source()
    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail_once)
        with pytest.raises(MailError, match=r"Input/output error.*previous certificates are back"):
            site.run(source)
    assert site.tree() == tree
    assert site.run(source).changed


def kill_at(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process be killed before its call ``number`` that changes anything."""
    counted = iter(range(1, 10_000))

    def deadly(call: Any) -> Any:
        def wrapped(*args: Any, **options: Any) -> Any:
            if next(counted) >= number:
                raise KilledError
            return call(*args, **options)

        return wrapped

    for name in ("rename", "symlink", "unlink", "mkdir", "fsync", "rmdir", "fchmod"):
        monkeypatch.setattr(os, name, deadly(getattr(os, name)))
    monkeypatch.setattr(services, "reload", deadly(services.reload))


def test_killed_at_every_step(site: Site) -> None:
    source = site.source()
    site.run(source)
    for number in range(1, 100):
        old = site.leaf()
        site.source()
        with pytest.MonkeyPatch.context() as patch:
            kill_at(number, patch)
            try:
                site.run(source, courier=bool(number % 2))
                killed = False
            except KilledError:
                killed = True
        new = pem.read((site.given / "mx.pem").read_bytes(), where="").certificates[0]
        assert site.leaf() in (old, new)
        told = site.loaded[""][0] == site.leaf()
        outcome = site.run(source, courier=bool(number % 2))
        assert outcome.changed or not killed or told
        assert site.leaf() == site.loaded[""][0] == new
        assert not [path for path in site.tree() if "/." in path], number
        assert not site.run(source, courier=bool(number % 2)).changed
        if not killed:
            assert number > 20
            break
    else:
        pytest.fail("never finished")


def test_a_run_that_was_killed_before_the_reload_is_taken_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    source = site.source()
    site.run(source)
    old = site.leaf()
    site.source()
    with pytest.MonkeyPatch.context() as patch:

        def die() -> services.Told:
            raise KilledError

        patch.setattr(services, "reload", die)
        with pytest.raises(KilledError):
            site.run(source)
    assert site.leaf() != old
    assert site.run(source, check_mode=True).changed
    site.deaf = True
    with pytest.raises(MailError, match="still serve the old"):
        site.run(source)
    assert site.leaf() == old == site.loaded[""][0]


def test_the_version_before_once(site: Site) -> None:
    leaves = []
    for _number in range(3):
        source = site.source()
        site.run(source)
        leaves.append(site.leaf())
    back = {"state": "previous"}
    assert site.run(back, check_mode=True).changed
    assert site.run(back).changed
    assert site.leaf() == leaves[1] == site.loaded[""][0]
    assert not site.run(back).changed
    assert site.leaf() == leaves[1]
    assert renew.renew(site.directory) == ([], [])
    assert site.leaf() == leaves[1]
    site.source()
    assert renew.renew(site.directory)[1] == []
    assert site.leaf() not in leaves
    assert site.run(back).changed
    assert site.leaf() == leaves[1]
    assert site.run(source).changed


def test_back_and_forth(site: Site) -> None:
    site.run(site.source())
    site.run(site.source())
    old, new = sorted(os.listdir(f"{site.directory}/versions/{MX}"))
    for _turn in range(2):
        leaf, source = site.leaf(), site.files()
        site.run({"state": "previous"})
        site.run({"state": "previous"})
        assert renew.renew(site.directory) == ([], [])
        found = store.find(site.directory, MX)
        assert (found.stamp, found.later, found.before) == (old, (new,), ())
        assert pem.read(store.contents(site.directory, MX, new)["certificate.pem"], where="").certificates[0] == leaf
        [shown] = site.run(source).facts["certificates"]
        assert site.leaf() == leaf
        assert shown["previous"] == list(store.find(site.directory, MX).before) == [old]
        new = store.find(site.directory, MX).stamp


def test_what_was_rolled_back_is_not_the_version_before(site: Site) -> None:
    for _number in range(2):
        site.run(site.source())
    site.run({"state": "previous"})
    leaf = site.leaf()
    [shown] = site.run(site.source()).facts["certificates"]
    assert shown["previous"] == list(store.find(site.directory, MX).before)
    site.run({"state": "previous"})
    assert site.leaf() == leaf


def test_the_default_stays_until_another_entry_says_so(site: Site) -> None:
    other = {"names": ["b.example.com"], **site.source("b.example.com", file="b")}
    first = site.source()

    def default() -> list[str]:
        return [entry.name for entry in store.read(site.directory) if entry.default]

    site.run(first, {**other, "default": True})
    for again in ([first, other], [other], [first]):
        assert not site.run(*again).changed
        assert default() == ["b.example.com"]
    site.source("b.example.com", file="b")
    site.run(other)
    site.run({"names": ["b.example.com"], "state": "previous"}, first)
    assert default() == ["b.example.com"]
    site.run({**first, "default": True})
    assert default() == [MX]
    site.run({"names": [MX], "state": "absent"})
    assert default() == ["b.example.com"]


def test_going_back_keeps_the_names(site: Site) -> None:
    names = [MX, "a.example.com"]
    for _turn in range(2):
        source = site.source(names=names)
        site.run({**source, "names": names})
    site.run({"state": "previous"})
    assert store.read(site.directory)[0].names == (MX, "a.example.com")
    moved = site.run({"state": "previous"}, {"names": names[1:], **site.source("a.example.com", file="a")})
    assert "a.example.com is now served with the certificate a.example.com" in moved.warnings[0]
    assert [entry.names for entry in store.read(site.directory)] == [(MX,), ("a.example.com",)]


@pytest.mark.parametrize("later", [0, 85])
def test_no_version_before(site: Site, later: int) -> None:
    source = site.source()
    site.run(source)
    if later:
        site.source(valid=(-10, 300))
        site.run(source)
    site.now += later * site.world.DAY
    with pytest.raises(MailError, match="expired" if later else "no version before"):
        site.run({"state": "previous"})


def test_removed_when_nothing_names_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {"names": ["a.example.com"], "state": "absent"}
    site.run(site.source(), {"names": ["a.example.com"], **site.source("a.example.com", file="a")}, courier=True)
    with monkeypatch.context() as patch:
        patch.setattr(services, "users", lambda paths: {paths[0]: ["main.cf"]})
        tree = site.tree()
        assert any("main.cf" in word for word in site.run(entry, check_mode=True, courier=True).warnings)
        with pytest.raises(MailError, match=r"certificate a\.example\.com: is still named in main\.cf"):
            site.run(entry, courier=True)
        assert site.tree() == tree
    assert site.run(entry, courier=True).changed
    assert not site.run(entry, courier=True).changed
    assert not [path for path in site.tree() if "a.example.com" in path]
    assert [item.name for item in store.read(site.directory)] == [MX]


def test_what_an_exclusive_list_leaves_out_is_forgotten_and_stays_live(site: Site) -> None:
    other = {**site.source("b.example", file="b"), "names": ["b.example"]}
    site.run(site.source(), other)
    outcome = site.run(site.files(), exclusive=True)
    assert outcome.changed
    assert [entry.name for entry in store.read(site.directory)] == [MX]
    assert pathlib.Path(site.directory, "live", "b.example", "combined.pem").is_file()
    assert not site.run(site.files(), exclusive=True).changed
    assert site.run({"names": ["b.example"], "state": "absent"}).changed
    assert not pathlib.Path(site.directory, "versions", "b.example").exists()


def test_signed_by_itself(site: Site) -> None:
    entry = {"self_signed": True}
    foretold = site.run(entry, check_mode=True)
    outcome = site.run(entry)
    assert foretold.changed
    assert any("acme: true" in word for word in outcome.warnings)
    [shown] = outcome.facts["certificates"]
    assert shown["days_left"] == 800
    assert not site.run(entry).changed
    assert not site.run(entry, check_mode=True).changed
    site.now += 771 * site.world.DAY
    assert site.run(entry, check_mode=True).changed
    said, complaints = renew.renew(site.directory)
    assert (said[0], complaints) == (f"certificate {MX}: renewed", [])
    [again] = site.run(entry).facts["certificates"]
    assert again["tlsa"] == shown["tlsa"]
    assert again["fingerprint"] != shown["fingerprint"]
    more = site.run({**entry, "names": [MX, "192.0.2.1"]})
    assert more.facts["certificates"][0]["tlsa"] == shown["tlsa"]


def test_a_stand_in_until_the_source_is_there(site: Site) -> None:
    entry = {**site.files(), "if_missing": "self_signed"}
    assert site.run(entry, check_mode=True).changed
    assert site.run(entry).changed
    assert version.is_self_signed(store.read(site.directory)[0].chains)
    assert not site.run(entry).changed
    site.source()
    assert renew.renew(site.directory)[0][0] == f"certificate {MX}: renewed"
    real = site.leaf()
    assert not site.run(entry).changed
    (site.given / "mx.pem").unlink()
    outcome = site.run(entry)
    assert not outcome.changed
    assert "stays" in outcome.warnings[0]
    assert site.leaf() == real


BOTH = (MX, "new.example.com")
LACK = "the installed certificate is not for new.example.com, and its source has no better one yet"


def late(site: Site, names: Sequence[str] = BOTH) -> dict[str, Any]:
    """An entry whose files somebody else brings."""
    return {**site.files(), "names": names, "if_missing": "self_signed"}


def test_a_name_that_the_source_has_not_yet(site: Site) -> None:
    site.source()
    site.run(late(site, [MX]))
    leaf = site.leaf()
    foretold = site.run(late(site), check_mode=True)
    for outcome in (foretold, site.run(late(site)), site.run(late(site))):
        assert [word for word in outcome.warnings if LACK in word]
    assert (site.leaf(), site.run(late(site)).changed) == (leaf, False)
    assert renew.renew(site.directory) == (
        [],
        [f"certificate {MX}: the installed certificate is not for new.example.com"],
    )
    site.source(names=BOTH)
    assert renew.renew(site.directory)[1] == []
    assert site.run(late(site)).warnings == []


@pytest.mark.parametrize(
    ("live", "comes", "installed"),
    [
        (None, {}, "comes"),
        (None, {"valid": (-10, 5)}, "comes"),
        (None, {"valid": (-90, -1)}, "own"),
        (None, {"valid": (1, 90)}, "own"),
        (None, {"names": ["other.example.com"]}, "own"),
        ({}, {"valid": (-10, 81)}, "comes"),
        ({}, {"valid": (-10, 79)}, "live"),
        ({}, {"valid": (-90, -1)}, "live"),
        ({}, {"names": ["other.example.com"], "valid": (-10, 99)}, "live"),
        ({"names": BOTH}, {"valid": (-10, 99)}, "live"),
        ({"names": BOTH, "valid": (-10, 20)}, {"names": BOTH, "valid": (-10, 5)}, "live"),
    ],
)
def test_a_source_that_lacks_something(site: Site, live: Any, comes: dict[str, Any], installed: str) -> None:
    if live is not None:
        site.source(**live)
    site.run(late(site))
    before = site.leaf()
    site.source(**comes)
    outcome = site.run(late(site))
    found = store.read(site.directory)[0].chains
    assert version.is_self_signed(found) == (installed == "own")
    assert (found[0][0].der == site.coming()) == (installed == "comes")
    assert (found[0][0].der == before) == (installed != "comes")
    assert any(f"certificate {MX}: " in word for word in outcome.warnings)
    assert not site.run(late(site)).changed
    if installed == "live":
        assert "Until then the installed certificate stays." in outcome.warnings[0]
        assert str(site.given / "mx.pem") in renew.renew(site.directory)[1][0]


@pytest.mark.parametrize(("spoil", "word"), [*FAULTS[:2], FAULTS[-1]])
def test_a_source_that_is_wrong_is_a_fault_whoever_brings_it(site: Site, spoil: Any, word: str) -> None:
    site.source()
    site.run(late(site))
    site.source(valid=(-10, 99))
    spoil(site)
    with pytest.raises(MailError, match=word):
        site.run(late(site))


@pytest.mark.parametrize("days", [75, 85])
def test_other_authorities_do_not_make_what_is_live_a_fault(site: Site, days: int) -> None:
    source = site.source()
    site.run(source)
    site.now += days * site.world.DAY
    with (site.given / "root.pem").open("ab") as trust:
        trust.write(site.world.make("Other", ca=True, private=site.world.key(number=12)).pem)
    outcome = site.run(source)
    assert "expires in 5 days" in outcome.warnings[0] or "has expired" in outcome.warnings[0]
    assert [change.name for change in outcome.changes] == []
    with pytest.raises(MailError, match=r"is not for new\.example\.com"):
        site.run({**source, "names": BOTH})
    (site.given / "root.pem").write_bytes(site.world.make("Other", ca=True, private=site.world.key(number=12)).pem)
    if days == 75:
        with pytest.raises(MailError, match="Root"):
            site.run(source)


def test_one_faulty_entry_does_not_keep_others_from_being_renewed(site: Site) -> None:
    other = {"names": ["a.example.com"], **site.source("a.example.com", file="a")}
    site.run(site.source(), other)
    old = site.leaf("a.example.com")
    site.source()
    break_key(site)
    site.source("a.example.com", file="a")
    said, complaints = renew.renew(site.directory)
    assert said == ["certificate a.example.com: renewed", "dovecot: reloaded"]
    assert site.leaf("a.example.com") != old
    [complaint] = complaints
    assert f"certificate {MX}: {site.given}/mx.key" in complaint


def test_the_program_sees_what_is_not_served(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.run(site.source())
    assert renew.main(site.directory) == 0
    site.loaded = {"": (site.world.make(MX).der,)}
    assert renew.main(site.directory) == 1
    assert "imaps, port 993, no name" in capsys.readouterr().err
    site.load()
    site.now += 75 * site.world.DAY
    assert renew.main(site.directory) == 1
    assert "expires in 5 days" in capsys.readouterr().err


def test_the_program_looks_while_others_may_install(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    source = site.source()
    site.run(source)

    def look(_address: str, ports: Any, _names: Any) -> list[Served]:
        descriptor = os.open(site.directory, os.O_RDONLY)
        store.fcntl.flock(descriptor, store.fcntl.LOCK_EX | store.fcntl.LOCK_NB)
        os.close(descriptor)
        site.source()
        site.run(source)
        return [Served("imaps", ports["imaps"], "", (site.world.make(MX).der,))]

    monkeypatch.setattr(services, "everything", look)
    assert renew.renew(site.directory) == ([], [])


def test_of_many_names_those_that_were_renewed_are_asked_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renew, "_MANY", 1)
    site.run(site.source(), {"names": ["a.example.com"], **site.source("a.example.com", file="a")})
    asked: list[Sequence[str]] = []
    monkeypatch.setattr(services, "everything", lambda address, ports, names: asked.append(names) or [])
    site.source("a.example.com", file="a")
    for _turn in range(2):
        assert renew.renew(site.directory)[1] == []
    assert asked == [["", "a.example.com"], ["", MX, "a.example.com"]]


def test_text_is_not_remembered(site: Site) -> None:
    source = site.source()
    text = {part: pathlib.Path(source[f"{part}_file"]).read_text(encoding="ascii") for part in ("certificate", "key")}
    site.run(text)
    book = pathlib.Path(site.directory, "renewal.json")
    assert stat.S_IMODE(book.stat().st_mode) == 0o600
    assert "PRIVATE" not in book.read_text(encoding="ascii")
    assert renew.renew(site.directory) == ([], [])
    assert not site.run(text).changed


def test_an_installed_certificate_that_ends_is_told_and_stays(site: Site) -> None:
    source = site.source()
    site.run(source)
    site.now += 75 * site.world.DAY
    outcome = site.run(source)
    assert not outcome.changed
    assert "expires in 5 days" in outcome.warnings[0]


def test_two_pairs(site: Site) -> None:
    second = site.source(file="rsa", private=site.world.key("rsa3072"))
    outcome = site.run({**second, "also": [site.source()]})
    assert {path.name for path in site.live().iterdir()} == set(version.MODES)
    [shown] = outcome.facts["certificates"]
    assert [shown["key"], shown["also"][0]["key"]] == ["EC P-256", "RSA 3072"]
    both = (site.live() / "combined.pem").read_bytes()
    assert len(pem.read(both, where="").certificates) == 4
    assert not site.run({**second, "also": [site.files()]}).changed


@pytest.mark.parametrize("spoil", ["mode", "content", "missing", "link"])
def test_damage_on_disk_is_mended(site: Site, spoil: str) -> None:
    source = site.source()
    site.run(source)
    key = site.live() / "key.pem"
    if spoil == "mode":
        key.chmod(0o644)
    elif spoil == "content":
        key.write_bytes(b"")
    elif spoil == "missing":
        key.unlink()
    else:
        site.live().unlink()
    assert site.run(source, check_mode=True).changed
    assert site.run(source).changed
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in site.live().iterdir()} == LIVE_FILES
    assert not site.run(source).changed


def courier_files(site: Site) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in pathlib.Path(site.directory).glob("courier.pem*")}


def test_files_for_courier(site: Site) -> None:
    names = ["a.example.com", "*.b.example.com", "192.0.2.1"]
    other = {"names": names, **site.source("a.example.com", file="a", names=names)}
    first = site.source()
    assert site.run(first, other, courier=True, check_mode=True).changed
    site.run(first, other, courier=True)
    found = courier_files(site)
    mine, its = (pathlib.Path(site.directory, "live", name, "combined.pem").read_bytes() for name in (MX, names[0]))
    asked = {"courier.pem.a.example.com": its, "courier.pem.b.example.com": its}
    assert found == {"courier.pem": mine, f"courier.pem.{MX}": mine, **asked}
    assert not site.run(first, other, courier=True).changed
    site.source()
    site.run(first, courier=True)
    assert courier_files(site)["courier.pem"] != mine
    assert site.run({**other, "default": True}, courier=True).changed
    assert courier_files(site)["courier.pem"] == its
    assert site.run(other).changed
    assert courier_files(site) == {}


def test_what_courier_reads_is_mended(site: Site) -> None:
    source = site.source()
    site.run(source, courier=True)
    path = pathlib.Path(site.directory, "courier.pem")
    good = path.read_bytes()
    for spoil in (lambda: path.chmod(0o644), lambda: path.write_bytes(b"x"), path.unlink):
        spoil()
        assert site.run(source, courier=True).changed
        assert path.read_bytes() == good
        assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_what_courier_cannot_read_for_its_group_is_mended(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    source = site.source()
    site.run(source, courier=True)
    monkeypatch.setattr(store, "courier_group", lambda: os.getegid() + 1)
    assert site.run(source, courier=True, check_mode=True).changed


def test_courier_keeps_the_old_certificate_when_others_do(site: Site) -> None:
    source = site.source()
    site.run(source, courier=True)
    before = courier_files(site)
    site.source()
    site.deaf = True
    with pytest.raises(MailError, match="still serve the old"):
        site.run(source, courier=True)
    assert courier_files(site) == before


def test_courier_takes_a_file_for_all_names_below(site: Site) -> None:
    other = {"names": ["*.example.com"], **site.source("*.example.com", file="b", names=["*.example.com"])}
    names = [MX, "example.com"]
    found = site.run({**site.source(names=names), "names": names}, other, courier=True)
    assert any("Courier serves mx.example.com for *.example.com too" in word for word in found.warnings)


def test_files_of_courier_stay_while_it_names_them_and_others_always(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = site.source()
    site.run(source, courier=True)
    other = pathlib.Path(site.directory, "courier.pem.bak")
    other.write_bytes(b"kept")
    with monkeypatch.context() as patch:
        patch.setattr(services, "users", lambda paths: {path: ["/etc/courier/imapd-ssl"] for path in paths})
        with pytest.raises(MailError, match=r"courier\.pem: is still named in /etc/courier/imapd-ssl"):
            site.run(source, courier=False)
    site.run(source, courier=False)
    assert courier_files(site) == {"courier.pem.bak": b"kept"}


def test_courier_must_be_there(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    with pytest.raises(MailError, match=r"group courier: there is no such group\. Install Courier first"):
        store.courier_group()


def test_a_name_moves_to_the_entry_that_is_listed(site: Site) -> None:
    both = ["mx.example.com", "a.example.com"]
    site.run({"names": both, **site.source(names=both)})
    outcome = site.run({"names": ["a.example.com"], **site.source("a.example.com", file="a")})
    assert "a.example.com is now served with the certificate a.example.com" in outcome.warnings[0]
    assert [(item.names, item.default) for item in store.read(site.directory)] == [
        ((MX,), True),
        (("a.example.com",), False),
    ]


def test_without_reload_nothing_is_told(site: Site) -> None:
    source = site.source()
    site.run(source)
    reloads = site.reloads
    site.source()
    outcome = site.run(source, reload=False)
    assert (outcome.changed, outcome.facts["reloaded"], site.reloads) == (True, [], reloads)
    assert renew.renew(site.directory)[1] != []


def test_check_mode_without_a_library(site: Site) -> None:
    source = site.source()
    outcome = site.run(source, {"names": ["a.example.com"], "self_signed": True}, check_mode=True, able=False)
    assert outcome.changed
    assert "python3-cryptography" in outcome.warnings[0]
    site.run(source)
    assert not site.run(source, check_mode=True, able=False).changed


@pytest.fixture
def held(site: Site) -> Iterator[None]:
    os.makedirs(site.directory)
    with store.locked(site.directory):
        yield


@pytest.mark.usefixtures("held")
def test_two_runs_take_turns(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def would_wait(_descriptor: int, _operation: int) -> None:
        raise KilledError

    monkeypatch.setattr(store.fcntl, "flock", would_wait)
    with pytest.raises(KilledError):
        site.run(site.source())


def publish(site: Site, *, ttl: int = 3600, new: bool = False) -> list[str]:
    """Let DNS have the record of the live key, and perhaps that of the key in the source."""
    values = [one["tlsa"] for one in shown(site)]
    if new:
        found = facts.read(site.coming(), where="")
        values.append(f"3 1 1 {found.tlsa}")
    site.dns[MX] = Published(tuple(values), ttl, signed=True)
    return values


def shown(site: Site) -> list[dict[str, Any]]:
    chains = [entry.chains[0] for entry in store.read(site.directory)]
    return [version.facts_shown(chain, site.now) for chain in chains]


def test_a_new_key_waits_for_its_record(site: Site) -> None:
    site.run(site.source())
    first = site.leaf()
    publish(site)
    site.source()
    told = site.run(site.files(), check_mode=True)
    outcome = site.run(site.files())
    for found in (told, outcome):
        assert not found.changed
        assert "the new certificate waits and the old one stays" in found.warnings[0]
        assert found.facts["certificates"][0]["next_tlsa"] == [publish(site, new=True)[1]]
        assert found.facts["certificates"][0]["fingerprint"] == hashlib.sha256(first).hexdigest()
    assert [entry.next_tlsa for entry in store.read(site.directory)] == [tuple(publish(site, new=True)[1:])]
    for wait in (0, 7199):
        site.now = site.world.NOW + wait
        assert "only from 2027-01-15T10:00:00Z on" in site.run(site.files()).warnings[0]
    assert site.leaf() == first
    site.now = site.world.NOW + 7200
    outcome = site.run(site.files())
    assert (outcome.changed, outcome.warnings) == (True, [])
    assert outcome.facts["certificates"][0]["next_tlsa"] == []
    assert site.leaf() == site.coming()
    assert site.run(site.files()).changed is False


def test_one_that_waits_keeps_no_other_back(site: Site) -> None:
    other = "other.example.com"
    site.run(site.source(), {"names": [other], **site.source(other, file="other")})
    publish(site)
    site.source()
    site.source(other, file="other")
    outcome = site.run(site.files(), {"names": [other], **site.files("other")})
    assert outcome.changed
    assert site.leaf() != site.coming()
    assert site.leaf(other) == site.coming("other")


def test_the_check_can_be_left_out(site: Site) -> None:
    site.run(site.source())
    publish(site)
    site.source()
    assert site.run(site.files(), tlsa_check=False).changed
    assert store.book(site.directory).options == site_options(site, tlsa_check=False)


def site_options(site: Site, **changes: Any) -> Any:
    found = store.book(site.directory).options
    return found._replace(**changes) if found else None


def test_the_program_waits_and_complains_until_the_record_is_old(site: Site) -> None:
    site.run(site.source())
    publish(site)
    assert renew.renew(site.directory) == ([], [])
    first = site.leaf()
    site.source()
    said, complaints = renew.renew(site.directory)
    assert said == []
    assert ["the new certificate waits" in complaint for complaint in complaints] == [True]
    publish(site, new=True)
    renew.renew(site.directory)
    assert site.leaf() == first
    site.now += 86400
    said, complaints = renew.renew(site.directory)
    assert (said[0], complaints) == (f"certificate {MX}: renewed", [])
    assert site.leaf() == site.coming()


def test_a_record_that_the_program_saw_in_time_is_not_waited_for(site: Site) -> None:
    """Nor does it matter that nobody answers then."""
    site.run(site.source())
    values = publish(site)
    renew.renew(site.directory)
    site.source(file="next")
    coming = facts.read(site.coming("next"), where="").tlsa
    site.dns[MX] = Published((*values, f"3 1 1 {coming}"), 3600)
    renew.renew(site.directory)
    site.now += 86400
    site.dns[MX] = Published(why="no answer came")
    assert site.run(site.files("next")).changed
    assert site.leaf() == site.coming("next")


def test_going_back_waits_as_well(site: Site) -> None:
    site.run(site.source())
    site.source()
    site.run(site.files())
    publish(site)
    outcome = site.run({"state": "previous"})
    assert not outcome.changed
    assert "the new certificate waits" in outcome.warnings[0]
    assert site.leaf() == site.coming()
    site.dns.clear()
    assert site.run({"state": "previous"}).changed
    assert site.leaf() != site.coming()


def test_a_certificate_that_signs_itself_takes_the_live_key(site: Site) -> None:
    site.run(site.source())
    publish(site)
    before = shown(site)[0]["tlsa"]
    outcome = site.run({"self_signed": True})
    assert outcome.changed
    assert shown(site)[0]["tlsa"] == before


def of_whole(site: Site) -> str:
    """The TLSA record of the live certificate that does not fit another one with its key."""
    return f"3 0 1 {hashlib.sha256(site.leaf()).hexdigest()}"


def test_check_mode_does_not_know_whether_a_certificate_waits(site: Site) -> None:
    """It takes the live key again, which the record of the key alone fits, and that of the certificate does not."""
    entry = {"self_signed": True}
    site.run(entry)
    more = {"self_signed": True, "names": [MX, "imap.example.com"]}
    word = f"certificate {MX}: the new certificate is not known yet and may have to wait for its TLSA record"

    def foretold() -> list[str]:
        outcome = site.run(more, check_mode=True)
        assert outcome.changed
        return [text for text in outcome.warnings if text.startswith(word)]

    assert foretold() == []
    of_key = publish(site)[0]
    assert foretold() == []
    site.dns[MX] = Published((of_whole(site), of_key), 3600, signed=True)
    assert foretold() == []
    site.dns[MX] = Published((of_whole(site),), 3600, signed=True)
    assert len(foretold()) == 1
    before = site.leaf()
    site.run(more)
    assert site.leaf() == before
    site.dns[MX] = Published(("3 1 1 ", "3 1"), 3600, signed=True)
    assert foretold() == []
    site.run(more)
    assert site.leaf() != before


def test_check_mode_when_the_live_key_is_not_taken_again(site: Site) -> None:
    """Others could read it."""
    site.run(site.source())
    publish(site)
    (site.live() / "key.pem").chmod(0o644)
    told = site.run({"self_signed": True}, check_mode=True)
    assert told.changed
    assert any("may have to wait for its TLSA record" in text for text in told.warnings)
    before = site.leaf()
    site.run({"self_signed": True})
    assert site.leaf() == before
