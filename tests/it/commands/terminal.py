"""Runs a program on a terminal of its own, and types the first argument once the program asks a question."""

import os
import pty
import sys

typed, *program = sys.argv[1:]
process, terminal = pty.fork()
if process == 0:
    os.execv(program[0], program)
seen = b""
while True:
    try:
        data = os.read(terminal, 4096)
    except OSError:  # The program has ended.
        break
    if not data:
        break
    seen += data
    os.write(sys.stdout.fileno(), data)
    if typed and b"Destroy it?" in seen:
        os.write(terminal, typed.encode())
        typed = ""
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
