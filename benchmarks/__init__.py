"""Measurements beside a bare asyncssh server in the same run."""
