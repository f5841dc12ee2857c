"""Mailboxes for Python programs in a Ramet guest. Needs nothing but Python 3.8 or newer.

    with arm_mailbox("job") as mailbox:     # the VM may be forked from here on
        mail = mailbox.wait()               # in a child: the payload that was meant for it
        start(mail.json())
        mail.acknowledge()

A frame is a page of a file on tmpfs, mapped into memory; its bytes are those of guest/protocol/README.md, section 1.
"""

import ctypes
import json
import mmap
import os
import random
import re
import select
import socket
import struct
import sys
import time
import zlib

FRAME_BYTES = 4096
PART_BYTES = 3832
DELIVERED, CONSUMED = 1, 2
_ARMED_AT, _NAME, _TOKEN, _GENERATION, _CRC, _SEQUENCE, _LENGTH, _PAYLOAD = 16, 32, 96, 224, 240, 256, 260, 264

# Mail waits for the identity of its VM, as long as an agent is there to apply one. Without an agent it counts alone after two looks.
_LOOKS_WITHOUT_AGENT = 2
_LOOK_EVERY_S = 1.0

# inotify(7): a file was renamed into the directory, or closed after it was written.
_IN_CLOSE_WRITE, _IN_MOVED_TO = 0x8, 0x80


class CorruptMailError(Exception):
    """What was delivered does not fit its checksum, and was discarded."""


class MailTimeoutError(Exception):
    """The time that `wait` was given has passed."""


def arm_mailbox(name, token=None, parts=1):
    """Arms a mailbox, or arms it again. `token` is what a fork must know to write here, by default the instance's own;
    each of the 1 to 32 parts holds 3832 bytes of payload. Raises ValueError for a name, token or number that cannot be."""
    if not re.fullmatch(r"[A-Za-z0-9_:-][A-Za-z0-9._:-]{0,63}", name):
        raise ValueError("a mailbox name is 1 to 64 of A-Z a-z 0-9 . _ : -")
    if not 1 <= parts <= 32:
        raise ValueError("a mailbox has 1 to 32 parts")
    if token is None:
        with open(os.path.join(_run_directory(), "token"), encoding="utf-8") as file:
            token = file.read().rstrip("\n")
    if not 1 <= len(token.encode()) <= 128:
        raise ValueError("a mailbox token has 1 to 128 bytes")
    return Mailbox(name, token, parts)


def reseed():
    """Seeds the generators of this process anew from the kernel's: `random`, and NumPy's global one if NumPy was imported. Not
    reached: objects with a state of their own (`random.Random()`, `numpy.random.default_rng()`), which must be made anew.
    `secrets`, `uuid.uuid4`, `os.urandom` and `random.SystemRandom` need no reseed: they ask the kernel each time."""
    random.seed(os.urandom(64))
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed(list(struct.unpack("<8I", os.urandom(32))))


