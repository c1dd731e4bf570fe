"""Tests of the replies; a package, so that file names may repeat in other rooms."""
