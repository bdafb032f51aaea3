"""``python -m monitor``: the same as the command."""

from monitor.cli import main

if __name__ == "__main__":
    main(prog_name="monitor")
