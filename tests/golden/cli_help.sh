# The help of a command: usage, summary, its own options, the common ones, an example.
"$RECKON" inspect --help
