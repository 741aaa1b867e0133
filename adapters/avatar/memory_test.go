package avatar

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image"
	"testing"

	"github.com/runvs/runvs/adapters/budget/budgettest"
	"github.com/runvs/runvs/domain/fault"
)

// jpegOf is a gray JPEG: every code is one bit, and 0.
func jpegOf(width, height int, progressive bool, adobe []byte, factors ...byte) []byte {
	b := []byte("\xff\xd8")
	segment := func(marker byte, body []byte) {
		b = append(b, 0xff, marker)
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(body)+2)), body...)
	}
	if adobe != nil {
		segment(markerAPP14, append([]byte("Adobe\x00\x64\x00\x00\x00\x00"), adobe...))
	}
	sof, lastCoefficient := byte(markerSOF0), byte(63)
	if progressive {
		sof, lastCoefficient = markerSOF2, 0
	}
	header := []byte{8}
	header = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(header, uint16(height)), uint16(width))
	scan := []byte{byte(len(factors))}
	header = append(header, byte(len(factors)))
	for i, f := range factors {
		header = append(header, byte(i+1), f, 0)
		scan = append(scan, byte(i+1), 0)
	}
	segment(sof, header)
	table := append([]byte{1}, make([]byte, 15+1)...)
	segment(0xc4, append([]byte{0x00}, table...))
	segment(0xc4, append([]byte{0x10}, table...))
	segment(markerSOS, append(scan, 0, lastCoefficient, 0))
	bits := frameOf(b).samples() / 64 * 2
	return append(append(b, make([]byte, bits/8+8)...), 0xff, markerEOI)
}

// pngWith is a black PNG.
func pngWith(t testing.TB, width, height int, depth, color byte, interlaced bool) []byte {
	t.Helper()
	channels := map[byte]int{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
	passes := [][4]int{{0, 0, 1, 1}}
	if interlaced {
		passes = [][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}
	}
	var data bytes.Buffer
	z := zlib.NewWriter(&data)
	for _, p := range passes {
		w, h := (width-p[0]+p[2]-1)/p[2], (height-p[1]+p[3]-1)/p[3]
		_, _ = z.Write(make([]byte, h*(1+(w*channels*int(depth)+7)/8)))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	b := pngHead(width, height, depth, color, map[bool]byte{true: 1}[interlaced])
	if color == 3 {
		b = append(b, pngChunk("PLTE", make([]byte, 6))...)
	}
	return append(append(b, pngChunk("IDAT", data.Bytes())...), pngChunk("IEND", nil)...)
}

func pngHead(width, height int, depth, color, interlace byte) []byte {
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(width)), uint32(height))
	return append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(header, depth, color, 0, 0, interlace))...)
}

// bits are written as WebP wants them, the least first.
type bits struct {
	b []byte
	n int
}

func (w *bits) put(value uint64, n int) {
	for i := range n {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(value>>i&1) << (w.n % 8)
		w.n++
	}
}

// one is a Huffman tree of one symbol, which takes no bits.
func (w *bits) one(symbol uint64) { w.put(1|0<<1|1<<2, 3); w.put(symbol, 8) }

// full is a tree of 256 symbols of 8 bits, in 15 bytes: it repeats the length
// that lengths begin with.
func (w *bits) full() {
	w.put(0, 1)
	w.put(5, 4) // 9 lengths of codes of lengths, of which the last is that of “repeat”
	w.put(1<<24, 27)
	w.put(0, 1)
	for range 42 {
		w.put(3, 2) // 6 times
	}
	w.put(1, 2) // 4 times
}

// webpOf is a WebP of one colour: plain, with a palette, or with 1000 groups of
// trees that nobody needs.
func webpOf(width, height int, palette, groups bool) []byte {
	w := &bits{}
	w.put(0x2f, 8)
	w.put(uint64(width-1), 14)
	w.put(uint64(height-1), 14)
	w.put(0, 4)
	picture := func(top bool) {
		w.put(0, 1) // no cache of colours
		if top {
			w.put(0, 1) // one group
		}
		for range 5 {
			w.one(0)
		}
	}
	if palette {
		w.put(1|3<<1, 3)
		w.put(15, 8) // 16 colours: two pixels in one
		picture(false)
	}
	w.put(0, 1) // no more transforms
	if groups {
		w.put(0, 1)
		w.put(1, 1)
		w.put(0, 3) // 4×4 pixels
		w.put(0, 1)
		for _, symbol := range []uint64{999 & 255, 999 >> 8, 0, 0, 0} { // green, red …
			w.one(symbol)
		}
		for range 1000 {
			w.one(0)
			w.full()
			w.full()
			w.full()
			w.one(0)
		}
		w.b = append(w.b, make([]byte, width*height*3)...)
	} else {
		picture(true)
	}
	if len(w.b)%2 != 0 {
		w.b = append(w.b, 0)
	}
	b := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(w.b)+12))
	b = binary.LittleEndian.AppendUint32(append(b, "WEBPVP8L"...), uint32(len(w.b)))
	return append(b, w.b...)
}

type picture struct {
	name string
	file []byte
}

