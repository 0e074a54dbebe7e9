# The version, and the head of the help that needs no command.
"$RECKON" --version | sed 's/[0-9][0-9.]*/N/'
"$RECKON" --help | head -3
"$RECKON" help | cmp - /dev/fd/3 3<<END && echo "help and --help are one"
$("$RECKON" --help)
END
