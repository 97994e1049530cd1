#!/bin/sh
# A stand-in for a browser, where there is none: signs in as the demo user.
NODE_COMPILE_CACHE="$(dirname "$0")/../../.cache/compiled" exec node "$(dirname "$0")/demoBrowser.ts" "$1"
