# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mail_dkim_key and mail_dkim_key_info on a real disk, as Ansible runs them."""

from __future__ import annotations

import base64
import contextlib
import grp
import importlib
import itertools
import json
import os
import pathlib
import signal
import stat
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ansible_collections.mailops.mailserver.plugins.module_utils._dkim import converge, making, request, store
from ansible_collections.mailops.mailserver.plugins.module_utils._dkim import key as _key
from ansible_collections.mailops.mailserver.plugins.module_utils._host import files

MODULES = "ansible_collections.mailops.mailserver.plugins.modules"
GROUP = grp.getgrgid(os.getegid()).gr_name
A = {"domain": "a.example", "selector": "e1", "algorithm": "ed25519"}
B = {"domain": "b.example", "selector": "e1", "algorithm": "ed25519"}

Tree = dict[str, tuple[str, bytes]]


class Play:
    """A host on which the modules run. Everything that they say is kept in ``said``."""

    def __init__(self, root: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.said = ""
        self.warnings: list[str] = []
        self._capsys = capsys

    def run(self, *keys: dict[str, Any], check: bool = False, **options: Any) -> dict[str, Any]:
        return self._run("mail_dkim_key", check, {"group": GROUP, "keys": list(keys), **options})

    def info(self, **options: Any) -> dict[str, Any]:
        return self._run("mail_dkim_key_info", False, options)

    def _run(self, name: str, check: bool, options: dict[str, Any]) -> dict[str, Any]:
        given = {"directory": str(self.root), **options, "_ansible_check_mode": check, "_ansible_diff": True}
        with patch_module_args(given), pytest.raises(SystemExit):
            importlib.import_module(f"{MODULES}.{name}").main()
        out, err = self._capsys.readouterr()
        self.said += out + err + "".join(self.warnings)
        result: dict[str, Any] = json.loads(out)
        return result

    def tree(self) -> Tree:
        """Mode and content of everything on the host."""
        return {
            str(path.relative_to(self.root.parent)): (
                oct(stat.S_IMODE(path.lstat().st_mode)),
                path.read_bytes() if path.is_file() else b"",
            )
            for path in sorted(self.root.parent.rglob("*"))
        }

    def file(self, name: str, domain: str = "a.example") -> pathlib.Path:
        return self.root / domain / name


@pytest.fixture
def play(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Play:
    play = Play(tmp_path / "dkim", capsys)
    monkeypatch.setattr(AnsibleModule, "warn", lambda _self, message: play.warnings.append(message))
    return play


@pytest.fixture(scope="module")
def weak() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def test_keys_are_made_once(play: Play) -> None:
    both = {"domains": ["a.example", "b.example"], "selector": "r1"}
    first = play.run(both, {**A, "domain": ["a.example", "b.example"]})
    before = play.tree()
    second = play.run(both, {**A, "domain": ["a.example", "b.example"]})
    assert (first["changed"], second["changed"], second["diff"]) == (True, False, [])
    assert play.tree() == before
    assert first["dkim_keys"] == second["dkim_keys"]
    assert [(key["domain"], key["selector"], key["bits"]) for key in first["dkim_keys"]] == [
        ("a.example", "r1", 2048),
        ("b.example", "r1", 2048),
        ("a.example", "e1", 256),
        ("b.example", "e1", 256),
    ]
    assert len({key["fingerprint"] for key in first["dkim_keys"]}) == 4


def test_what_is_returned(play: Play) -> None:
    (key,) = play.run(A)["dkim_keys"]
    assert sorted(key) == [
        "algorithm", "bits", "created", "domain", "fingerprint", "name", "path", "phase", "published", "selector",
        "since", "strings", "value", "zone",
    ]  # fmt: skip
    assert key["name"] == "e1._domainkey.a.example"
    assert key["value"].startswith("v=DKIM1; k=ed25519; p=")
    assert (key["phase"], key["published"], key["path"]) == ("prepared", True, str(play.file("e1.seed")))


def test_only_the_group_can_read(play: Play) -> None:
    old = os.umask(0)
    try:
        play.run({"domain": "a.example", "selector": "r1"}, A)
    finally:
        os.umask(old)
    assert {name: mode for name, (mode, content) in play.tree().items()} == {
        "dkim": "0o750",
        "dkim/a.example": "0o750",
        "dkim/a.example/e1.json": "0o644",
        "dkim/a.example/e1.seed": "0o640",
        "dkim/a.example/r1.json": "0o644",
        "dkim/a.example/r1.key": "0o640",
    }


def test_modes_that_were_changed_are_put_right(play: Play) -> None:
    play.run(A)
    before = play.tree()
    for path, mode in ((play.file("e1.seed"), 0o644), (play.file("e1.json"), 0o600), (play.root / "a.example", 0o755)):
        path.chmod(mode)
        found = play.run(A, check=True)
        assert found["changed"]
        assert stat.S_IMODE(path.stat().st_mode) == mode
        if path.is_file():
            assert f"mode 0{mode:o}" in play.info()["faults"][0]
        assert play.run(A)["changed"]
        assert play.tree() == before
        assert not play.run(A)["changed"]


def test_check_mode_leaves_no_trace(play: Play) -> None:
    found = play.run(A, {"domain": "a.example", "selector": "r1", "bits": 4096}, check=True)
    assert found["changed"]
    assert play.tree() == {}
    assert [(key["value"], key["bits"], key["name"]) for key in found["dkim_keys"]] == [
        ("", 256, "e1._domainkey.a.example"),
        ("", 4096, "r1._domainkey.a.example"),
    ]
    assert sorted(found["dkim_keys"][0]) == sorted(play.run(A)["dkim_keys"][0])
    before = play.tree()
    play.run({**A, "phase": "published"}, B, check=True)
    play.run({**A, "state": "absent"}, check=True)
    play.run({**A, "regenerate": "always"}, check=True)
    assert play.tree() == before


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"algorithm": "rsa"}, "is a key of ed25519, not of rsa. Rotate"),
        ({"bits": 2048}, "is a key of ed25519 with 256 bits, not 2048"),
        ({"key": base64.b64encode(b"x" * 32).decode()}, "is another key than the one that is given"),
    ],
)
def test_a_key_is_not_replaced_by_accident(play: Play, change: dict[str, Any], why: str) -> None:
    play.run(A)
    before = play.tree()
    found = play.run({"domain": "a.example", "selector": "e1", **change}, B)
    assert found["failed"]
    assert why in found["msg"]
    assert found["msg"].endswith("No key was changed.")
    assert play.tree() == before


