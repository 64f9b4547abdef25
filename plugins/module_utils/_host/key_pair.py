# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates and keys as files, opened as a server that speaks TLS would do it."""

from __future__ import annotations

import ssl

from .._errors import MailError


def check(certificate: str, key: str = "") -> None:
    """Raise MailError when a server could not use these; one file may hold both. No passphrase is asked for.

    Raises FileNotFoundError when one of them is missing.
    """
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key or None, password=lambda: b"")
    except FileNotFoundError:
        raise
    except (ssl.SSLError, OSError, ValueError) as error:
        raise MailError(
            f"no usable pair of certificate and key ({error})",
            where=f"{certificate} and {key}" if key else certificate,
            mend="Give the key of this certificate, without a passphrase.",
        ) from error
