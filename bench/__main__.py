"""The command `evobench`, also as `python -m bench`: loading the command line may be interrupted, too."""

import sys


def main() -> int:
    """Run the command line; returns the exit code."""
    try:
        from bench.cli.main import main as run
    except KeyboardInterrupt:
        sys.stderr.write("evobench: interrupted\n")
        return 130
    return run()


if __name__ == "__main__":
    sys.exit(main())
