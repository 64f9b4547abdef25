# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one error type that rooms raise; modules and filters turn it into a failure in one place."""

from __future__ import annotations


class MailError(Exception):
    """Something that an administrator can mend.

    ``what`` says what is wrong, ``where`` names the object or file, ``mend`` says what to do about it.
    None of the three may hold a secret.
    """

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        self.what = what
        self.where = where
        self.mend = mend
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """One line for the administrator: ``where: what. mend``."""
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text.rstrip('.')}. {self.mend}" if self.mend else text
