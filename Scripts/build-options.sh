# How `make demo` and `make test` build, so that the one finds what the other has built; to be sourced.
# Tests see what is internal, optimised as users run it.
options=(-c release -Xswiftc -enable-testing)
