# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  config_directory:
    description: The directory of C(main.cf) and C(master.cf).
    type: path
    default: /etc/postfix
"""

    SERVICES = r"""
options:
  services:
    description:
      - Services of C(master.cf), told apart by O(services[].name) and O(services[].type). Where one is named twice, the
        later entry changes what it gives.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - For O(services[].type=inet) a port (V(submission)) or an address and a port (V(192.0.2.1:submission),
            V([2001:db8::1]:465)); otherwise the name of the socket.
          - With O(services[].state=absent), V(*:PORT) stands for every C(inet) service on that port that the same
            call does not list as present.
        type: str
        required: true
      type:
        description: The type of the service.
        type: str
        choices: [inet, unix, fifo, pass, unix-dgram]
        default: inet
      state:
        description: Whether the service is in C(master.cf).
        type: str
        choices: [present, absent]
        default: present
      private:
        description: Whether only Postfix itself can reach it. A field that is not given keeps its value, or is
          Postfix's default.
        type: bool
      unprivileged:
        description: Whether it runs without the rights of root.
        type: bool
      chroot:
        description: Whether it runs in the queue directory.
        type: bool
      wakeup:
        description: Seconds between wake-ups, V(0) for none; a question mark after it means only when the service is
          in use.
        type: str
      process_limit:
        description: The greatest number of processes, V(0) for no limit.
        type: int
      command:
        description: The program in Postfix's daemon directory. A new service needs one.
        type: str
      options:
        description:
          - The C(-o) options of the service, by parameter name, with values as in
            O(mailops.mailserver.postfix_main#module:parameters). Given, they replace all the options that the service
            has.
        type: dict
      arguments:
        description: The other arguments of the program, such as V(user=vmail) for C(pipe). Given, they replace what
          there is.
        type: list
        elements: str
  expected_paths:
    description:
      - Files and sockets that the configuration names and that other tasks of the same play make.
      - While one of them is missing, check mode warns that no trial run was possible, instead of failing.
    type: list
    elements: path
    default: []
"""
