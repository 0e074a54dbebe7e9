#!/bin/sh
# Pages that show a terminal: every ```console block of examples/*/README.md and docs/*.md is run in the page's folder, and
# what is printed must be what the page shows; a line of "..." stands for any lines. ACCEPT=1 rewrites the pages.
# Arguments: pages to run (default all).
cd "$RECKON_ROOT" || exit 2
export LC_ALL=C NO_COLOR=1
exec python3 tests/console.py "$@"
