#!/bin/sh
# A worker that is forked while it waits: arms the mailbox NAME, and each child prints its own payload.
#
#   sh example.sh NAME [TIMEOUT_MS] [PARTS]
set -eu
name=${1:-job}
timeout_ms=${2:-}
parts=${3:-1}

mailbox arm "$name" --parts "$parts"
echo armed >&2

# The ack is sent only when the payload was used: here, printed.
payload=$(mailbox wait "$name" --no-ack ${timeout_ms:+--timeout "$timeout_ms"})
if printf '%s\n' "$payload"; then
  mailbox ack "$name"
else
  mailbox ack "$name" --failed "not printed"
fi
