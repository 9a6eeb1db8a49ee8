"""Faust: each workload's voice compiled to C++, and a small host that runs as many as there are. Scalar and vector code."""
import pathlib, shutil, subprocess

HERE = pathlib.Path(__file__).parent / "faust"


class Faust:
    cores = 1

    def __init__(self, name, flags, folder):
        self.name, self.flags, self.folder = name, flags, folder
        self.missing = next((p + " is not installed" for p in ("faust", "g++") if not shutil.which(p)), None)

    def longest(self, workload):
        return 600

    def build(self, workload):
        program = self.folder / f"{self.name}-{workload}"
        sources = [HERE / f"{workload}.dsp", HERE / "host.cpp"]
        if program.exists() and program.stat().st_mtime > max(s.stat().st_mtime for s in sources):
            return program
        text, made = sources[0].read_text(), ""
        classes = 16 if "FIRST" in text else 1  # constants are the fastest form that fixed pitches have
        for k in range(classes):
            dsp = self.folder / f"{self.name}-{workload}-{k}.dsp"
            dsp.write_text(text.replace("FIRST", str(64 * k)))
            code = subprocess.run(["faust", *self.flags, "-cn", f"Voice{k}", str(dsp)], check=True, capture_output=True, text=True).stdout
            made += code.replace("FAUSTCLASS", f"FAUSTCLASS{k}")
        cases = "".join(f"if (i == {k}) return new Voice{k};\n" for k in range(1, classes))
        made += f"dsp* make_voice([[maybe_unused]] int i) {{\n{cases}return new Voice0;\n}}\n"
        header = program.with_suffix(".h")
        header.write_text(made)
        subprocess.run(["g++", "-std=c++17", "-O3", "-march=native", "-ffast-math", "-w", f'-DCLASSES="{header}"', "-o", str(program), str(HERE / "host.cpp")],
                       check=True)
        return program

    def command(self, workload, seconds, wav=None):
        return [str(self.build(workload)), workload[1:], f"{seconds:g}", *([str(wav)] if wav else [])]


def engines(folder):
    return [Faust("faust", [], folder), Faust("faust-vec", ["-vec", "-lv", "1", "-vs", "64"], folder)]
