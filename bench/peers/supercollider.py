"""scsynth and supernova: scores in Open Sound Control for their rendering without real time."""
import os, pathlib, shutil, struct, subprocess

HERE = pathlib.Path(__file__).parent
GROUP = 1


def word(text):
    raw = text.encode() + b"\0"
    return raw.ljust(-(-len(raw) // 4) * 4, b"\0")


def message(address, *values):
    tags, data = ",", b""
    for value in values:
        if isinstance(value, str):
            tags, data = tags + "s", data + word(value)
        elif isinstance(value, int):
            tags, data = tags + "i", data + struct.pack(">i", value)
        else:
            tags, data = tags + "f", data + struct.pack(">f", value)
    return word(address) + word(tags) + data


def bundle(seconds, *messages):
    body = b"#bundle\0" + struct.pack(">Q", round(seconds * 2**32))
    body += b"".join(struct.pack(">i", len(m)) + m for m in messages)
    return struct.pack(">i", len(body)) + body


def start(name, *controls, node=-1, group=GROUP):
    return message("/s_new", name, node, 1, group, *controls)


def notes(workload, seconds):
    """What happens when: (seconds, message) in order."""
    if workload == "W1":
        for i in range(256):
            yield 0, start("voice", "freq", 55 * 2 ** (i / 64), "swing", 0.1 + 0.9 * i / 255, "place", 2 * i / 255 - 1)
    elif workload == "W2":
        for i in range(64):
            bus, group = 16 + i, 100 + i
            yield 0, message("/g_new", group, 1, GROUP)
            yield 0, start("source", "freq", 55 * 2 ** (3 * i / 64), "swing", 0.1 + 0.9 * i / 63, "bus", bus, group=group)
            yield 0, start("echo", "bus", bus, group=group)
            yield 0, start("room", "bus", bus, "place", 2 * i / 63 - 1, group=group)
    elif workload == "W3":
        yield 0, start("deep")
    elif workload == "W4":
        yield 0, message("/b_allocRead", 0, str(HERE.parent / "workloads/samples/burst.wav"), 0, 0)
        for i in range(64):
            yield 0, start("player", "speed", 0.51 + 1.5 * i / 64, "offset", i / 64, "place", 2 * i / 63 - 1)
    elif workload == "W5":
        for i in range(0, 1024, 64):
            yield 0, start("bank", "first", float(i))
    elif workload == "W6":
        for i in range(128):
            yield 0, start("fm", "freq", 110 * 2 ** (3 * i / 128))
    elif workload == "W7":
        for k in range(int(seconds * 2000)):
            yield k / 2000, start("blip", "freq", 220 * 2 ** (7 * k % 36 / 12), "place", (k % 17) / 8 - 1)


class Server:
    """`threads` 0: scsynth. The score and the instruments' definitions are written into `folder`."""

    def __init__(self, name, threads, folder):
        self.name, self.threads, self.folder = name, threads, folder
        self.program = "supernova" if threads else "scsynth"
        self.cores = max(1, threads)
        self.written = set()  # scores of this run: one of another run may name another tree's files
        self.missing = next((p + " is not installed" for p in (self.program, "sclang") if not shutil.which(p)), None)

    def longest(self, workload):
        # supernova 3.13 breaks off a score after some 4000 freed synths
        return 2 if workload == "W7" and self.threads else 300 if workload != "W7" else 60

    def definitions(self):
        folder, source = self.folder / "synthdefs", HERE / "supercollider.scd"
        done = folder / "blip.scsyndef"
        if not done.exists() or done.stat().st_mtime < source.stat().st_mtime:
            folder.mkdir(parents=True, exist_ok=True)
            quiet = dict(os.environ, QT_QPA_PLATFORM="offscreen", QTWEBENGINE_DISABLE_SANDBOX="1")
            subprocess.run(["sclang", str(source), str(folder)], env=quiet, check=True, timeout=120, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return folder

    def command(self, workload, seconds, wav=None):
        score = self.folder / f"{workload}-{seconds:g}-{'parallel' if self.threads else 'serial'}.osc"
        if score not in self.written:
            self.written.add(score)
            with open(score, "wb") as out:
                out.write(bundle(0, message("/p_new" if self.threads else "/g_new", GROUP, 0, 0)))
                out.write(bundle(0, message("/d_loadDir", str(self.definitions()))))
                for at, what in notes(workload, seconds):
                    out.write(bundle(at, what))
                out.write(bundle(seconds, message("/c_set", 0, 0.0)))
        size = "-V -1 -D 0 -R 0 -i 0 -o 2 -z 64 -n 8192 -w 512 -m 65536".split()
        target = [str(wav), "48000", "WAV", "float"] if wav else ["/dev/null", "48000", "RAW", "float"]
        return [self.program, *(["-T", str(self.threads)] if self.threads else []), *size, "-N", str(score), "_", *target]


def engines(folder):
    return [Server("scsynth", 0, folder), Server("supernova", 1, folder), Server("supernova-2", 2, folder)]
