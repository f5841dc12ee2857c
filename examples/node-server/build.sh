#!/bin/sh
# The image of this example: Debian's Node and the server.
#
#     build.sh DIRECTORY PRODUCTS
. "$(dirname -- "$0")/../debian-image.sh"

unpack nodejs
install -D --mode=644 --target-directory="$tree/srv" "$example/server.mjs" "$root/guest/lib/node/ramet-mailbox.mjs"
publish --config.workingdir /srv --config.entrypoint node --config.entrypoint /srv/server.mjs --config.cmd "$size" \
  --config.exposedports 8080/tcp
