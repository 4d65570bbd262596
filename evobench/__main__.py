"""The command `evobench`, also as `python -m evobench`: loading the command line may be interrupted, too."""

import sys
import traceback

from evobench import own

CRASHED = 70
"""Exit code of a fault of evobench's own (EX_SOFTWARE of sysexits.h): Python's 1 would be a verdict."""


def main() -> int:
    """Run the command line; returns the exit code."""
    try:
        return _run()
    except Exception:  # noqa: BLE001 - whatever it is, it must not end as a verdict
        traceback.print_exc()
        sys.stderr.write("evobench: this is a fault of evobench, please report it with the lines above\n")
        return CRASHED


def _run() -> int:
    try:
        own.refuse_strangers()
        from bench.cli.main import main as run
    except KeyboardInterrupt:
        sys.stderr.write("evobench: interrupted\n")
        return 130
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in own.PACKAGES:
            raise
        sys.stderr.write(f"evobench: {error} (an installation that another has damaged? install evobench anew)\n")
        return 2
    return run()


if __name__ == "__main__":
    sys.exit(main())
