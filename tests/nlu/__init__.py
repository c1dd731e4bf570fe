"""Tests of understanding; a package, so that file names may repeat in other rooms."""