def test_a_key_that_differs_is_replaced_when_that_is_asked_for(play: Play) -> None:
    (old,) = play.run(A)["dkim_keys"]
    wanted = {"domain": "a.example", "selector": "e1", "algorithm": "rsa", "regenerate": "mismatch"}
    (new,) = play.run(wanted)["dkim_keys"]
    assert (old["algorithm"], new["algorithm"]) == ("ed25519", "rsa")
    assert sorted(path.name for path in play.file("").iterdir()) == ["e1.json", "e1.key"]
    assert not play.run(wanted)["changed"]
    assert play.run({**wanted, "regenerate": "always"})["dkim_keys"][0]["fingerprint"] != new["fingerprint"]


def test_a_key_in_use_is_not_replaced(play: Play) -> None:
    play.run({**A, "phase": "signing", "force": True})
    before = play.tree()
    assert "is signing: mail could not be verified" in play.run({**A, "regenerate": "always"})["msg"]
    assert play.tree() == before
    found = play.run({**A, "regenerate": "always", "force": True})
    assert found["dkim_keys"][0]["phase"] == "prepared"


def test_damage_is_an_error(play: Play) -> None:
    play.run(A, B)
    whole = play.file("e1.seed").read_bytes()
    other = play.file("e1.seed", "b.example").read_bytes()
    for content, why in (
        (b"", "is empty"),
        (whole[:20], "is no private key"),
        (whole[:10] + b"?" + whole[11:], "is no private key"),
        (other, "is another key than"),
        (whole[:10] + (b"A" if whole[10:11] != b"A" else b"B") + whole[11:], "is another key than"),
    ):
        play.file("e1.seed").write_bytes(content)
        assert why in play.run(A)["msg"]
        assert why in play.info()["faults"][0]
        assert play.file("e1.seed").read_bytes() == content
    play.file("e1.seed").unlink()
    assert "the private key is missing" in play.run(A)["msg"]
    assert "missing" in play.run({**A, "regenerate": "mismatch"})["msg"]
    assert "missing" in play.run({**A, "regenerate": "always"})["msg"]
    assert play.run({**A, "regenerate": "always", "force": True})["changed"]


