# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of OpenSSL that role postfix writes: OpenSSL finds them under the name that Postfix gives."""

from __future__ import annotations

import configparser
import pathlib

from ansible_collections.mailops.mailserver.plugins.module_utils._postfix import tls
from ansible_collections.mailops.mailserver.plugins.module_utils._postfix.options import Options

FILE = pathlib.Path(__file__).resolve().parents[4] / "roles/postfix/files/openssl.cnf"


def test_the_name_leads_to_signatures_without_sha1() -> None:
    found = configparser.ConfigParser()
    found.read_string(f"[first]\n{FILE.read_text(encoding='utf-8')}")
    name = tls.entrance(Options({}, version="3.10"))["tls_config_name"]
    settings = found[found["first"][name]]
    (signatures,) = found[found[settings["ssl_conf"]]["system_default"]].values()
    hashes = {word.partition("+")[2] for word in signatures.split(":")}
    assert hashes == {"SHA256", "SHA384", "SHA512", ""}
