"""Csound: an orchestra and a score a workload."""
import pathlib, shutil

SAMPLE = pathlib.Path(__file__).parent.parent / "workloads/samples/burst.wav"
HEAD = "sr = 48000\nksmps = 64\nnchnls = 2\n0dbfs = 1\ngiSine ftgen 0, 0, 16384, 10, 1\n"

ORCHESTRAS = {
    "W1": """instr 1
  kcutoff oscili 1000, p5, giSine
  klevel madsr 0.01, 0.1, 0.8, 0.2
  asound vco2 1, p4
  asound lowpass2 asound, 1500 + kcutoff, 2
  aleft, aright pan2 asound * klevel * 0.01, p6
  outs aleft, aright
endin
""",
    # its freeverb is a pair of mono reverbs: one instance takes two chains
    "W2": """opcode Chain, a, ii
  ifreq, iswing xin
  kcutoff oscili 1500, iswing, giSine
  asound vco2 1, ifreq
  asound butterlp asound, 2000 + kcutoff
  asound butterhp asound, 80
  aecho comb asound, 0.25 * log(0.001) / log(0.5), 0.25
  xout asound + aecho * 0.5
endop
instr 1
  aone Chain p4, p5
  atwo Chain p7, p8
  awet1, awet2 freeverb aone, atwo, 0.5, 0.5
  al1, ar1 pan2 (aone * 0.67 + awet1 * 0.33) * 0.02, p6
  al2, ar2 pan2 (atwo * 0.67 + awet2 * 0.33) * 0.02, p9
  outs al1 + al2, ar1 + ar2
endin
""",
    "W3": "instr 1\n  asound rand 0.5\n"
    + "".join(f"  asound butterlp asound, {12000 + 100 * k}\n" for k in range(64))
    + "  outs asound, asound\nendin\n",
    # one phasor reads the sample and the envelope; no voice is started anew
    "W4": f"""giSample ftgen 0, 0, 0, 1, "{SAMPLE}", 0, 0, 1
giLevel ftgen 0, 0, 4096, 16, 0, 131, 0, 1, 3801, -4, 0, 164, 0, 0
instr 1
  aphase phasor 16, p5
  asound table3 aphase * 3000 * p4, giSample
  alevel tablei aphase, giLevel, 1
  aleft, aright pan2 asound * alevel * 0.05, p6
  outs aleft, aright
endin
""",
    "W5": "instr 1\n  asum = 0\n"
    + "".join(f"  asound oscili 0.002, 100 * 2 ^ ((p4 + {k}) * 6.5 / 1024), giSine\n  asum += asound\n" for k in range(64))
    + "  outs asum, asum\nendin\n",
    "W6": """instr 1
  amod oscili 2 * p4 * 1.4, p4 * 1.4, giSine
  asound oscili 0.01, p4 + amod, giSine
  outs asound, asound
endin
""",
    "W7": """instr 1
  alevel transeg 0, 0.001, 0, 1, 0.049, -4, 0
  asound oscili 0.05, p4, giSine
  aleft, aright pan2 asound * alevel, p5
  outs aleft, aright
endin
""",
}


def notes(workload, seconds):
    """(start, length, further fields)"""
    if workload == "W1":
        return ((0, seconds, 55 * 2 ** (i / 64), 0.1 + 0.9 * i / 255, i / 255) for i in range(256))
    if workload == "W2":
        chain = lambda i: (55 * 2 ** (3 * i / 64), 0.1 + 0.9 * i / 63, i / 63)
        return ((0, seconds, *chain(i), *chain(i + 1)) for i in range(0, 64, 2))
    if workload == "W4":
        return ((0, seconds, 0.51 + 1.5 * i / 64, i / 64, i / 63) for i in range(64))
    if workload == "W5":
        return ((0, seconds, i) for i in range(0, 1024, 64))
    if workload == "W6":
        return ((0, seconds, 110 * 2 ** (3 * i / 128)) for i in range(128))
    if workload == "W7":
        return ((k / 2000, 0.05, 220 * 2 ** (7 * k % 36 / 12), (k % 17) / 16) for k in range(int(seconds * 2000)))
    return [(0, seconds)]


class Csound:
    name, cores = "csound", 1

    def __init__(self, folder):
        self.folder = folder
        self.missing = None if shutil.which("csound") else "csound is not installed"

    def longest(self, workload):
        return 60 if workload == "W7" else 300

    def command(self, workload, seconds, wav=None):
        path = self.folder / f"{workload}-{seconds:g}.csd"
        score = "".join("i1 " + " ".join(f"{x:.9g}" for x in note) + "\n" for note in notes(workload, seconds))
        path.write_text(f"<CsoundSynthesizer>\n<CsOptions>\n-m0 -d\n</CsOptions>\n<CsInstruments>\n{HEAD}{ORCHESTRAS[workload]}</CsInstruments>\n"
                        f"<CsScore>\n{score}e {seconds:g}\n</CsScore>\n</CsoundSynthesizer>\n")
        return ["csound", *(["-W", "-f", "-o", str(wav)] if wav else ["-n"]), str(path)]


def engines(folder):
    return [Csound(folder)]