class Mailbox:
    """One armed mailbox. Made by `arm_mailbox`; `close` unmaps it, the mailbox itself stays armed."""

    def __init__(self, name, token, parts):
        self._name, self._token, self._parts = name, token, parts
        directory = os.path.join(_run_directory(), "mailboxes")
        os.makedirs(directory, mode=0o700, exist_ok=True)
        file = os.open(os.path.join(directory, name), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(file, parts * FRAME_BYTES)
            self._frames = mmap.mmap(file, parts * FRAME_BYTES)
        finally:
            os.close(file)
        self._arm()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._frames.close()

    def wait(self, timeout_s=None, reseed_random=True):
        """Waits for the payload of this VM, takes it and erases the frames. Arms the mailbox first when its mail was taken
        before. Calls `reseed()` unless told otherwise: every child of one image wakes with the same state of `random`.
        Raises MailTimeoutError, or CorruptMailError after the host was told so."""
        if CONSUMED in self._sequences():
            self._arm()
        self._await_delivery(timeout_s)
        if reseed_random:
            reseed()
        is_whole, payload = self._is_whole(), self._payload()
        self._erase()
        mail = Mail(self._name, payload)
        if not is_whole:
            mail.fail("crc_mismatch")
            raise CorruptMailError(f"what was delivered to {self._name} is corrupt and was discarded")
        return mail

    def _arm(self):
        # In place and the magic last, in two halves: no buffer of this process ever holds a whole marker.
        name, token = self._name.encode(), self._token.encode()
        armed_at = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        for part in range(self._parts):
            self._write(part, 0, bytes(FRAME_BYTES))
            self._write(part, _ARMED_AT, struct.pack("<QHHHH", armed_at, len(name), len(token), part, self._parts))
            self._write(part, _NAME, name)
            self._write(part, _TOKEN, token)
        for part in range(self._parts):
            self._write(part, 9, b"LBOX-1\0")
            self._write(part, 0, b"RAMET-MAI")

    def _await_delivery(self, timeout_s):
        end = None if timeout_s is None else time.monotonic() + timeout_s
        looks = 0
        with _DirectoryWatch(_run_directory()) as watch:
            while True:
                is_delivered = all(sequence == DELIVERED for sequence in self._sequences())
                generation = _generation() if is_delivered else ""
                if is_delivered and generation == self._read(0, _GENERATION, 16).hex():
                    return
                if generation is None and looks >= _LOOKS_WITHOUT_AGENT:
                    return
                left = _LOOK_EVERY_S if end is None else min(_LOOK_EVERY_S, end - time.monotonic())
                if left <= 0:
                    raise MailTimeoutError("no mail came")
                if not watch.wait(left) and generation is None:
                    looks += 1

    def _sequences(self):
        return [self._number(part, _SEQUENCE) for part in range(self._parts)]

    def _is_whole(self):
        for part in range(self._parts):
            length = self._number(part, _LENGTH)
            if length > PART_BYTES or self._read(part, _GENERATION, 16) != self._read(0, _GENERATION, 16):
                return False
            if zlib.crc32(self._read(part, _PAYLOAD, length)) != self._number(part, _CRC):
                return False
        return True

    def _payload(self):
        lengths = [min(self._number(part, _LENGTH), PART_BYTES) for part in range(self._parts)]
        return b"".join(self._read(part, _PAYLOAD, length) for part, length in enumerate(lengths))

    def _erase(self):
        for part in range(self._parts):
            self._write(part, _PAYLOAD, bytes(PART_BYTES))
            self._write(part, _LENGTH, bytes(4))
            self._write(part, _CRC, bytes(4))
            self._write(part, _SEQUENCE, struct.pack("<I", CONSUMED))

    def _number(self, part, offset):
        return struct.unpack("<I", self._read(part, offset, 4))[0]

    def _read(self, part, offset, length):
        start = part * FRAME_BYTES + offset
        return self._frames[start : start + length]

    def _write(self, part, offset, content):
        start = part * FRAME_BYTES + offset
        self._frames[start : start + len(content)] = content


class Mail:
    """A payload that was taken. `payload` is the JSON object, byte for byte as it was sent."""

    def __init__(self, mailbox, payload):
        self._mailbox = mailbox
        self.payload = payload

    def json(self):
        return json.loads(self.payload)

    def acknowledge(self):
        """Tells the host that this payload was applied. Does nothing when the host did not ask."""
        self._send("stage=applied", "")

    def fail(self, reason):
        """Tells the host that it could not be applied. White space in the reason becomes "_"."""
        self._send("stage=failed", " reason=" + re.sub(r"\s", "_", reason))

    def _send(self, stage, rest):
        try:
            payload = json.loads(self.payload)
        except ValueError:
            return  # corrupt: there is nobody who could be told
        if "ack_host" not in payload or "ack_port" not in payload:
            return
        nonce = f" nonce={payload['ack_nonce']}" if "ack_nonce" in payload else ""
        family = socket.AF_INET6 if ":" in payload["ack_host"] else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as sender:
            address = (payload["ack_host"], int(payload["ack_port"]))
            sender.sendto(f"{stage} mailbox={self._mailbox}{nonce}{rest}".encode(), address)


class _DirectoryWatch:
    """inotify(7) through the C library, which Python does not wrap."""

    def __init__(self, directory):
        libc = ctypes.CDLL(None, use_errno=True)
        self._file = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._file < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        if libc.inotify_add_watch(self._file, os.fsencode(directory), _IN_MOVED_TO | _IN_CLOSE_WRITE) < 0:
            os.close(self._file)
            raise OSError(ctypes.get_errno(), "inotify_add_watch", directory)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self._file)

    def wait(self, timeout_s):
        """True when the directory changed, False when the time ran out."""
        if not select.select([self._file], [], [], timeout_s)[0]:
            return False
        os.read(self._file, 65536)
        return True


def _run_directory():
    return os.environ.get("RAMET_RUN_DIR", "/run/ramet")


def _generation():
    """The identity that the agent says this VM has taken, "" before the first fork; None when this VM has no agent. A program
    with a run directory of its own finds it in the agent's."""
    for directory in (_run_directory(), "/run/ramet"):
        try:
            with open(os.path.join(directory, "generation"), encoding="ascii") as file:
                return file.read().strip().replace("-", "")
        except FileNotFoundError:
            continue
    return None
