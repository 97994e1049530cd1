#!/bin/sh
# A stand-in for a browser, where there is none: signs in as the demo user.
NODE_COMPILE_CACHE="${0%/*}/../../.cache/compiled" exec node "${0%/*}/demoBrowser.ts" "$1"
