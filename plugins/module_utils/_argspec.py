# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Typed pieces of argument specs that several modules share."""

from __future__ import annotations

from typing import Any

Spec = dict[str, dict[str, Any]]


def store() -> Spec:
    """Where the account store is, for every module that uses it (doc fragment ``store``)."""
    return {
        "path": {"type": "path", "default": "/var/lib/mailaccounts/directory.sqlite"},
        "lock_timeout": {"type": "int", "default": 60},
    }


def exclusive() -> Spec:
    """Removing what is not listed (doc fragment ``store.exclusive``)."""
    return {
        "exclusive": {"type": "bool", "default": False},
        "max_removed_percent": {"type": "int", "default": 20},
    }


def omitted() -> Spec:
    """What an option that is left out means (doc fragment ``store.omitted``)."""
    return {"omitted_options": {"type": "str", "choices": ["keep", "default"], "default": "keep"}}


def settings() -> Spec:
    """What the store remembers for every run (doc fragment ``store.settings``)."""
    return {
        "mail_directory": {"type": "path", "default": "/var/vmail"},
        "mail_owner": {"type": "str", "default": "vmail"},
        "postfix_tables": {"type": "path", "default": "/etc/postfix/accounts"},
        "autoreply_directory": {"type": "path", "default": "/var/lib/mailautoreply"},
        "recipient_delimiter": {"type": "str", "default": "+"},
    }


def passwords() -> Spec:
    """How passwords are judged, hashed and updated (doc fragment ``store.passwords``)."""
    switches = ("lower", "upper", "digit", "symbol", "deny_name")
    return {
        "update_password": {
            "type": "str",
            "choices": ["always", "on_create"],
            "default": "always",
            "no_log": False,
        },
        "password_policy": {
            "type": "dict",
            "default": {},
            "no_log": False,
            "options": {
                "enabled": {"type": "bool", "default": True},
                "min_length": {"type": "int", "default": 8},
                **{name: {"type": "bool", "default": True} for name in switches},
            },
        },
        "password_scheme": {
            "type": "str",
            "choices": ["sha512-crypt", "bcrypt", "yescrypt"],
            "default": "sha512-crypt",
            "no_log": False,
        },
    }


def queue() -> Spec:
    """Which messages of the queue are meant, and how many are shown (doc fragment ``queue``)."""
    texts = ("sender", "recipient", "recipient_domain", "login", "client_address", "reason")
    bounds = ("older_than", "newer_than", "larger_than", "smaller_than")
    return {
        "filter": {
            "type": "dict",
            "options": {
                "queue_ids": {"type": "list", "elements": "str"},
                "queues": {"type": "list", "elements": "str"},
                **{name: {"type": "str"} for name in (*texts, *bounds)},
                "everything": {"type": "bool"},
            },
        },
        "limit": {"type": "int", "default": 500},
        "top": {"type": "int", "default": 20},
        "config_directory": {"type": "path", "default": "/etc/postfix"},
    }
