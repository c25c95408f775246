#!/usr/bin/env python3
"""Writes the pictures under fixtures/formats: one pattern in every variant that is read.

Needs Debian's python3-pil, libtiff-tools, imagemagick and libheif-examples. The pattern is the one
that tests/it/pictures.rs computes; what is packed without loss must come out of it exactly.
"""

import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

WIDTH, HEIGHT = 61, 47
HERE = Path(__file__).resolve().parent.parent / "fixtures/formats"
WORK = Path(tempfile.mkdtemp())


def is_black(x, y):
    return (2 * x < 3 * y) != (x % 7 < 2)


def drawn(mode, colour):
    image = Image.new(mode, (WIDTH, HEIGHT))
    image.putdata([colour(x, y) for y in range(HEIGHT) for x in range(WIDTH)])
    return image


BLACK_AND_WHITE = drawn("L", lambda x, y: 0 if is_black(x, y) else 255).convert("1")
GREY = drawn("L", lambda x, y: 4 * x)
COLOUR = drawn("RGB", lambda x, y: (4 * x, 5 * y, 255 - 2 * (x + y)))
FLAT = drawn("RGB", lambda x, y: (200, 40, 40) if x < 32 else (40, 40, 200) if y < 24 else (40, 180, 40))
ALPHA = drawn("RGBA", lambda x, y: (200, 40, 40, 0 if x < 20 else 128 if x < 40 else 255))


def run(*command):
    subprocess.run([str(part) for part in command], check=True, capture_output=True)


def source(image, name, **options):
    path = WORK / name
    image.save(path, **options)
    return path


def tiffs():
    out = HERE / "tiff"
    out.mkdir(parents=True, exist_ok=True)
    bw, grey, rgb = source(BLACK_AND_WHITE, "bw.tif"), source(GREY, "grey.tif"), source(COLOUR, "rgb.tif")
    flat = source(FLAT, "flat.tif", dpi=(150, 150))
    for name, options in {
        "g3": ["-c", "g3"],
        "g3-2d": ["-c", "g3:2d", "-r", "47"],
        "g3-fill": ["-c", "g3:1d:fill"],
        "g4": ["-c", "g4"],
        "g4-strips": ["-c", "g4", "-r", "16"],
        "g4-fill-order": ["-c", "g4", "-f", "lsb2msb"],
        "bw-packbits": ["-c", "packbits"],
    }.items():
        run("tiffcp", *options, bw, out / f"{name}.tiff")
    BLACK_AND_WHITE.save(out / "huffman.tiff", compression="tiff_ccitt")
    run("convert", bw, "-define", "quantum:polarity=min-is-white", "-compress", "group4", out / "g4-white.tiff")
    for name, options in {
        "grey-lzw": ["-c", "lzw"],
        "grey-deflate": ["-c", "zip:2", "-r", "8"],
    }.items():
        run("tiffcp", *options, grey, out / f"{name}.tiff")
    for name, options in {
        "plain": ["-c", "none"],
        "lzw-predicted": ["-c", "lzw:2"],
        "deflate": ["-c", "zip"],
        "packbits": ["-c", "packbits"],
        "tiled": ["-c", "lzw:2", "-t", "-w", "16", "-l", "32"],
        "planar": ["-c", "none", "-p", "separate", "-r", "10"],
        "big-endian": ["-B", "-c", "lzw:2"],
        "bigtiff": ["-8", "-c", "zip"],
    }.items():
        run("tiffcp", *options, rgb, out / f"{name}.tiff")
    run("tiffcp", "-c", "jpeg:r:95", "-r", "16", flat, out / "jpeg.tiff")
    run("tiffcp", "-c", "jpeg:95", "-t", "-w", "32", "-l", "32", flat, out / "jpeg-tiled.tiff")
    run("convert", source(COLOUR, "rgb.png"), "-depth", "16", "-compress", "zip", out / "deep.tiff")
    run("convert", source(GREY, "grey.png"), "-depth", "4", "-compress", "none", out / "grey-4-bit.tiff")
    flat_png = source(FLAT, "flat.png")
    run("convert", flat_png, "-type", "Palette", "-compress", "lzw", out / "palette.tiff")
    run("convert", flat_png, "-colorspace", "CMYK", "-compress", "zip", out / "cmyk.tiff")
    ALPHA.save(out / "alpha.tiff", compression="tiff_lzw")
    run("tiffcp", out / "g4.tiff", out / "grey-lzw.tiff", out / "plain.tiff", out / "pages.tiff")
    old = bytearray((out / "plain.tiff").read_bytes())
    place = struct.unpack_from("<I", old, 4)[0]
    for entry in range(struct.unpack_from("<H", old, place)[0]):
        at = place + 2 + 12 * entry
        if struct.unpack_from("<H", old, at)[0] == 0x103:
            struct.pack_into("<H", old, at + 8, 6)
    (out / "old-jpeg.tiff").write_bytes(old)


