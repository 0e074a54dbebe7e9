# An answer that cannot be written is a failure.
"$RECKON" --help >/dev/full
