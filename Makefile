# ./run is the front door; make only forwards to it.
.DEFAULT_GOAL := help
%: ; @./run $@