def test_a_damaged_description_is_an_error(play: Play) -> None:
    play.run(A)
    play.file("e1.json").write_bytes(b"{}")
    assert "does not describe a key" in play.run(A)["msg"]
    assert "does not describe a key" in play.run({**A, "state": "absent"})["msg"]
    found = play.info()
    assert found["damaged"] == {"a.example": found["faults"]}
    assert found["dkim_keys"] == []


def test_what_is_no_file_is_an_error(play: Play) -> None:
    play.run(A)
    play.file("e1.seed").rename(play.file("elsewhere"))
    play.file("e1.seed").symlink_to("elsewhere")
    assert "ordinary file" in play.run(A)["msg"]
    play.file("e1.seed").unlink()
    play.file("e1.seed").mkdir()
    assert play.run(A)["failed"]
    assert play.info()["faults"]


def test_a_key_in_another_form_stays(play: Play) -> None:
    play.run({"domain": "a.example", "selector": "r1"})
    path = play.file("r1.key")
    private: Any = serialization.load_pem_private_key(path.read_bytes(), None)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    data = private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    path.write_bytes(data)
    assert play.run({"domain": "a.example", "selector": "r1"})["changed"]
    assert path.read_bytes() == data
    assert not play.run({"domain": "a.example", "selector": "r1"})["changed"]


def test_a_key_without_description_is_taken_up(play: Play) -> None:
    (made,) = play.run({**A, "phase": "signing", "force": True})["dkim_keys"]
    content = play.file("e1.seed").read_bytes()
    play.file("e1.json").unlink()
    assert play.info()["dkim_keys"][0]["fingerprint"] == made["fingerprint"]
    assert "may be on its way" in play.run({**A, "phase": "retired"})["msg"]
    found = play.run({**A, "phase": "signing"})
    assert found["changed"]
    assert (found["dkim_keys"][0]["fingerprint"], found["dkim_keys"][0]["phase"]) == (made["fingerprint"], "signing")
    assert play.file("e1.seed").read_bytes() == content


@pytest.mark.parametrize("way", ["key", "key_file"])
def test_a_key_is_taken_over(play: Play, weak: bytes, way: str, tmp_path: pathlib.Path) -> None:
    source = tmp_path / "default"
    source.write_bytes(weak)
    wanted = {"domain": "a.example", "selector": "default", "phase": "signing"}
    wanted[way] = weak.decode() if way == "key" else str(source)
    found = play.run(wanted)
    assert (found["dkim_keys"][0]["bits"], found["dkim_keys"][0]["phase"]) == (1024, "signing")
    assert "default of a.example (1024 bits)" in play.warnings[0]
    assert b"BEGIN PRIVATE KEY" in play.file("default.key").read_bytes()
    source.unlink()
    again = play.run(wanted)
    assert (again["changed"], again.get("failed")) == (False, None)
    inside = "".join(weak.decode().splitlines()[1:3])
    assert inside not in play.said.replace("\\n", "")


def test_what_cannot_be_taken_over_is_an_error(play: Play, weak: bytes, tmp_path: pathlib.Path) -> None:
    plain: Any = serialization.load_pem_private_key(weak, None)
    lock = serialization.BestAvailableEncryption(b"x")
    locked = plain.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock).decode()
    wanted = {"domain": "a.example", "selector": "default"}
    both = {"key": weak.decode(), "key_file": "/x"}
    assert "mutually exclusive" in play.run({**wanted, **both})["msg"]
    assert "no such file" in play.run({**wanted, "key_file": str(tmp_path / "none")})["msg"]
    assert "cannot be read" in play.run({**wanted, "key_file": str(tmp_path)})["msg"]
    assert "passphrase" in play.run({**wanted, "key": locked})["msg"]
    assert "not 4096" in play.run({**wanted, "key": weak.decode(), "bits": 4096})["msg"]
    assert "no key to retire" in play.run({**wanted, "key": weak.decode(), "phase": "retired"})["msg"]
    assert not list(play.root.iterdir())


