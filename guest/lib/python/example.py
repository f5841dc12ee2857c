"""A worker that is forked while it waits: arms the mailbox NAME, and each child prints its own payload.

python3 example.py NAME [TIMEOUT_MS] [PARTS]
"""

import sys

from ramet_mailbox import CorruptMailError, MailTimeoutError, arm_mailbox


def main(name="job", timeout_ms=None, parts="1"):
    with arm_mailbox(name, parts=int(parts)) as mailbox:
        print("armed", file=sys.stderr, flush=True)
        try:
            mail = mailbox.wait(None if timeout_ms is None else int(timeout_ms) / 1000)
        except MailTimeoutError:
            return 124
        except CorruptMailError:
            return 1
        sys.stdout.buffer.write(mail.payload + b"\n")
        sys.stdout.flush()
        mail.acknowledge()
        return 0


sys.exit(main(*sys.argv[1:]))
