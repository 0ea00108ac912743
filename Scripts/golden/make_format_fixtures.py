#!/usr/bin/env python3
"""Write the picture files of further formats that ImagingTests decodes, and the pixels that they hold.

    apt-get install libjxl-tools
    /tmp/golden/bin/python Scripts/golden/make_format_fixtures.py --out Tests/ImagingTests/Fixtures

Files as those of make_fixtures.py. Pixels of files without loss are those that went in; others as Pillow reads them.
See requirements-formats.txt for the versions.
"""
import argparse
import io
import pathlib
import struct
import subprocess
import tempfile

import numpy
import pillow_heif
import tifffile
from PIL import Image, ImageOps

from make_fixtures import HEIGHT, WIDTH, on_white, scene, tiff

pillow_heif.register_heif_opener()
pillow_heif.register_avif_opener()


def encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def deep(pixels):
    """16-bit samples that round to the given 8-bit ones: v * 257 + d for |d| <= 100."""
    noise = (numpy.indices(pixels.shape).sum(axis=0) * 37) % 201 - 100
    return (pixels.astype(numpy.int64) * 257 + noise).clip(0, 65535).astype(numpy.uint16)


# HEIF, whose boxes are taken apart and put together anew.

def boxes(data):
    position = 0
    while position < len(data):
        size = struct.unpack(">I", data[position:position + 4])[0] or len(data) - position
        yield data[position + 4:position + 8].decode("latin-1"), data[position + 8:position + size]
        position += size


def box(kind, *parts):
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind.encode() + body


def full_box(kind, version, flags, *parts):
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def coded(data):
    """The configuration box and the coded data of a file with one picture."""
    top = dict(boxes(data))
    meta = dict(boxes(top["meta"][4:]))
    properties = list(boxes(dict(boxes(meta["iprp"]))["ipco"]))
    configuration = next(box(kind, body) for kind, body in properties if kind in ("hvcC", "av1C"))
    return configuration, top["mdat"]


def heif(kinds, bodies, references, properties, uses, brand=b"heic"):
    """A file of items 1, 2, …, of which the first is shown: `uses` has the properties' numbers of each."""
    head = box("ftyp", brand, struct.pack(">I", 0), b"mif1", brand)
    items = full_box("iinf", 0, 0, struct.pack(">H", len(kinds)), *(
        full_box("infe", 2, 0, struct.pack(">HH", number, 0), kind.encode(), b"\0")
        for number, kind in enumerate(kinds, 1)))
    ipma = full_box("ipma", 0, 0, struct.pack(">I", len(uses)), *(
        struct.pack(">HB", number, len(own)) + bytes(own) for number, own in enumerate(uses, 1)))
    iprp = box("iprp", box("ipco", *properties), ipma)
    iref = full_box("iref", 0, 0, *(
        box(kind, struct.pack(">HH", source, len(to)), *(struct.pack(">H", item) for item in to))
        for kind, source, to in references)) if references else b""
    handler = full_box("hdlr", 0, 0, struct.pack(">I", 0), b"pict", bytes(13))

    def meta(start):
        places = []
        for body in bodies:
            places.append(start)
            start += len(body)
        iloc = full_box("iloc", 0, 0, b"\x44\0", struct.pack(">H", len(bodies)), *(
            struct.pack(">HHHII", number, 0, 1, place, len(body))
            for number, (place, body) in enumerate(zip(places, bodies), 1)))
        return full_box("meta", 0, 0, handler, full_box("pitm", 0, 0, struct.pack(">H", 1)), iloc, items, iref, iprp)
    start = len(head) + len(meta(0)) + 8
    return head + meta(start) + box("mdat", *bodies)


def ispe(width, height):
    return full_box("ispe", 0, 0, struct.pack(">II", width, height))


# JPEG 2000.

