#!/bin/sh
# A stand-in for a browser, where there is none: signs in as the demo user.
exec node "$(dirname "$0")/demoBrowser.ts" "$1"
