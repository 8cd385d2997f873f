"""Run a command and tell what it took: python bench/witness.py REPORT COMMAND...

A process of its own, because Linux counts the memory of the process that starts a command towards
the peak of that command; this one imports next to nothing. REPORT receives JSON: *seconds* of wall
time from start to exit; *processor* seconds of all its processes; *peak* resident bytes of the
largest of them; *read*, the bytes that they got from `read` and its kin.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def bytes_read() -> int:
    """Bytes read so far by this process and by every process it has waited for."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return int(dict(line.split(": ") for line in lines)["rchar"])


if __name__ == "__main__":
    before, start = bytes_read(), time.perf_counter()
    process = subprocess.Popen(sys.argv[2:])
    _, status, usage = os.wait4(process.pid, 0)
    seconds, read = time.perf_counter() - start, bytes_read() - before
    taken = {
        "seconds": seconds,
        "processor": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss * 1024,
        "read": read,
    }
    Path(sys.argv[1]).write_text(json.dumps(taken), encoding="ascii")
    sys.exit(os.waitstatus_to_exitcode(status))
