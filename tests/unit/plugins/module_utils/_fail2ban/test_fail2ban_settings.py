# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of role fail2ban and the files that follow from them."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
import yaml

from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError
from ansible_collections.mailops.mailserver.plugins.module_utils._fail2ban import settings

ROOT = pathlib.Path(__file__).resolve().parents[5]
WORDS: dict[str, Any] = {
    "max_retry": 5,
    "find_time": "10m",
    "ban_time": "1h",
    "ban_time_increment": True,
    "ban_time_max": "1w",
    "ignore": ["192.0.2.0/24", "2001:db8::7"],
    "own_addresses": ["192.0.2.25", "2001:db8::25"],
    "trusted_networks": ["[2001:db8:1::]/48", "198.51.100.9/24"],
    "ban_action": "nftables",
    "ports": [993, 587, 993],
    "log_files": [],
    "ssh_journal": False,
}


def jail_file(services: list[str], **words: Any) -> str:
    planned = settings.plan({**WORDS, **words}, services)
    path, text = planned["files"][-1].values()
    assert path == "/etc/fail2ban/jail.d/mailserver.conf"
    return str(text)


def test_jails_of_what_serves() -> None:
    assert settings.plan(WORDS, ["smtp", "courier"])["jails"] == ["mailserver-smtp", "mailserver-courier"]
    dovecot = ["mailserver-dovecot", "mailserver-dovecot-many"]
    assert settings.plan(WORDS, ["smtp", "dovecot"])["jails"] == ["mailserver-smtp", *dovecot]
    assert settings.plan(WORDS, [])["jails"] == []


def test_a_jail() -> None:
    text = jail_file(["smtp"])
    assert "maxretry = 5\nfindtime = 600\nbantime = 3600\nbantime.increment = true\nbantime.maxtime = 604800\n" in text
    never = "127.0.0.0/8 ::1 192.0.2.25 2001:db8::25 2001:db8:1::/48 198.51.100.0/24 192.0.2.0/24 2001:db8::7/128"
    assert f"ignoreip = {never}\n" in text
    assert 'action = nftables[type=multiport, table=f2b-mailserver, name=%(__name__)s, port="587,993"' in text
    assert "backend = systemd\n" in text


def test_many_guesses_in_one_connection_of_dovecot_are_one_line() -> None:
    many = jail_file(["dovecot"], max_retry=7).split("[mailserver-dovecot-many]")[1]
    assert "maxretry = 1\n" in many
    assert r"filter = mailserver-dovecot[attempts='(?:7|[8-9]|[1-9]\d{1,})']" in many


def test_other_logs_and_another_action() -> None:
    text = jail_file(["smtp"], log_files=["/var/log/mail.log"], ban_action="ufw")
    assert "backend = auto\nlogpath = /var/log/mail.log\n" in text
    assert 'action = ufw[name=%(__name__)s, port="587,993", protocol="tcp"]\n' in text


def test_ssh_without_a_log_file_of_its_own() -> None:
    files = {item["path"]: item["content"] for item in settings.plan({**WORDS, "ssh_journal": True}, ["smtp"])["files"]}
    assert "[sshd]\nbackend = systemd\n" in files["/etc/fail2ban/jail.d/mailserver-ssh.conf"]
    assert not [item for item in settings.plan(WORDS, ["smtp"])["files"] if "sshd" in str(item)]


def test_bans_are_remembered_longer_than_they_last() -> None:
    assert "dbpurgeage = 691200\n" in settings.plan(WORDS, ["smtp"])["files"][0]["content"]


def test_host_bits_of_what_postfix_trusts_are_told() -> None:
    assert settings.plan(WORDS, [])["warnings"][0].startswith("postfix_trusted_networks: 198.51.100.9/24")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"ignore": ["192.0.2.1/24"]}, r"fail2ban_ignore: .*Did you mean 192\.0\.2\.0/24"),
        ({"ignore": ["office"]}, "fail2ban_ignore: 'office' is not a network"),
        ({"ignore": ["0.0.0.0/0"]}, "fail2ban_ignore: 0.0.0.0/0 is everybody"),
        ({"find_time": 600}, "fail2ban_find_time: '600' is no time"),
        ({"find_time": "0"}, "fail2ban_find_time: '0' is out of range"),
        ({"ban_time": "10 minutes"}, "fail2ban_ban_time: '10 minutes' is no time"),
        ({"ban_time": "2w"}, "fail2ban_ban_time_max: is shorter"),
        ({"max_retry": 0}, "fail2ban_max_retry: '0' is not possible"),
        ({"ban_action": "nftables[x]"}, "fail2ban_ban_action: .* is no action"),
        ({"ports": [0]}, "fail2ban_ports: '0' is not possible"),
        ({"ports": "143"}, "fail2ban_ports: is not a list"),
        ({"log_files": ["mail.log"]}, "fail2ban_log_files: 'mail.log' is no path"),
        ({"ban_time_increment": "perhaps"}, "fail2ban_ban_time_increment: "),
    ],
)
def test_words_that_cannot_be_meant(words: dict[str, Any], message: str) -> None:
    with pytest.raises(MailError, match=message):
        settings.plan({**WORDS, **words}, ["smtp"])


def test_jails_that_watch() -> None:
    status = "Status\n|- Number of jail:\t2\n`- Jail list:\tmailserver-smtp, sshd\n"
    assert settings.listed(status) == {"mailserver-smtp", "sshd"}
    assert settings.listed("Status\n|- Number of jail:\t0\n`- Jail list:\t\n") == set()


def test_the_role_ends_every_jail_that_it_can_begin() -> None:
    role = yaml.safe_load((ROOT / "roles/fail2ban/vars/main.yml").read_text(encoding="utf-8"))
    jails = {jail for service in settings.SERVICES for jail in settings.plan(WORDS, [service])["jails"]}
    assert set(role["__fail2ban_jails"]) == jails
