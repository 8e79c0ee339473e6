"""Starts a program that finds a listening Unix socket under the number 3: `inherit.py sock PROGRAM ARGUMENTS`."""

from __future__ import annotations

import os
import socket
import sys

listening = socket.socket(socket.AF_UNIX)
listening.bind(sys.argv[1])
listening.listen()
os.dup2(listening.fileno(), 3)
os.set_inheritable(3, True)  # noqa: FBT003 - its only argument
os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - the program takes our place
