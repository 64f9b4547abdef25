# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The four listeners: what must be started again, and which values are no good."""

from __future__ import annotations

import pytest

from ansible_collections.mailops.mailserver.plugins.module_utils._courier import listeners
from ansible_collections.mailops.mailserver.plugins.module_utils._errors import MailError

PORTS = {"imap": 143, "imaps": 993, "pop3": 110, "pop3s": 0}
VALUES = {"MAXDAEMONS": "40", "MAXPERIP": "20", "PORT": "143", "SSLPORT": "993"}


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ([], []),
        (["imapd"], ["imap", "imaps"]),
        (["imapd-ssl"], ["imap", "imaps"]),
        (["pop3d-ssl"], ["pop3", "pop3s"]),
        (["authsqliterc"], ["imap", "imaps", "pop3", "pop3s"]),
        (["authdaemonrc", "imapd"], ["imap", "imaps", "pop3", "pop3s"]),
    ],
)
def test_only_what_reads_a_changed_file_starts_again(changed: list[str], names: list[str]) -> None:
    assert [item.name for item in listeners.affected(changed)] == names


def test_good_values_pass() -> None:
    listeners.judge("imap", VALUES, PORTS)
    # A port that is switched off may be written as anything.
    listeners.judge("pop3", {**VALUES, "PORT": "110", "SSLPORT": "995"}, PORTS)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"MAXDAEMONS": "0"}, "MAXDAEMONS in imapd: '0' is not allowed"),
        ({"MAXDAEMONS": "4O"}, "MAXDAEMONS in imapd: '4O' is not allowed"),
        ({"MAXPERIP": ""}, "MAXPERIP in imapd: '' is not allowed"),
        ({"MAXPERIP": "-1"}, "MAXPERIP in imapd: '-1' is not allowed"),
        ({"MAXPERIP": "40"}, "imapd: MAXDAEMONS (40) is not larger than MAXPERIP (40)"),
        ({"PORT": "1143"}, "PORT in imapd: is '1143' and not 143"),
        ({"SSLPORT": "143,993"}, "SSLPORT in imapd-ssl: is '143,993' and not 993"),
    ],
)
def test_bad_values_are_named(changed: dict[str, str], words: str) -> None:
    with pytest.raises(MailError) as error:
        listeners.judge("imap", {**VALUES, **changed}, PORTS)
    assert words in error.value.message
    assert "Nothing was changed." in error.value.message