def test_a_rotation(play: Play) -> None:
    old, new = {**A, "selector": "old"}, {**A, "selector": "new"}
    assert "nobody has seen its record" in play.run({**old, "phase": "signing"})["msg"]
    play.run(old)
    for name in ("published", "signing"):
        assert play.run({**old, "phase": name})["changed"]
        assert not play.run({**old, "phase": name})["changed"]
    play.run(new)
    assert "what it signs could not be verified" in play.run({**new, "phase": "signing"})["msg"]
    assert "no key would sign" in play.run({**old, "phase": "retiring"})["msg"]
    play.run({**new, "phase": "published"})
    assert play.run({**old, "phase": "retiring"}, {**new, "phase": "signing"})["changed"]
    assert play.info()["signing"] == {"a.example": ["new"]}
    assert "is retiring" in play.run({**old, "state": "absent"})["msg"]
    (gone,) = play.run({**old, "phase": "retired"})["dkim_keys"]
    assert (gone["published"], gone["path"], gone["phase"]) == (False, "", "retired")
    assert sorted(path.name for path in play.file("").iterdir()) == ["new.json", "new.seed", "old.json"]
    assert not play.run(old)["changed"]
    assert "is retired" in play.run({**old, "phase": "signing", "force": True})["msg"]
    assert play.run({**old, "state": "absent"})["changed"]
    assert not play.run({**old, "state": "absent"})["changed"]
    assert sorted(path.name for path in play.file("").iterdir()) == ["new.json", "new.seed"]


def test_a_key_that_signs_is_only_removed_with_force(play: Play) -> None:
    play.run({**A, "phase": "signing", "force": True}, B)
    assert "is signing: mail could not be verified any more" in play.run({**A, "state": "absent"})["msg"]
    found = play.run({**A, "state": "absent", "force": True})
    assert (found["changed"], found["dkim_keys"]) == (True, [])
    assert [path.name for path in play.root.iterdir()] == ["b.example"]


def test_removing_where_nothing_is_changes_nothing(play: Play) -> None:
    assert not play.run({**A, "state": "absent"})["changed"]
    assert play.tree() == {}


def test_no_private_key_is_said(play: Play) -> None:
    play.run(A, {"domain": "a.example", "selector": "r1"})
    play.run({**A, "regenerate": "always"})
    play.info()
    secrets = [line for path in play.file("").glob("*.[ks]*e*[yd]") for line in path.read_text().split("\n") if line]
    assert len(secrets) > 20
    assert not [line for line in secrets if line in play.said and not line.startswith("-----")]


def test_an_unknown_group(play: Play) -> None:
    assert "there is no such group" in play.run(A, group="nobodys-group")["msg"]
    assert play.run(A, group="nobodys-group", check=True)["changed"]
    assert play.tree() == {}


class KilledError(BaseException):
    """Ends a run anywhere, as a signal would."""


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], contextlib.AbstractContextManager[None]]:
    """Ends what runs inside at the n-th thing that it does to the disk."""

    @contextlib.contextmanager
    def kill(after: int) -> Iterator[None]:
        count = itertools.count()
        with monkeypatch.context() as patch:
            for owner, name in ((os, "unlink"), (os, "rename"), (os, "chmod"), (os, "mkdir"), (files, "write_new")):
                patch.setattr(owner, name, dying(getattr(owner, name), count, after))
            with contextlib.suppress(KilledError):
                yield

    return kill


def dying(work: Callable[..., Any], count: Iterator[int], after: int) -> Callable[..., Any]:
    def _work(*given: Any, **options: Any) -> Any:
        if next(count) == after:
            raise KilledError
        return work(*given, **options)

    return _work


def go(play: Play, *keys: dict[str, Any]) -> None:
    """As the module does it, without its way out, which turns what is raised into an exit."""
    entries = [{**key, "domains": [key["domain"]]} for key in keys]
    place = store.Place(str(play.root), os.getegid())
    converge.converge(place, request.wanted(entries), check_mode=False)


