# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""UCL, the language of rspamd's configuration: values that mean what they say, whatever stands in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Union

from .._errors import MailError

Value = Union[str, bool, int, "list[str]", None]


def text(settings: Mapping[str, Value]) -> str:
    """One line for each setting. Raises MailError for a value that UCL would change."""
    return "".join(f"{name} = {_value(name, settings[name])};\n" for name in settings)


def data(content: Mapping[str, Any]) -> str:
    """A file of data for a script, as JSON, which UCL has a part of."""
    return json.dumps(content, indent=1, sort_keys=True) + "\n"


def _value(name: str, value: Value) -> str:
    # UCL puts variables in the place of $NAME and ${NAME}, in quotes too, and the strings here need none.
    if any("$" in item for item in (value if isinstance(value, list) else [str(value)])):
        raise MailError(f"'{value}' has a $", where=name, mend="Write it without.")
    return json.dumps(value)
