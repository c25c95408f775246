#!/usr/bin/env python3
"""The Python readers that heyan is compared with, at fixed versions, in a virtual environment of their own.

`scripts/other_readers.py` by itself sets the environment up and prints its Python, as
`HEYAN_PYTHON="$(scripts/other_readers.py)" cargo bench --bench spreadsheet` wants it.
"""

import os
import pathlib
import subprocess
import sys

PACKAGES = [
    "openpyxl==3.1.5",
    "xlrd==2.0.2",
    "pyxlsb==1.0.10",
    "odfpy==1.4.1",
    "pdfplumber==0.11.10",
    "pymupdf==2.0",
    "pypdfium2==5.15.2",
    "rapidocr==3.10.0",
    "onnxruntime==1.32.0",
]


def python():
    """The environment's Python; what is missing there is installed from PyPI."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    folder = cache / "heyan" / "other-readers"
    inside = folder / "bin" / "python"
    installed = folder / "installed"
    if not installed.is_file() or installed.read_text().split() != PACKAGES:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        install = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES]
        subprocess.run(install, check=True, stdout=sys.stderr)
        installed.write_text("\n".join(PACKAGES))
    return inside


def run_inside():
    """Starts the running script again with that Python, unless it is the one that runs it."""
    inside = python()
    if pathlib.Path(sys.prefix).resolve() != inside.parent.parent.resolve():
        os.execv(inside, [str(inside), *sys.argv])


if __name__ == "__main__":
    print(python())