def uneven_tiles(many, few):
    """The code stream `many`, whose first tile is that of `few`, which has fewer resolutions and says so in its own header."""
    def parts(stream):
        """The segments of the header by their markers' low bytes, the header itself, the tiles, and the end."""
        segments, position = {}, 2
        while stream[position:position + 2] != b"\xff\x90":
            size = 2 + struct.unpack(">H", stream[position + 2:position + 4])[0]
            segments[stream[position + 1]] = stream[position:position + size]
            position += size
        head, tiles = stream[:position], []
        while stream[position:position + 2] == b"\xff\x90":
            size = struct.unpack(">I", stream[position + 6:position + 10])[0]
            tiles.append(stream[position:position + size])
            position += size
        return segments, head, tiles, stream[position:]
    segments, _, (first, *_), _ = parts(few)
    _, head, (_, *others), end = parts(many)
    # Its coding and its quantisation.
    own = segments[0x52] + segments[0x5C]
    first = first[:6] + struct.pack(">I", len(first) + len(own)) + first[10:12] + own + first[12:]
    return head + first + b"".join(others) + end


# BMP and icons.

def dib(width, height, depth, rows, compression=0, palette=b"", used=0, header=40, masks=(), top_down=False, mask=b""):
    signed = (-height if top_down else height) * (2 if mask else 1)
    if header == 12:
        head = struct.pack("<IHHHH", 12, width, height, 1, depth)
    else:
        body = b"".join(rows)
        head = struct.pack("<IiiHHIIiiII", header, width, signed, 1, depth, compression, len(body), 2835, 2835, used, 0)
        if header > 40:
            head += struct.pack("<IIII", *(tuple(masks) + (0,) * (4 - len(masks)))) + bytes(header - 56)
        elif masks:
            head += struct.pack("<" + "I" * len(masks), *masks)
    return head + palette, b"".join(rows) + mask


def bmp(*arguments, **options):
    head, body = dib(*arguments, **options)
    return b"BM" + struct.pack("<IHHI", 14 + len(head) + len(body), 0, 0, 14 + len(head)) + head + body


def ico(*pictures):
    """Icons from (side, side, depth, bytes)."""
    place = 6 + 16 * len(pictures)
    entries = b""
    for width, height, depth, data in pictures:
        entries += struct.pack("<BBBBHHII", width, height, 0, 0, 1, depth, len(data), place)
        place += len(data)
    return struct.pack("<HHH", 0, 1, len(pictures)) + entries + b"".join(p[3] for p in pictures)


def padded(row):
    return row + bytes(-len(row) % 4)


def bits(indices, depth):
    spread = numpy.unpackbits(indices[..., None].astype(numpy.uint8), axis=-1)[..., 8 - depth:]
    return [numpy.packbits(row).tobytes() for row in spread.reshape(indices.shape[0], -1)]


def runs8(indices):
    """Run lengths of all kinds: runs, absolute pieces, moves, ends of lines."""
    out = b""
    for y, row in enumerate(indices):
        x = 0
        while x < len(row):
            run = 1
            while x + run < len(row) and row[x + run] == row[x] and run < 255:
                run += 1
            if row[x] == 0 and run > 3 and x + run < len(row):
                out += bytes([0, 2, run, 0])
            elif run > 1 or x + 3 > len(row):
                out += bytes([run, row[x]])
            else:
                run = min(len(row) - x, 5)
                piece = bytes(row[x:x + run])
                out += bytes([0, run]) + piece + bytes(len(piece) % 2)
            x += run
        out += b"\0\0" if y + 1 < len(indices) else b"\0\1"
    return out


