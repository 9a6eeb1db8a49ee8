"""Hocket itself: one thread, two threads, and one thread with blocks of 16 frames."""
import pathlib

WORKLOADS = pathlib.Path(__file__).parent.parent / "workloads"


class Hocket:
    def __init__(self, program, name, threads=1, block=64):
        self.program, self.name, self.cores, self.block = program, name, threads, block
        self.missing = None if pathlib.Path(program).is_file() else f"{program} is not built: scripts/build"

    def longest(self, workload):
        return 3000

    def command(self, workload, seconds, wav=None):
        return [str(self.program), "render", str(WORKLOADS / f"{workload}.hk"), "-o", str(wav or "/dev/null"), "--seconds", f"{seconds:g}",
                "--threads", str(self.cores), "--block", str(self.block)]


def engines(program):
    return [Hocket(program, "hocket"), Hocket(program, "hocket-2", threads=2), Hocket(program, "hocket-b16", block=16)]