// heavy are pictures of a side in the dearest ways to write each format.
func heavy(t testing.TB, side int) []picture {
	const odd = 3 // pixels beside whole blocks
	w, h := side+odd, side
	return []picture{
		{"a baseline JPEG, 4:2:0", jpegOf(w, h, false, nil, 0x22, 0x11, 0x11)},
		{"a baseline JPEG, 4:4:4", jpegOf(w, h, false, nil, 0x11, 0x11, 0x11)},
		{"a gray JPEG", jpegOf(w, h, false, nil, 0x22)},
		{"an RGB JPEG", jpegOf(w, h, false, []byte{0}, 0x11, 0x11, 0x11)},
		{"a CMYK JPEG", jpegOf(w, h, false, []byte{0}, 0x11, 0x11, 0x11, 0x11)},
		{"a YCCK JPEG", jpegOf(w, h, false, []byte{2}, 0x22, 0x11, 0x11, 0x22)},
		{"a progressive JPEG, 4:2:0", jpegOf(w, h, true, nil, 0x22, 0x11, 0x11)},
		{"a progressive JPEG, 4:4:4", jpegOf(w, h, true, nil, 0x11, 0x11, 0x11)},
		{"a JPEG with stray bytes", bytes.Replace(jpegOf(w, h, true, nil, 0x11, 0x11, 0x11), []byte{0xff, markerSOF2}, []byte("\xff\x00\x01\xff\xd0\xff\xff\xff\xc2"), 1)},
		{"a JPEG that lies on its side", withEXIF(jpegOf(w, h, false, nil, 0x22, 0x11, 0x11), 6)},
		{"a gray PNG", pngWith(t, w, h, 8, 0, false)},
		{"a gray PNG of 16 bits", pngWith(t, w, h, 16, 0, false)},
		{"a PNG", pngWith(t, w, h, 8, 2, false)},
		{"a PNG with a palette", pngWith(t, w, h, 8, 3, false)},
		{"a transparent PNG of 16 bits", pngWith(t, w, h, 16, 6, false)},
		{"an interlaced PNG of 16 bits", pngWith(t, w, h, 16, 6, true)},
		{"a lossless WebP", webpOf(w, h, false, false)},
		{"a lossless WebP with a palette", webpOf(w, h, true, false)},
		{"a WebP of many trees", webpOf(256, 64, false, true)},
	}
}

// Nobody holds more than they took of the budget, and nobody takes several times
// what they hold.
func TestDecodingHoldsNoMoreThanItsPrice(t *testing.T) {
	for _, p := range append(heavy(t, 1500),
		picture{"a PNG of one row", pngWith(t, 1_000_000, 1, 16, 6, false)}, picture{"a large WebP with a palette", webpOf(3000, 3000, true, false)}) {
		t.Run(p.name, func(t *testing.T) {
			budget := &budgettest.Purse{}
			held := budgettest.Peak(func() {
				if _, err := New(budget).Avatar(t.Context(), p.file); err != nil {
					t.Error(err)
				}
			})
			t.Logf("%d KiB: holds %.1f of %.1f MiB", len(p.file)>>10, float64(held)/(1<<20), float64(budget.Taken())/(1<<20))
			if held > budget.Taken() {
				t.Errorf("it holds %d bytes, and took %d", held, budget.Taken())
			}
			if budget.Held() != 0 {
				t.Error("the share is not given back")
			}
		})
	}
}

func TestPicturesThatTakeTooMuchMemoryAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		file []byte
		what string
	}{
		"too many bytes":              {make([]byte, MaxBytes+1), "bytes"},
		"too many pixels":             {pngOf(5001, 5000), "pixels"},
		"a progressive JPEG of 25 MP": {jpegOf(5000, 5000, true, nil, 0x11, 0x11, 0x11), "bytes of memory"},
		"an interlaced PNG of 25 MP":  {pngHead(5000, 5000, 16, 6, 1), "bytes of memory"},
	} {
		budget := &budgettest.Purse{}
		_, err := New(budget).Avatar(t.Context(), c.file)
		f := fault.As(err)
		if f == nil || f.Code != "avatar_too_large" || f.Details["what"] != c.what || f.Details["value"] == nil || f.Details["limit"] == nil {
			t.Errorf("%s: %v", name, err)
		}
		if budget.Taken() != 0 {
			t.Errorf("%s: it is weighed after it was decoded", name)
		}
	}
}

// A photo of 25 megapixels is taken, however a phone or a program wrote it.
func TestPhotosAreTaken(t *testing.T) {
	for name, file := range map[string][]byte{
		"baseline": jpegOf(5000, 5000, false, nil, 0x22, 0x11, 0x11), "progressive": jpegOf(5000, 5000, true, nil, 0x22, 0x11, 0x11),
		"a PNG": pngHead(5000, 5000, 8, 6, 0), "a PNG of 16 bits": pngHead(5000, 5000, 16, 2, 0),
	} {
		size, format, err := image.DecodeConfig(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if memory := price(file, format, size); memory > MaxMemory {
			t.Errorf("%s: %d MiB are too many", name, memory>>20)
		}
	}
}
