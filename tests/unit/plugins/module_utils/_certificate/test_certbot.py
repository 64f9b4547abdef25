# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certbot and its files, with a certbot that is made up; the real ones are asked in scenario tls."""

from __future__ import annotations

import pathlib
import time
from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._certificate import (
    acme,
    acme_request,
    certbot,
)
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._host import commands
from ansible_collections.mailops.mailserver.plugins.module_utils._outcome import Outcome

from .conftest import DAY, NOW, make
from .test_acme_request import RFC2136, params
from .test_renewal import FIXTURES

pytestmark = pytest.mark.usefixtures("any_user")
KINDS = ("cert", "privkey", "chain", "fullchain")


class Fake:
    """A certbot that issues what it is asked for, unless a name is in ``refused``."""

    def __init__(self, root: pathlib.Path) -> None:
        self.root = root
        self.refused: dict[str, str] = {}
        self.asked: list[str] = []

    def __call__(self, argv: Sequence[str], **_options: Any) -> commands.Result:
        words = list(argv)
        if words[1] == "--version":
            return commands.Result(0, "certbot 2.1.0\n", "")
        name = words[words.index("--cert-name") + 1]
        self.asked.append(name)
        if name in self.refused:
            return commands.Result(1, "", self.refused[name])
        self.issue(name, [words[place + 1] for place, word in enumerate(words) if word == "--domain"])
        return commands.Result(0, "", "")

    def issue(self, name: str, names: Sequence[str]) -> None:
        live, archive, conf = self.places(name)
        live.mkdir(parents=True, exist_ok=True)
        archive.mkdir(parents=True, exist_ok=True)
        conf.parent.mkdir(exist_ok=True)
        if conf.exists() and not conf.read_text(encoding="utf-8"):
            raise AssertionError("certbot would choose another name beside a broken configuration")
        number = len(list(archive.glob("cert*.pem"))) + 1
        for kind in KINDS:
            (archive / f"{kind}{number}.pem").write_bytes(make(name, names=names).pem)
            (live / f"{kind}.pem").unlink(missing_ok=True)
            (live / f"{kind}.pem").symlink_to(f"../../archive/{name}/{kind}{number}.pem")
        text = (FIXTURES / "2.1" / "standalone.conf").read_text(encoding="utf-8")
        conf.write_text(text.replace("https://192.0.2.53:14000/dir", acme_request.LETS_ENCRYPT), encoding="utf-8")

    def places(self, name: str) -> tuple[pathlib.Path, pathlib.Path, pathlib.Path]:
        return self.root / "live" / name, self.root / "archive" / name, self.root / "renewal" / f"{name}.conf"