def jpegs():
    out = HERE / "jpeg"
    out.mkdir(parents=True, exist_ok=True)
    FLAT.save(out / "plain.jpg", quality=95, subsampling=0)
    FLAT.save(out / "subsampled.jpg", quality=95, subsampling=2)
    FLAT.save(out / "progressive.jpg", quality=95, subsampling=0, progressive=True)
    GREY.save(out / "grey.jpg", quality=95)
    FLAT.convert("CMYK").save(out / "cmyk-adobe.jpg", quality=95)
    # Without Adobe's mark viewers take the ink the same way.
    adobe = (out / "cmyk-adobe.jpg").read_bytes()
    at = adobe.index(b"\xff\xee\x00\x0eAdobe")
    (out / "cmyk-bare.jpg").write_bytes(adobe[:at] + adobe[at + 16 :])
    ycck(out / "ycck.jpg")
    plain = bytearray((out / "plain.jpg").read_bytes())
    at = plain.index(b"\xff\xc0\x00\x11\x08")
    deep = plain.copy()
    deep[at + 1], deep[at + 4] = 0xC1, 12
    (out / "12-bit.jpg").write_bytes(deep)
    plain[at + 1] = 0xC9
    (out / "arithmetic.jpg").write_bytes(plain)


def ycck(path):
    """Brightness and differences of the light upside down, which is what Adobe's programs store, and
    no black, which is 255. Pillow has no mode for it, so the planes are stored as if they were CMYK
    (which it turns upside down on the way) and the mark is changed."""
    light = FLAT.point(lambda level: 255 - level).convert("YCbCr").split()
    planes = [plane.point(lambda level: 255 - level) for plane in light]
    stored = Image.merge("CMYK", [*planes, Image.new("L", FLAT.size, 0)])
    stored.save(WORK / "planes.jpg", quality=95)
    data = bytearray((WORK / "planes.jpg").read_bytes())
    at = data.index(b"\xff\xee\x00\x0eAdobe")
    data[at + 15] = 2
    path.write_bytes(data)


def pngs():
    out = HERE / "png"
    out.mkdir(parents=True, exist_ok=True)
    run("convert", WORK / "rgb.png", "-define", "png:bit-depth=16", "-define", "png:color-type=2", out / "deep.png")
    run("convert", WORK / "rgb.png", "-interlace", "PNG", out / "interlaced.png")
    ALPHA.save(out / "alpha.png")
    FLAT.quantize(8).save(out / "palette.png")
    BLACK_AND_WHITE.save(out / "1-bit.png")
    holes = FLAT.quantize(8)
    holes.info["transparency"] = holes.getpixel((0, 0))
    holes.save(out / "palette-holes.png", transparency=holes.getpixel((0, 0)))


def others():
    for folder in ("bmp", "gif", "webp", "heic"):
        (HERE / folder).mkdir(parents=True, exist_ok=True)
    COLOUR.save(HERE / "bmp/plain.bmp", dpi=(200, 200))
    FLAT.quantize(8).save(HERE / "bmp/palette.bmp")
    BLACK_AND_WHITE.save(HERE / "bmp/1-bit.bmp")
    run("convert", WORK / "flat.png", "-type", "Palette", "-compress", "RLE", "BMP3:" + str(HERE / "bmp/packed.bmp"))
    FLAT.quantize(8).save(HERE / "gif/plain.gif")
    FLAT.quantize(8).save(HERE / "gif/interlaced.gif", interlace=1)
    second = FLAT.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    FLAT.save(HERE / "gif/animated.gif", save_all=True, append_images=[second], duration=100, loop=0)
    COLOUR.save(HERE / "webp/lossless.webp", lossless=True)
    FLAT.save(HERE / "webp/plain.webp", quality=95)
    ALPHA.save(HERE / "webp/alpha.webp", lossless=True, exact=True)
    FLAT.save(HERE / "webp/animated.webp", save_all=True, append_images=[second], duration=100, lossless=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    COLOUR.transpose(Image.Transpose.ROTATE_90).save(HERE / "webp/turned.webp", lossless=True, exif=exif)


if __name__ == "__main__":
    tiffs()
    jpegs()
    pngs()
    others()
    sys.stdout.write(f"{len(list(HERE.glob('*/*')))} files under {HERE}\n")
