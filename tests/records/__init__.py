"""Tests of the records room; a package, so that file names may repeat in other rooms."""
