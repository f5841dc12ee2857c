#!/bin/sh
# The image of this example: Debian's Python, a data set, and the program that answers from it.
#
#     build.sh DIRECTORY HOURS
. "$(dirname -- "$0")/../debian-image.sh"

unpack python3
install -D --mode=644 --target-directory="$tree/srv" "$example/answers.py" "$root/guest/lib/python/ramet_mailbox.py"
# By a formula, so that whoever wants to check an answer has the same data.
chroot "$tree" python3 - "$size" >"$tree/srv/temperatures.csv" <<'PYTHON'
import sys

print("hour,tenths_of_a_degree")
for i in range(int(sys.argv[1])):
    print(i, (i * 7919 + i // 64 * 104729) % 401 - 200 + i % 64 * 4, sep=",")
PYTHON
publish --config.workingdir /srv --config.entrypoint python3 --config.entrypoint /srv/answers.py