def runs4(indices):
    out = b""
    for y, row in enumerate(indices):
        for x in range(0, len(row), 6):
            piece = [int(v) for v in row[x:x + 6]]
            if len(piece) >= 3 and x % 12 == 0:
                packed = bytes((piece[i] << 4) | (piece[i + 1] if i + 1 < len(piece) else 0) for i in range(0, len(piece), 2))
                out += bytes([0, len(piece)]) + packed + bytes(len(packed) % 2)
            else:
                for value in piece:
                    out += bytes([1, value << 4])
        out += b"\0\0" if y + 1 < len(indices) else b"\0\1"
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    out = parser.parse_args().out

    def write(name, data, reference=None):
        (out / name).write_bytes(data)
        image = reference or on_white(Image.open(io.BytesIO(data)))
        (out / (name + ".rgb")).write_bytes(struct.pack("<II", *image.size) + image.tobytes())

    rgb = scene()
    pixels = numpy.array(rgb)
    grey = rgb.convert("L")
    alpha = Image.fromarray((numpy.mgrid[0:HEIGHT, 0:WIDTH][1] * 7 % 256).astype(numpy.uint8))
    rgba = rgb.copy()
    rgba.putalpha(alpha)
    alphas = numpy.array(alpha)
    flipped = rgb.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    palette = rgb.convert("P", palette=Image.Palette.ADAPTIVE, colors=200)
    palette16 = rgb.convert("P", palette=Image.Palette.ADAPTIVE, colors=16)

    # HEIC and AVIF. Orientation is written as irot and imir, and EXIF has it besides.
    fine = dict(quality=95, chroma=444)
    for kind, name in [("HEIF", "heic"), ("AVIF", "avif")]:
        write(f"{name}.{name}", encoded(rgb, kind, **fine))
        write(f"{name}-420.{name}", encoded(rgb, kind, quality=95, chroma=420))
        write(f"{name}-grey.{name}", encoded(grey, kind, quality=95))
        # Alpha over a whole picture, with loss: what lies below transparent pixels does not count.
        data = encoded(rgba, kind, **fine)
        write(f"{name}-alpha.{name}", data, on_white(Image.open(io.BytesIO(data)).convert("RGBA")))
        heif_file = pillow_heif.from_bytes("RGB;16", rgb.size, deep(pixels).tobytes())
        buffer = io.BytesIO()
        heif_file.save(buffer, format=kind, **fine)
        write(f"{name}-deep.{name}", buffer.getvalue())
    heic = encoded(rgb, "HEIF", **fine)
    for orientation in range(2, 9):
        exif = b"Exif\0\0" + tiff(orientation)
        data = encoded(rgb, "HEIF", exif=exif, **fine)
        image = Image.open(io.BytesIO(heic)).convert("RGB")
        turned = ImageOps.exif_transpose(with_orientation(image, orientation))
        write(f"heic-turned-{orientation}.heic", data, turned)
    write("avif-turned-6.avif", encoded(rgb, "AVIF", exif=b"Exif\0\0" + tiff(6), **fine),
          Image.open(io.BytesIO(encoded(rgb, "AVIF", **fine))).convert("RGB").transpose(Image.Transpose.ROTATE_270))
    # As telephones write it: a grid of tiles of 64 × 64 pixels, cut to the picture's size.
    tile_size = 64
    big = rgb.resize((2 * tile_size - 10, tile_size - 9), Image.Resampling.BICUBIC)
    canvas = Image.new("RGB", (2 * tile_size, tile_size))
    canvas.paste(big, (0, 0))
    parts = [coded(encoded(canvas.crop((x, 0, x + tile_size, tile_size)), "HEIF", **fine)) for x in (0, tile_size)]
    grid = struct.pack(">BBBBHH", 0, 0, 0, 1, *big.size)
    grid_properties = [parts[0][0], ispe(tile_size, tile_size), ispe(*big.size)]
    data = heif(["grid", "hvc1", "hvc1"], [grid] + [body for _, body in parts], [("dimg", 1, [2, 3])],
                grid_properties, [[3], [0x81, 2], [0x81, 2]])
    write("heic-grid.heic", data)
    # Hostile: pictures that are made of themselves.
    loop = heif(["iden", "hvc1"], [b"", parts[0][1]], [("dimg", 1, [1])], grid_properties, [[3], [0x81, 2]])
    (out / "refused-iden.heic").write_bytes(loop)
    loop = heif(["grid", "hvc1"], [struct.pack(">BBBBHH", 0, 0, 0, 0, 64, 64), parts[0][1]], [("dimg", 1, [1])],
                grid_properties, [[2], [0x81, 2]])
    (out / "refused-grid-of-itself.heic").write_bytes(loop)
    auxiliary = full_box("auxC", 0, 0, b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0")
    loop = heif(["hvc1", "hvc1"], [parts[0][1]] * 2, [("auxl", 1, [2]), ("auxl", 2, [1])],
                grid_properties[:2] + [auxiliary], [[0x81, 2, 3], [0x81, 2, 3]])
    (out / "refused-alpha-of-alpha.heic").write_bytes(loop)
    many = heif(["grid", "hvc1"], [struct.pack(">BBBBHH", 0, 0, 49, 59, 64, 64), parts[0][1]],
                [("dimg", 1, [2] * 3000)], grid_properties, [[2], [0x81, 2]])
    (out / "refused-many-tiles.heic").write_bytes(many)

    # TIFF.
    write("tiff-rgb.tif", encoded(rgb, "TIFF"))
    for name in ("packbits", "tiff_lzw", "tiff_adobe_deflate"):
        write(f"tiff-{name.replace('tiff_', '')}.tif", encoded(rgb, "TIFF", compression=name), rgb)
    write("tiff-jpeg.tif", encoded(rgb, "TIFF", compression="jpeg", quality=95))
    write("tiff-bilevel.tif", encoded(rgb.convert("1"), "TIFF", compression="group4"))
    write("tiff-grey.tif", encoded(grey, "TIFF"))
    write("tiff-palette.tif", encoded(palette, "TIFF"))
    write("tiff-cmyk.tif", encoded(rgb.convert("CMYK"), "TIFF"), rgb)
    write("tiff-rgba.tif", encoded(rgba, "TIFF"), on_white(rgba))
    write("tiff-grey-alpha.tif", encoded(rgba.convert("LA"), "TIFF"), on_white(rgba.convert("LA")))
    for orientation in range(2, 9):
        write(f"tiff-turned-{orientation}.tif", encoded(rgb, "TIFF", tiffinfo={274: orientation}),
              ImageOps.exif_transpose(with_orientation(rgb, orientation)))
    write("tiff-pages.tif", encoded(rgb, "TIFF", save_all=True, append_images=[flipped]), rgb)

    def written(data, **options):
        buffer = io.BytesIO()
        tifffile.imwrite(buffer, data, **options)
        return buffer.getvalue()
    write("tiff-rgb16.tif", written(deep(pixels), photometric="rgb"), rgb)
    write("tiff-grey16.tif", written(deep(numpy.array(grey)), photometric="minisblack"), grey.convert("RGB"))
    write("tiff-tiled.tif", written(pixels, photometric="rgb", tile=(16, 16)), rgb)
    write("tiff-planes.tif", written(pixels.transpose(2, 0, 1).copy(), photometric="rgb", planarconfig="separate"), rgb)
    write("tiff-big-endian.tif", written(pixels, photometric="rgb", byteorder=">", rowsperstrip=5), rgb)
    write("tiff-bigtiff.tif", written(pixels, photometric="rgb", bigtiff=True), rgb)
    write("tiff-rgba16.tif", written(deep(numpy.dstack([pixels, alphas])), photometric="rgb", extrasamples=["unassalpha"]),
          on_white(rgba))
    premultiplied = ((pixels.astype(int) * alphas[..., None] + 127) // 255).astype(numpy.uint8)
    write("tiff-rgba-premultiplied.tif",
          written(numpy.dstack([premultiplied, alphas]), photometric="rgb", extrasamples=["assocalpha"]), on_white(rgba))
    (out / "refused-float.tif").write_bytes(written(pixels.astype(numpy.float32) / 255, photometric="rgb"))
    (out / "refused-preview.tif").write_bytes(written(pixels, photometric="rgb", subfiletype=1))

    # GIF.
    write("gif.gif", encoded(palette, "GIF", interlace=0))
    write("gif-interlaced.gif", encoded(palette, "GIF", interlace=1))
    data = encoded(palette, "GIF", interlace=0, transparency=3)
    write("gif-transparent.gif", data)
    write("gif-animated.gif", encoded(palette, "GIF", save_all=True, append_images=[flipped.convert("P")]),
          palette.convert("RGB"))
    # The first frame is part of a larger screen.
    plain = encoded(palette, "GIF", interlace=0)
    start = plain.index(b"\x2c" + struct.pack("<HHHH", 0, 0, WIDTH, HEIGHT))
    moved = bytearray(plain)
    moved[6:10] = struct.pack("<HH", WIDTH + 9, HEIGHT + 5)
    moved[start + 1:start + 5] = struct.pack("<HH", 7, 2)
    screen = Image.new("RGB", (WIDTH + 9, HEIGHT + 5), "white")
    screen.paste(palette.convert("RGB"), (7, 2))
    write("gif-part.gif", bytes(moved), screen)

    # BMP.
    bgr = [padded(row.tobytes()) for row in pixels[::-1, :, ::-1]]
    write("bmp-24.bmp", bmp(WIDTH, HEIGHT, 24, bgr), rgb)
    write("bmp-24-top-down.bmp", bmp(WIDTH, HEIGHT, 24, bgr[::-1], top_down=True), rgb)
    write("bmp-24-os2.bmp", bmp(WIDTH, HEIGHT, 24, bgr, header=12), rgb)
    bgrx = [row.tobytes() for row in numpy.dstack([pixels[..., ::-1], alphas])[::-1]]
    write("bmp-32.bmp", bmp(WIDTH, HEIGHT, 32, bgrx), rgb)
    bgra_masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    write("bmp-32-alpha.bmp", bmp(WIDTH, HEIGHT, 32, bgrx, compression=3, header=124, masks=bgra_masks), on_white(rgba))
    rgbx = [row.astype("<u4").tobytes() for row in
            (pixels[::-1].astype(numpy.uint32) << numpy.array([24, 16, 8], numpy.uint32)).sum(axis=2)]
    write("bmp-32-fields.bmp", bmp(WIDTH, HEIGHT, 32, rgbx, compression=3, masks=(0xFF000000, 0xFF0000, 0xFF00)), rgb)
    for name, shifts, masks in [("555", (5, 5, 5), ()), ("565", (5, 6, 5), (0xF800, 0x07E0, 0x001F))]:
        levels = [pixels[..., c].astype(int) >> (8 - s) for c, s in enumerate(shifts)]
        packed = levels[0] << (shifts[1] + shifts[2]) | levels[1] << shifts[2] | levels[2]
        back = numpy.dstack([(v * 255 + (2 ** s - 1) // 2) // (2 ** s - 1) for v, s in zip(levels, shifts)])
        rows = [padded(row.astype("<u2").tobytes()) for row in packed[::-1]]
        write(f"bmp-16-{name}.bmp", bmp(WIDTH, HEIGHT, 16, rows, compression=3 if masks else 0, masks=masks),
              Image.fromarray(back.astype(numpy.uint8)))

    def colors(image, count, size=4):
        table = (image.getpalette() + [0] * 768)[:count * 3]
        return b"".join(bytes([table[i + 2], table[i + 1], table[i]]) + bytes(size - 3) for i in range(0, len(table), 3))
    indices, indices16 = numpy.array(palette), numpy.array(palette16)
    rows8 = [padded(row.tobytes()) for row in indices[::-1]]
    rows4 = [padded(row) for row in bits(indices16[::-1], 4)]
    black = numpy.array(rgb.convert("1")).astype(numpy.uint8)
    rows1 = [padded(row) for row in bits(black[::-1], 1)]
    write("bmp-8.bmp", bmp(WIDTH, HEIGHT, 8, rows8, palette=colors(palette, 200), used=200), palette.convert("RGB"))
    write("bmp-8-os2.bmp", bmp(WIDTH, HEIGHT, 8, rows8, palette=colors(palette, 256, 3), header=12), palette.convert("RGB"))
    write("bmp-4.bmp", bmp(WIDTH, HEIGHT, 4, rows4, palette=colors(palette16, 16)), palette16.convert("RGB"))
    write("bmp-1.bmp", bmp(WIDTH, HEIGHT, 1, rows1, palette=bytes(4) + b"\xff\xff\xff\0"), rgb.convert("1").convert("RGB"))
    write("bmp-runs8.bmp", bmp(WIDTH, HEIGHT, 8, [runs8(indices[::-1])], compression=1, palette=colors(palette, 256)),
          palette.convert("RGB"))
    write("bmp-runs4.bmp", bmp(WIDTH, HEIGHT, 4, [runs4(indices16[::-1])], compression=2, palette=colors(palette16, 16)),
          palette16.convert("RGB"))

    # Icons: the largest picture counts.
    small = bmp(2, 2, 24, [bytes(8)] * 2)[14:]
    png = encoded(rgba, "PNG")
    write("ico-png.ico", ico((2, 2, 24, small), (WIDTH, HEIGHT, 32, png)), on_white(rgba))
    holes = (numpy.indices((HEIGHT, WIDTH)).sum(axis=0) % 5 == 0).astype(numpy.uint8)
    seen = Image.fromarray(numpy.where(holes[..., None] == 1, 255, pixels).astype(numpy.uint8))
    mask = b"".join(padded(row) for row in bits(holes[::-1], 1))
    write("ico-24.ico", ico((WIDTH, HEIGHT, 24, b"".join(dib(WIDTH, HEIGHT, 24, bgr, mask=mask))), (2, 2, 24, small)), seen)
    write("ico-32.ico", ico((WIDTH, HEIGHT, 32, b"".join(dib(WIDTH, HEIGHT, 32, bgrx, mask=mask)))), on_white(rgba))

    # PNM, as bytes and as text.
    bilevel = rgb.convert("1")
    write("pnm-bits.pbm", b"P4\n# a remark\n%d %d\n" % rgb.size + b"".join(bits(1 - black, 1)), bilevel.convert("RGB"))
    write("pnm-bits-text.pbm", b"P1\n%d %d\n" % rgb.size + b"\n".join(
        bytes(0x31 - v for v in row) for row in black.tolist()), bilevel.convert("RGB"))
    write("pnm-grey.pgm", b"P5 %d %d 255\n" % rgb.size + grey.tobytes(), grey.convert("RGB"))
    write("pnm-grey16.pgm", b"P5 %d %d 65535\n" % rgb.size + deep(numpy.array(grey)).astype(">u2").tobytes(), grey.convert("RGB"))
    write("pnm-rgb.ppm", b"P6\n%d %d\n255\n" % rgb.size + rgb.tobytes(), rgb)
    hundredths = (pixels.astype(int) * 100 + 127) // 255
    scaled = Image.fromarray(((hundredths * 255 + 50) // 100).astype(numpy.uint8))
    write("pnm-rgb-text.ppm", b"P3\n# of hundred\n%d\n%d 100\n" % rgb.size + " ".join(map(str, hundredths.ravel())).encode(), scaled)

    # JPEG 2000.
    exact = dict(irreversible=False, num_resolutions=4)
    write("jp2.jp2", encoded(rgb, "JPEG2000", **exact), rgb)
    write("jp2-lossy.jp2", encoded(rgb, "JPEG2000", irreversible=True, num_resolutions=4, quality_mode="dB", quality_layers=[50]))
    write("jp2-grey.jp2", encoded(grey, "JPEG2000", **exact), grey.convert("RGB"))
    write("jp2-alpha.jp2", encoded(rgba, "JPEG2000", **exact), on_white(rgba))
    write("jp2-tiles.jp2", encoded(rgb, "JPEG2000", tile_size=(16, 16), irreversible=False, num_resolutions=2), rgb)
    write("jp2-bare.j2k", encoded(rgb, "JPEG2000", no_jp2=True, **exact), rgb)
    tiles = dict(no_jp2=True, tile_size=(16, 16), irreversible=False)
    write("jp2-uneven-tiles.j2k", uneven_tiles(*(encoded(rgb, "JPEG2000", num_resolutions=n, **tiles) for n in (4, 2))), rgb)
    sixteen = Image.fromarray(deep(numpy.array(grey)))
    write("jp2-grey16.jp2", encoded(sixteen, "JPEG2000", **exact), grey.convert("RGB"))

    # JPEG XL, by its own encoder and decoder.
    def decoded_jxl(data):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(f"{folder}/a.jxl").write_bytes(data)
            subprocess.run(["djxl", f"{folder}/a.jxl", f"{folder}/a.ppm", "--quiet"], check=True)
            return Image.open(f"{folder}/a.ppm").convert("RGB")

    def jxl(data, ending, *options):
        with tempfile.TemporaryDirectory() as folder:
            source, target = f"{folder}/a.{ending}", f"{folder}/a.jxl"
            pathlib.Path(source).write_bytes(data)
            subprocess.run(["cjxl", source, target, "--quiet", *options], check=True)
            return pathlib.Path(target).read_bytes()
    write("jxl.jxl", jxl(encoded(rgb, "PNG"), "png", "-d", "0"), rgb)
    write("jxl-container.jxl", jxl(encoded(rgb, "PNG"), "png", "-d", "0", "--container=1"), rgb)
    data = jxl(encoded(rgb, "PNG"), "png", "-d", "0.3")
    write("jxl-lossy.jxl", data, decoded_jxl(data))
    write("jxl-grey.jxl", jxl(encoded(grey, "PNG"), "png", "-d", "0"), grey.convert("RGB"))
    write("jxl-alpha.jxl", jxl(encoded(rgba, "PNG"), "png", "-d", "0"), on_white(rgba))
    write("jxl-animated.jxl", jxl(encoded(palette, "GIF", save_all=True, append_images=[flipped.convert("P")], duration=100), "gif", "-d", "0"),
          palette.convert("RGB"))
    sixteen_ppm = b"P6 %d %d 65535\n" % rgb.size + deep(pixels).astype(">u2").tobytes()
    write("jxl-rgb16.jxl", jxl(sixteen_ppm, "ppm", "-d", "0"), rgb)
    turned = encoded(rgb, "JPEG", quality=95, subsampling=0, exif=b"Exif\0\0" + tiff(6))
    data = jxl(turned, "jpg")
    write("jxl-turned-6.jxl", data, decoded_jxl(data))

    # WebP: the first frame of an animation, whole and as part of the canvas.
    webp = encoded(rgb, "WEBP", lossless=True)
    write("webp-animated.webp", encoded(rgb, "WEBP", save_all=True, append_images=[flipped], lossless=True), rgb)
    chunk = webp[12:]

    def three(value):
        return struct.pack("<I", value)[:3]

    def riff(kind, body):
        return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
    frame = three(4) + three(3) + three(WIDTH - 1) + three(HEIGHT - 1) + three(100) + b"\0" + chunk
    width, height = WIDTH + 11, HEIGHT + 8
    body = (riff(b"VP8X", b"\x02\0\0\0" + three(width - 1) + three(height - 1)) + riff(b"ANIM", b"\xff\0\0\xff\0\0")
            + riff(b"ANMF", frame))
    screen = Image.new("RGB", (width, height), "white")
    screen.paste(rgb, (8, 6))
    write("webp-animated-part.webp", b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body, screen)

    # Several JPEG files in one.
    write("jpeg-mpo.mpo", encoded(rgb, "MPO", save_all=True, append_images=[flipped], quality=92),
          Image.open(io.BytesIO(encoded(rgb, "MPO", save_all=True, append_images=[flipped], quality=92))).convert("RGB"))


def with_orientation(image, orientation):
    """A copy of a picture whose EXIF says that it lies so."""
    return Image.open(io.BytesIO(encoded(image, "PNG", exif=tiff(orientation))))


if __name__ == "__main__":
    main()