@pytest.mark.parametrize("after", range(24))
def test_a_run_that_is_killed_is_made_good_by_the_next(play: Play, after: int, killed: Any) -> None:
    with killed(after):
        go(play, A, B)
    kept = {path.name: path.read_bytes() for path in play.root.rglob("e1.seed") if path.parent.name == "a.example"}
    assert not play.run(A, B).get("failed")
    assert not play.run(A, B)["changed"]
    assert {path.name for path in play.file("").iterdir()} == {"e1.seed", "e1.json"}
    assert all(play.file(name).read_bytes() == content for name, content in kept.items())


@pytest.mark.parametrize("after", range(16))
def test_a_replacement_that_is_killed_is_made_good_by_the_next(play: Play, after: int, killed: Any) -> None:
    play.run(A)
    wanted = {**A, "algorithm": "rsa", "regenerate": "mismatch"}
    with killed(after):
        go(play, wanted)
    assert not play.run(wanted).get("failed")
    assert not play.run(wanted)["changed"]
    assert play.info()["dkim_keys"][0]["algorithm"] == "rsa"


@pytest.mark.parametrize("after", range(10))
def test_an_end_that_is_killed_is_made_good_by_the_next(play: Play, after: int, killed: Any) -> None:
    play.run({**A, "phase": "retiring", "force": True})
    for wanted in ({**A, "phase": "retired"}, {**A, "state": "absent"}):
        with killed(after):
            go(play, wanted)
        assert not play.run(wanted).get("failed")
        assert not play.run(wanted)["changed"]
    assert play.info()["dkim_keys"] == []


@pytest.mark.parametrize("after", range(6))
def test_a_switch_that_is_killed_leaves_a_key_that_signs(play: Play, after: int, killed: Any) -> None:
    old, new = {**A, "selector": "old"}, {**A, "selector": "new"}
    play.run({**old, "phase": "signing", "force": True}, {**new, "phase": "published", "force": True})
    switch = ({**old, "phase": "retiring"}, {**new, "phase": "signing"})
    with killed(after):
        go(play, *switch)
    assert play.info()["signing"]["a.example"] in (["old"], ["new", "old"], ["new"])
    assert not play.run(*switch).get("failed")
    assert play.info()["signing"] == {"a.example": ["new"]}


def test_without_cryptography_only_check_mode_on_a_bare_host_goes(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converge, "is_able", lambda: False)
    assert play.run(A, {**B, "algorithm": "rsa", "key": "x"}, check=True)["changed"]
    assert "python3-cryptography" in play.run(A)["msg"]
    play.root.mkdir()
    assert "python3-cryptography" in play.run(A, check=True)["msg"]


def test_keys_are_made_by_processes_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2})
    monkeypatch.setattr(_key, "make", lambda algorithm, bits: _key.Key(algorithm, bits, str(os.getpid()), b""))
    orders = [("rsa", 2048 + number) for number in range(7)] + [("ed25519", 0)]
    made = dict(making.keys(orders))
    assert [(made[place].algorithm, made[place].bits) for place in range(8)] == orders
    assert len({made[place].public for place in range(7)}) == 3
    assert made[7].public == str(os.getpid())


def test_a_process_that_ends_early_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(_algorithm: str, bits: int) -> _key.Key:
        if bits == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return _key.Key("rsa", 1, "", b"")

    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1})
    monkeypatch.setattr(_key, "make", make)
    with pytest.raises(Exception, match="1 keys were not made"):
        list(making.keys([("rsa", 1), ("rsa", 2), ("rsa", 3)]))


def test_a_run_with_nothing_to_do_opens_no_key(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    domains = [f"d{number}.example" for number in range(300)]
    play.run({"domains": domains, "selector": "e1", "algorithm": "ed25519"})
    monkeypatch.setattr(_key, "read", None)
    start = time.monotonic()
    assert not play.run({"domains": domains, "selector": "e1", "algorithm": "ed25519"})["changed"]
    assert time.monotonic() - start < 5
