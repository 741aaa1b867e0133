package main

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"strings"
)

// most is what a file may have on the wire, almost.
const most = 24 << 20

// importAll uploads files as runs, all at once.
func importAll(ctx context.Context, a *arena, name string, files ...[]byte) error {
	c, err := a.user(ctx, name)
	if err != nil {
		return err
	}
	atOnce(len(files), func(i int) { a.send(ctx, c, upload("/runs/import", files[i])) })
	return nil
}

// fitBomb uploads FIT files of as many and as small messages as can be: 3 million
// in 3 KiB of gzip, and a plain one.
func fitBomb(ctx context.Context, a *arena) error {
	zipped := gzipped(fit(3_000_000))
	files := [][]byte{zipped, fit(a.times(20_000_000, 3_000_000))}
	for range a.times(3, 1) {
		files = append(files, zipped)
	}
	return importAll(ctx, a, "fit", files...)
}

// fit makes an activity of n records that have no fields: one byte each.
func fit(n int) []byte {
	messages := []byte{
		0x40, 0, 0, 0, 0, 1, 0, 1, 0x00, // local type 0 is file_id with one field: its type
		0x00, 4, // an activity
		0x41, 0, 0, 20, 0, 0, // local type 1 is record without fields
	}
	messages = append(messages, bytes.Repeat([]byte{0x01}, n)...)
	b := []byte{14, 0x10, 0x5c, 0x08}
	b = binary.LittleEndian.AppendUint32(b, uint32(len(messages))) // some MiB
	b = append(b, ".FIT"...)
	b = binary.LittleEndian.AppendUint16(b, fitSum(b))
	b = append(b, messages...)
	return binary.LittleEndian.AppendUint16(b, fitSum(b))
}

// fitSum is the CRC-16 that the FIT protocol takes.
func fitSum(b []byte) (sum uint16) {
	for _, octet := range b {
		sum ^= uint16(octet)
		for range 8 {
			if sum&1 == 1 {
				sum = sum>>1 ^ 0xa001
			} else {
				sum >>= 1
			}
		}
	}
	return sum
}

// xmlDeep uploads GPX whose elements lie within each other.
func xmlDeep(ctx context.Context, a *arena) error {
	return xmlBomb(ctx, a, "deep", func(size int) string { return strings.Repeat("<a>", size/3) })
}

// xmlAttributes uploads GPX of one element with attributes without end.
func xmlAttributes(ctx context.Context, a *arena) error {
	return xmlBomb(ctx, a, "attributes", func(size int) string { return "<trkpt " + strings.Repeat(`a="" `, size/5) + "/>" })
}

// xmlText uploads GPX of one long text, and of one long attribute.
func xmlText(ctx context.Context, a *arena) error {
	err := xmlBomb(ctx, a, "text", func(size int) string { return "<name>" + strings.Repeat("a", size) + "</name>" })
	if err != nil {
		return err
	}
	return xmlBomb(ctx, a, "attribute", func(size int) string { return `<trkpt lat="` + strings.Repeat("1", size) + `"/>` })
}

// xmlBomb uploads what can be inflated from some KiB, and what fits on the wire.
func xmlBomb(ctx context.Context, a *arena, name string, inner func(size int) string) error {
	file := func(size int) []byte { return []byte("<gpx><trk><trkseg>" + inner(size)) }
	large := a.times(60<<20, 8<<20)
	return importAll(ctx, a, name, gzipped(file(large)), file(a.times(most, 2<<20)))
}

// gzipBomb sends JSON that is a thousand times longer when it is inflated.
func gzipBomb(ctx context.Context, a *arena) error {
	c, err := a.user(ctx, "bomb")
	if err != nil {
		return err
	}
	bomb := zeros(a.times(512<<20, 64<<20), `{"started_at":"`)
	paths := []string{"/auth/login", "/runs/sessions", "/courses", "/courses/import"}
	atOnce(a.times(32, 8), func(i int) {
		who := c
		if i%2 == 0 {
			who = a.nobody()
		}
		a.send(ctx, who, request{method: "POST", path: paths[i/2%len(paths)], body: bomb, zipped: true})
	})
	return nil
}

// zeros is gzip'd: a beginning, and so many digits.
func zeros(n int, beginning string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, beginning) // a bytes.Buffer does not fail
	block := bytes.Repeat([]byte("0"), 1<<20)
	for ; n > 0; n -= len(block) {
		_, _ = w.Write(block)
	}
	_ = w.Close()
	return b.Bytes()
}

// pngBomb uploads pictures of 25 megapixels, 8 bytes each, that are small on the
// wire.
func pngBomb(ctx context.Context, a *arena) error {
	side := a.times(5000, 2500)
	bomb := png(side, side)
	atOnce(a.times(8, 2), func(i int) {
		c, err := a.user(ctx, "painter "+string(rune('a'+i)))
		if err != nil {
			a.breaks("png_bomb: signing in: %v", err)
			return
		}
		a.send(ctx, c, upload("/uploads/avatar", bomb))
	})
	return nil
}

// png makes a black picture of 16 bits a channel, with alpha.
func png(width, height int) []byte {
	var rows bytes.Buffer
	z := zlib.NewWriter(&rows)
	row := make([]byte, 1+8*width)
	for range height {
		_, _ = z.Write(row) // a bytes.Buffer does not fail
	}
	_ = z.Close()
	header := binary.BigEndian.AppendUint32(nil, uint32(width))    // our own measure
	header = binary.BigEndian.AppendUint32(header, uint32(height)) // our own measure
	header = append(header, 16, 6, 0, 0, 0)                        // bits, RGBA, and the only methods there are
	out := append([]byte("\x89PNG\r\n\x1a\n"), part("IHDR", header)...)
	out = append(out, part("IDAT", rows.Bytes())...)
	return append(out, part("IEND", nil)...)
}

func part(kind string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data))) // some KiB
	b = append(append(b, kind...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}