@pytest.fixture(name="fake")
def fixture_fake(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    fake = Fake(tmp_path)
    monkeypatch.setattr(certbot, "ROOT", str(tmp_path))
    monkeypatch.setattr(certbot, "_ASIDE", str(tmp_path / "aside"))
    monkeypatch.setattr(certbot, "CREDENTIALS", str(tmp_path / "credentials.ini"))
    monkeypatch.setattr(certbot, "_PAUSE", 0)
    monkeypatch.setattr(acme, "HOOK", str(tmp_path / "renewal-hooks" / "deploy" / "hook"))
    monkeypatch.setattr(commands, "run", fake)
    monkeypatch.setattr(commands, "find", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(certbot.ports, "holder", lambda port: "")
    monkeypatch.setattr(time, "time", lambda: NOW)
    return fake


def settle(*names: str, strict: bool = True, check_mode: bool = False, **given: Any) -> Outcome:
    wishes = [acme_request.Wish(name, (name,)) for name in names]
    return certbot.settle(acme_request.settings(params(**given)), wishes, strict=strict, check_mode=check_mode)


def tree(path: pathlib.Path) -> list[tuple[str, bytes]]:
    files = sorted(each for each in path.rglob("*"))
    return [(str(each), each.read_bytes() if each.is_file() else b"") for each in files]


def test_issued_once(fake: Fake) -> None:
    outcome = settle("a.test", "b.test")
    assert [change.name for change in outcome.changes] == [acme.HOOK, "certificate a.test", "certificate b.test"]
    assert [shown["issued"] for shown in outcome.facts["certificates"]] == [True, True]
    assert not settle("a.test", "b.test").changed
    assert fake.asked == ["a.test", "b.test"]
    assert outcome.changes[0].after == acme.HOOK_TEXT
    assert pathlib.Path(acme.HOOK).stat().st_mode & 0o777 == 0o755


def test_check_mode_says_the_same_and_asks_nobody(fake: Fake) -> None:
    foretold = settle("a.test", check_mode=True)
    assert (fake.asked, tree(fake.root)) == ([], [])
    assert foretold == settle("a.test")


def test_nothing_asked_nothing_done(fake: Fake) -> None:
    assert not settle().changed
    assert tree(fake.root) == []


def test_one_that_fails_keeps_no_other_from_it(fake: Fake) -> None:
    fake.refused["a.test"] = "Unable to determine base domain for a.test\n"
    with pytest.raises(MailError, match=r"1 of 2 certificates were not issued \(a\.test\): \(1\) a\.test: .*no zone"):
        settle("a.test", "b.test")
    outcome = settle("a.test", "b.test", strict=False)
    assert (fake.asked, outcome.changed) == (["a.test", "b.test", "a.test"], False)
    assert len(outcome.warnings) == 1
    assert [bool(shown["errors"]) for shown in outcome.facts["certificates"]] == [True, False]


def test_a_server_that_is_down_is_asked_once(fake: Fake) -> None:
    fake.refused["a.test"] = "ValueError: Requesting acme.test/dir: Connection refused\n"
    with pytest.raises(MailError, match=r"2 of 2 .*\(a\.test, b\.test\): \(1\) \S+: it cannot be reached"):
        settle("a.test", "b.test")
    assert fake.asked == ["a.test"]


def test_a_port_that_is_held_is_said_before_anybody_is_asked(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certbot.ports, "holder", lambda port: "nginx (process 7)")
    for check_mode in (True, False):
        with pytest.raises(MailError, match=r"port 80: is held by nginx \(process 7\).*webroot"):
            settle("a.test", check_mode=check_mode)
    assert fake.asked == []


def test_another_certbot_is_waited_for(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.refused["a.test"] = "Another instance of Certbot is already running.\n"
    monkeypatch.setattr(time, "sleep", lambda seconds: fake.refused.clear())
    assert settle("a.test").changed
    assert fake.asked == ["a.test", "a.test"]


def test_it_is_not_waited_for_without_end(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.refused["a.test"] = "Another instance of Certbot is already running.\n"
    monkeypatch.setattr(certbot, "_BUSY", 0)
    with pytest.raises(MailError, match="certbot: is running already"):
        settle("a.test")


@pytest.mark.parametrize("left", [("conf",), ("live", "archive"), ("archive",), ("conf", "live", "archive")])
def test_what_an_interruption_left_is_set_aside(fake: Fake, left: tuple[str, ...]) -> None:
    live, archive, conf = fake.places("a.test")
    for place in (live, archive):
        if place.parent.name in left:
            place.mkdir(parents=True)
            (place / "half").write_text("half", encoding="utf-8")
    conf.parent.mkdir()
    if "conf" in left:
        conf.write_text("", encoding="utf-8")
    before = tree(fake.root)
    fake.refused["a.test"] = "nothing that is known\n"
    with pytest.raises(MailError, match="nothing that is known"):
        settle("a.test")
    assert [entry for entry in tree(fake.root) if entry[0] in dict(before)] == before
    fake.refused.clear()
    assert settle("a.test").facts["certificates"][0]["issued"]
    assert not (live / "half").exists()
    assert not settle("a.test").changed
    aside = [path.name for path in (fake.root / "aside").rglob("*") if path.parent.parent == fake.root / "aside"]
    assert sorted(name.partition("_")[0] for name in aside) == sorted(
        {"conf": "renewal"}.get(each, each) for each in left
    )


@pytest.mark.parametrize(
    ("word", "error"), [("--version", MailError), ("certonly", KeyboardInterrupt), ("certonly", OSError)]
)
def test_what_is_set_aside_comes_back_whatever_happens(
    fake: Fake, monkeypatch: pytest.MonkeyPatch, word: str, error: type[BaseException]
) -> None:
    live, archive, conf = fake.places("a.test")
    for place in (live, archive):
        place.mkdir(parents=True)
        (place / "half").write_text("half", encoding="utf-8")
    conf.parent.mkdir()
    conf.write_text("", encoding="utf-8")
    before = tree(fake.root)

    def end(argv: Sequence[str], **options: Any) -> commands.Result:
        if word in argv:
            raise error("cannot be started")
        return fake(argv, **options)

    monkeypatch.setattr(commands, "run", end)
    with pytest.raises(error, match="cannot be started"):
        settle("a.test")
    assert [entry for entry in tree(fake.root) if entry[0] in dict(before)] == before


def test_what_certbot_did_not_do_is_found_out(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "issue", lambda name, names: None)
    with pytest.raises(MailError, match="certbot issued it, but: there is none"):
        settle("a.test")


def test_an_old_one_is_issued_again(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    settle("a.test")
    monkeypatch.setattr(time, "time", lambda: NOW + 70 * DAY)
    monkeypatch.setattr(fake, "issue", lambda name, names: None)
    with pytest.raises(MailError, match=r"ends in 10\.0 days"):
        settle("a.test")


def test_settings_of_renewals_are_written(fake: Fake) -> None:
    settle("a.test")
    outcome = settle("a.test", reuse_key=True)
    assert [change.name for change in outcome.changes] == ["certificate a.test"]
    assert "reuse_key: True" in outcome.changes[0].after
    assert "reuse_key = True\n" in fake.places("a.test")[2].read_text(encoding="utf-8")
    assert fake.asked == ["a.test"]
    assert not settle("a.test", reuse_key=True).changed


def test_credentials_are_roots_alone_and_in_no_diff(fake: Fake) -> None:
    fake.refused["a.test"] = "no\n"
    outcome = settle("a.test", method="rfc2136", rfc2136=RFC2136, strict=False)
    path = pathlib.Path(certbot.CREDENTIALS)
    assert path.stat().st_mode & 0o777 == 0o600
    assert str(RFC2136["key_secret"]) in path.read_text(encoding="utf-8")
    assert str(RFC2136["key_secret"]) not in str(outcome)


def test_without_certbot(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "find", lambda name: None)
    assert settle("a.test", check_mode=True).changed
    with pytest.raises(MailError, match="certbot: is not installed"):
        settle("a.test")
    assert fake.asked == []


def test_a_certbot_that_hangs(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(argv: Sequence[str], **options: Any) -> commands.Result:
        if "certonly" in argv:
            raise MailError("did not end within 1800 seconds", where=argv[0])
        return fake(argv, **options)

    monkeypatch.setattr(commands, "run", hang)
    assert "did not end" in settle("a.test", strict=False).warnings[0]


@pytest.mark.parametrize(
    ("given", "mode", "says"),
    [
        ({"method": "hook", "auth_hook": "{}/none"}, 0o755, "hook .*/none: cannot be read"),
        ({"method": "hook", "auth_hook": "{}/program"}, 0o644, "hook .*/program: cannot be executed"),
        ({"method": "hook", "auth_hook": "{}/program"}, 0o757, "hook .*/program: .*written by others"),
        ({"method": "hook", "auth_hook": "{}"}, 0o755, "hook .*: is a directory"),
        ({"method": "webroot", "webroot": "{}/none"}, 0o755, "webroot .*/none: is not a directory"),
    ],
)
def test_paths_that_are_wrong(
    fake: Fake, tmp_path_factory: pytest.TempPathFactory, given: dict[str, str], mode: int, says: str
) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / "program").write_text("#!/bin/sh\n", encoding="utf-8")
    (home / "program").chmod(mode)
    with pytest.raises(MailError, match=says):
        settle("a.test", **{key: value.format(home) for key, value in given.items()})
    assert (fake.asked, tree(fake.root)) == ([], [])
