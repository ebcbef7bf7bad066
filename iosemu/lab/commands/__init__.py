"""Subcommands of `iosemu`; a file imports what its commands need when one of them runs."""
