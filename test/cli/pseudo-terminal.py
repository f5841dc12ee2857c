"""Runs a command on a pseudo-terminal of its own.

    stdin   what is typed            stdout  what the terminal shows
    fd 3    {"rows":R,"cols":C}      fd 4    one line at the end: {"exitCode","signal","echo","lineMode"}
            {"signal":N}, a line each

echo and lineMode are the terminal's own state when the command is gone: whether it left it as it found it.
"""

import fcntl
import json
import os
import pty
import selectors
import signal
import struct
import sys
import termios


def set_size(terminal, rows, cols):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))


def start(argv, slave):
    pid = os.fork()
    if pid != 0:
        return pid
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for number in (0, 1, 2):
        os.dup2(slave, number)
    os.closerange(3, 64)
    os.execvp(argv[0], argv)


def control(line, pid, slave):
    order = json.loads(line)
    if "signal" in order:
        os.kill(pid, order["signal"])
    else:
        set_size(slave, order["rows"], order["cols"])
        # The kernel tells the foreground group of the terminal, which the command leads.
        os.kill(pid, signal.SIGWINCH)


def drain(master):
    """What was shown before the command ended and is not read yet."""
    os.set_blocking(master, False)
    while True:
        try:
            data = os.read(master, 65536)
        except OSError:
            return
        if not data:
            return
        os.write(1, data)


def main():
    rows, cols, argv = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    master, slave = pty.openpty()
    set_size(slave, rows, cols)
    pid = start(argv, slave)
    gone = os.pidfd_open(pid)
    watched = selectors.DefaultSelector()
    for source in (0, 3, master, gone):
        watched.register(source, selectors.EVENT_READ)
    orders = b""
    ended = False
    while not ended:
        for key, _ in watched.select():
            if key.fd == gone:
                ended = True
            elif key.fd == master:
                os.write(1, os.read(master, 65536))
            else:
                data = os.read(key.fd, 65536)
                if not data:
                    watched.unregister(key.fd)
                elif key.fd == 0:
                    os.write(master, data)
                else:
                    *lines, orders = (orders + data).split(b"\n")
                    for line in lines:
                        control(line, pid, slave)
    _, status = os.waitpid(pid, 0)
    local = termios.tcgetattr(slave)[3]
    drain(master)
    end = {
        "exitCode": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
        "echo": bool(local & termios.ECHO),
        "lineMode": bool(local & termios.ICANON),
    }
    os.write(4, (json.dumps(end) + "\n").encode())


main()
