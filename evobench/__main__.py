"""The command `evobench`, also as `python -m evobench`."""

import sys

from evobench import interruption, own


def main() -> int:
    """Run the command line; returns the exit code."""
    try:
        return _run()
    except SystemExit:  # of --help and the like
        raise
    except KeyboardInterrupt:
        sys.stderr.write("evobench: interrupted\n")
        return interruption.INTERRUPTED
    except BaseException as error:  # noqa: BLE001 - whatever it is, it must not end as a verdict
        from evobench.fault import tell

        return tell(error)
    finally:
        if interruption.is_command():  # a program that calls this goes on, and its Ctrl-C is its own
            interruption.drop()


def _run() -> int:
    try:
        own.refuse_strangers()
        from bench.cli.main import main as run
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in own.PACKAGES:
            raise
        sys.stderr.write(f"evobench: {error} (an installation that another has damaged? install evobench anew)\n")
        return 2
    return run()


if __name__ == "__main__":
    sys.exit(main())
