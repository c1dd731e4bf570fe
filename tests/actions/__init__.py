"""Tests of the actions; a package, so that file names may repeat in other rooms."""
