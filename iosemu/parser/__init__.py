"""The command-grammar machine: load, match, help, complete. It knows no command."""
