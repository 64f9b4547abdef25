# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and foretell what would change without changing anything.
    support: full
  diff_mode:
    description: Returns what has changed (or would change in C(check_mode)) with C(--diff). Secrets are masked.
    support: full
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
  platform:
    description: The operating systems that the module runs on.
    support: full
    platforms: posix
"""

    INFO = r"""
options: {}
attributes:
  check_mode:
    description: Can run in C(check_mode). The module only reads.
    support: full
  diff_mode:
    description: Returns what has changed with C(--diff).
    support: N/A
    details: The module only reads.
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
  platform:
    description: The operating systems that the module runs on.
    support: full
    platforms: posix
"""
