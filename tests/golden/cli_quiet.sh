# A closed standard output is a failure told on standard error; a reader that went away is not an error to talk about.
"$RECKON" --help >&-
echo "=> $?" >&2
"$RECKON" --help | :
