#!/usr/bin/env python3
"""Write the small picture files that ImagingTests decodes, and the pixels that Pillow reads from them.

    /tmp/golden/bin/python Scripts/golden/make_fixtures.py --out Tests/ImagingTests/Fixtures

Each picture NAME comes with NAME.rgb: width and height as two 32-bit little-endian numbers, then RGB bytes.
See requirements.txt for the versions.
"""
import argparse
import io
import pathlib
import struct
import zlib

import numpy
from PIL import Image

WIDTH, HEIGHT = 37, 23


def scene():
    """A smooth picture without symmetry: JPEG keeps it well, and every turn of it differs."""
    y, x = numpy.mgrid[0:HEIGHT, 0:WIDTH]
    red = 255 * x / (WIDTH - 1)
    green = 255 * y / (HEIGHT - 1)
    blue = 127 + 120 * numpy.sin(x / 6.0 + y / 9.0)
    pixels = numpy.stack([red, green, blue], axis=-1).round().astype(numpy.uint8)
    pixels[2:7, 2:9] = (250, 30, 40)
    return Image.fromarray(pixels)


def tiff(orientation, little=True, kind=3):
    """EXIF data of one entry."""
    order = "<" if little else ">"
    value = struct.pack(order + "HH", orientation, 0) if kind == 3 else struct.pack(order + "I", orientation)
    header = (b"II*\0" if little else b"MM\0*") + struct.pack(order + "I", 8)
    return header + struct.pack(order + "HHHI", 1, 0x0112, kind, 1) + value + struct.pack(order + "I", 0)


