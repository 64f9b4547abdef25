# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTML that is right by construction: whatever is not made here is text, and is escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable

from .._log.text import LONGEST, clean

# What ends no element.
_VOID = frozenset(("meta",))
# Braces are escaped too, so that no text looks like a template to whoever passes the page on.
_BRACES = {ord("{"): "&#123;", ord("}"): "&#125;"}


class Html(str):
    """Text that is HTML. What is put together of it other than by ``element`` and ``join`` is plain text again."""


def text(value: object) -> Html:
    """Any value as HTML: control characters neutral, long ones cut, everything escaped. HTML stays as it is."""
    if isinstance(value, Html):
        return value
    return Html(html.escape(clean(str(value), LONGEST)).translate(_BRACES))


def join(parts: Iterable[object]) -> Html:
    """Parts one after the other; text among them is escaped."""
    return Html("".join(text(part) for part in parts))


def element(tag: str, *children: object, **attributes: object) -> Html:
    """An element. ``class_`` is written as ``class``, ``data_label`` as ``data-label``; None is left out."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{text(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    end = "" if tag in _VOID else f"{join(children)}</{tag}>"
    return Html(f"<{tag}{written}>{end}")


def name(value: object) -> Html:
    """A name that somebody chose: it does not turn the text around it, whatever its script."""
    return element("bdi", value)
