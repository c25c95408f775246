#!/usr/bin/env python3
"""Writes the archives under fixtures/formats/rar. Needs the package `rars` of PyPI, whose reader is
the one the product uses; that both agree with WinRAR is not shown by these files."""

from pathlib import Path

from rars import RarBuilder

OUT = Path(__file__).resolve().parent.parent / "fixtures/formats/rar"
PLAIN = ("a,b\n" + "".join(f"{i},{i * 3 % 17}.50\n" for i in range(200))).encode()
TABLE = ("账号,金额\n" + "".join(f"100{i},12.50\n" for i in range(50))).encode()


def written(name, files, **options):
    builder = RarBuilder(**options)
    for path, data in files:
        builder.add_bytes(data, path, mtime=1704067200)
    return builder if name is None else builder.write(str(OUT / name))


OUT.mkdir(parents=True, exist_ok=True)
both = [("账单/一月.csv", TABLE), ("plain.csv", PLAIN)]
written("rar5.rar", both, format="rar50")
written("rar5-solid.rar", both, format="rar50", solid=True)
written("rar7.rar", both, format="rar70")
written("rar4.rar", [("plain.csv", PLAIN)], format="rar29")
written("rar4-solid.rar", [("one.csv", PLAIN), ("two.csv", PLAIN)], format="rar29", solid=True)
written("stored.rar", both, format="rar50", store=True)
written("encrypted.rar", [("plain.csv", PLAIN)], format="rar50", password="secret")
written("encrypted-names.rar", [("plain.csv", PLAIN)], format="rar50", password="secret", encrypt_headers=True)
links = written(None, both, format="rar50")
links.add_unix_symlink("link.csv", "../../etc/passwd")
links.write(str(OUT / "link.rar"))
damaged = bytearray((OUT / "rar5.rar").read_bytes())
# One bit in the packed data of the first file.
damaged[damaged.index("一月.csv".encode()) + 60] ^= 1
(OUT / "damaged.rar").write_bytes(damaged)
written(None, [("plain.csv", PLAIN)], format="rar50", store=True, volume_size=1000).write_volumes(str(OUT / "volume.part1.rar"))
for other in OUT.glob("volume.part0[2-9].rar"):
    other.unlink()