def on_white(image):
    if image.mode in ("P", "LA", "PA", "RGBA") or "transparency" in image.info:
        image = image.convert("RGBA")
        # Integer arithmetic as documented for Imaging: round(value * alpha + 255 * (255 - alpha)) / 255.
        rgba = numpy.array(image).astype(numpy.int64)
        alpha = rgba[..., 3:]
        rgb = (rgba[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255
        return Image.fromarray(rgb.astype(numpy.uint8))
    return image.convert("RGB")


def png(width, height, depth, color, rows, extra=b"", interlace=0):
    """A PNG file from raw scan lines, for the depths that Pillow does not write."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace)
    body = b"".join(b"\0" + row for row in rows)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(body, 9))
            + chunk(b"IEND", b""))


def adam7(pixels, depth, color):
    """The scan lines of an interlaced picture of one byte a sample or more."""
    rows = []
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
                           (0, 1, 1, 2)]:
        part = pixels[y0::dy, x0::dx]
        if part.size:
            rows += [row.tobytes() for row in part]
    return png(pixels.shape[1], pixels.shape[0], depth, color, rows, interlace=1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)

    def write(name, data, reference=None):
        (out / name).write_bytes(data)
        image = reference or on_white(Image.open(io.BytesIO(data)))
        (out / (name + ".rgb")).write_bytes(struct.pack("<II", *image.size) + image.tobytes())

    def encoded(image, kind, **options):
        buffer = io.BytesIO()
        image.save(buffer, kind, **options)
        return buffer.getvalue()

    rgb = scene()
    for name, sampling in [("444", 0), ("422", 1), ("420", 2)]:
        write(f"jpeg-{name}.jpg", encoded(rgb, "JPEG", quality=92, subsampling=sampling))
    write("jpeg-progressive.jpg", encoded(rgb, "JPEG", quality=92, progressive=True))
    write("jpeg-grey.jpg", encoded(rgb.convert("L"), "JPEG", quality=92))
    write("jpeg-cmyk.jpg", encoded(rgb.convert("CMYK"), "JPEG", quality=95))
    # The same four channels without Adobe's marker hold ink, not light.
    plain = encoded(Image.fromarray(255 - numpy.array(rgb.convert("CMYK")), "CMYK"), "JPEG", quality=95)
    start = plain.index(b"\xff\xee")
    plain = plain[:start] + plain[start + 2 + struct.unpack(">H", plain[start + 2:start + 4])[0]:]
    write("jpeg-cmyk-plain.jpg", plain, on_white(Image.open(io.BytesIO(encoded(rgb.convert("CMYK"), "JPEG", quality=95)))))
    for orientation in range(1, 9):
        data = encoded(rgb, "JPEG", quality=92, subsampling=0, exif=b"Exif\0\0" + tiff(orientation, orientation % 2 == 0))
        image = Image.open(io.BytesIO(data))
        from PIL import ImageOps
        write(f"exif-{orientation}.jpg", data, ImageOps.exif_transpose(image).convert("RGB"))
    png_exif = encoded(rgb, "PNG", exif=tiff(6))
    write("exif-6.png", png_exif, rgb.transpose(Image.Transpose.ROTATE_270))
    webp_exif = encoded(rgb, "WEBP", lossless=True, exif=tiff(8, False, 4))
    write("exif-8.webp", webp_exif, rgb.transpose(Image.Transpose.ROTATE_90))

    write("png-rgb.png", encoded(rgb, "PNG"))
    write("png-grey.png", encoded(rgb.convert("L"), "PNG"))
    write("png-bilevel.png", encoded(rgb.convert("1"), "PNG"))
    write("png-palette.png", encoded(rgb.convert("P", palette=Image.Palette.ADAPTIVE, colors=200), "PNG"))
    write("png-palette16.png", encoded(rgb.convert("P", palette=Image.Palette.ADAPTIVE, colors=16), "PNG"))
    write("png-palette-transparent.png",
          encoded(rgb.convert("P", palette=Image.Palette.ADAPTIVE, colors=30), "PNG", transparency=3))
    alpha = Image.fromarray((numpy.mgrid[0:HEIGHT, 0:WIDTH][1] * 7 % 256).astype(numpy.uint8))
    rgba = rgb.copy()
    rgba.putalpha(alpha)
    write("png-rgba.png", encoded(rgba, "PNG"))
    write("png-grey-alpha.png", encoded(rgba.convert("LA"), "PNG"))
    grey = numpy.array(rgb.convert("L"))
    for depth in (2, 4):
        levels = grey >> (8 - depth)
        bits = numpy.unpackbits(levels[..., None].astype(numpy.uint8), axis=-1)[..., 8 - depth:]
        rows = [numpy.packbits(row).tobytes() for row in bits.reshape(HEIGHT, -1)]
        reference = Image.fromarray((levels * (255 // (2 ** depth - 1))).astype(numpy.uint8)).convert("RGB")
        write(f"png-grey{depth}.png", png(WIDTH, HEIGHT, depth, 0, rows), reference)
    # 16-bit samples: v * 257 + d rounds to v for every |d| <= 128.
    deep = numpy.array(rgb).astype(numpy.int64) * 257 + ((numpy.indices((HEIGHT, WIDTH, 3)).sum(axis=0) * 37) % 201 - 100)
    deep = deep.clip(0, 65535).astype(">u2")
    write("png-rgb16.png", png(WIDTH, HEIGHT, 16, 2, [row.tobytes() for row in deep]), rgb)
    write("png-rgb16-interlaced.png", adam7(deep, 16, 2), rgb)
    write("png-rgba-interlaced.png", adam7(numpy.array(rgba), 8, 6), on_white(rgba))
    gamma = struct.pack(">I", 4) + b"gAMA" + struct.pack(">I", 100000)
    gamma += struct.pack(">I", zlib.crc32(gamma[4:]))
    write("png-gamma.png", png(WIDTH, HEIGHT, 8, 2, [row.tobytes() for row in numpy.array(rgb)], gamma), rgb)

    write("webp-lossy.webp", encoded(rgb, "WEBP", quality=90))
    write("webp-lossless.webp", encoded(rgb, "WEBP", lossless=True))
    write("webp-alpha.webp", encoded(rgba, "WEBP", lossless=True, exact=True))


if __name__ == "__main__":
    main()
