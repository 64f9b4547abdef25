# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Install pip from the wheel that lies beside this file; tools/sanity puts both where ansible-test looks for them."""

from __future__ import annotations

import pathlib
import sys

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(next(here.glob("pip-*.whl"))))

from pip._internal.cli.main import main  # noqa: E402  # pip is importable only now

# The options of the script that this one stands for, which pip itself does not know.
wanted = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
sys.exit(main(["install", "--upgrade", "--force-reinstall", *wanted]))
