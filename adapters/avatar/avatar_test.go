package avatar

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"runtime"
	"testing"

	"github.com/runvs/runvs/adapters/budget/budgettest"
	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/ports"
)

var _ ports.Avatars = (*Maker)(nil)

// halves is a picture that is red on the left and blue on the right.
func halves(width, height int) *image.RGBA {
	p := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			if x < width/2 {
				p.Set(x, y, color.RGBA{255, 0, 0, 255})
			} else {
				p.Set(x, y, color.RGBA{0, 0, 255, 255})
			}
		}
	}
	return p
}

func asJPEG(t testing.TB, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withEXIF puts an orientation and a place into a JPEG.
func withEXIF(file []byte, orientation byte) []byte {
	tiff := []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00")
	tiff = append(tiff, orientation, 0, 0, 0, 0, 0, 0)
	tiff = append(tiff, "GPSLatitude 37.5000 GPSLongitude 127.0000"...)
	body := append([]byte("Exif\x00\x00"), tiff...)
	segment := append([]byte{0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(body)+2))...)
	return append(append(append([]byte{}, file[:2]...), append(segment, body...)...), file[2:]...)
}

func pngChunk(kind string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(append([]byte(kind), data...)))
}

func deflated(n int) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write(make([]byte, n))
	_ = w.Close()
	return b.Bytes()
}

// pngOf is a PNG of a size with any chunks between header and end.
func pngOf(width, height uint32, chunks ...[]byte) []byte {
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	b := append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(header, 8, 2, 0, 0, 0))...)
	for _, c := range chunks {
		b = append(b, c...)
	}
	return append(b, pngChunk("IEND", nil)...)
}

func TestWhatIsTaken(t *testing.T) {
	small := asJPEG(t, halves(60, 40))
	gray := image.NewCMYK(image.Rect(0, 0, 40, 40))
	for name, file := range map[string][]byte{
		"a JPEG": small, "a PNG": asPNG(t, halves(900, 300)), "ava_1x1": asPNG(t, halves(1, 1)), "very wide": asPNG(t, halves(3000, 2)),
		"ava_jpeg_zip_polyglot": append(append([]byte{}, small...), "PK\x03\x04 a zip behind it"...),
		"ava_icc_bomb":          withICC(t, asPNG(t, halves(40, 40))),
		"with EXIF":             withEXIF(small, 1), "a lossless WebP": webp1x1, "a CMYK picture as PNG": asPNG(t, gray),
	} {
		got, err := New(&budgettest.Purse{}).Avatar(t.Context(), file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		size, format, err := image.DecodeConfig(bytes.NewReader(got))
		if err != nil || format != "jpeg" || size.Width != Side || size.Height != Side {
			t.Errorf("%s became a %s of %d×%d, %v", name, format, size.Width, size.Height, err)
		}
		for _, hidden := range []string{"Exif", "GPS", "PK\x03\x04", "ICC"} {
			if bytes.Contains(got, []byte(hidden)) {
				t.Errorf("%s: %q is still in it", name, hidden)
			}
		}
	}
}

// withICC puts a colour profile that inflates to 8 MB into a PNG.
func withICC(t testing.TB, file []byte) []byte {
	t.Helper()
	const header = 8 + 25
	profile := pngChunk("iCCP", append([]byte("ICC\x00\x00"), deflated(8<<20)...))
	return append(append(append([]byte{}, file[:header]...), profile...), file[header:]...)
}

// webp1x1 is a lossless WebP of one pixel.
var webp1x1 = []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")

func TestWhatIsRefused(t *testing.T) {
	small := asJPEG(t, halves(60, 40))
	var animated bytes.Buffer
	if err := gif.EncodeAll(&animated, &gif.GIF{Image: []*image.Paletted{image.NewPaletted(image.Rect(0, 0, 2, 2), color.Palette{color.Black})}, Delay: []int{0}}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file []byte
		code string
	}{
		"ava_svg":                 {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "unsupported_image"},
		"ava_html_as_png":         {[]byte("<html><script>alert(1)</script>"), "unsupported_image"},
		"ava_gif_polyglot_js":     {append(animated.Bytes(), "/*alert(1)*/"...), "unsupported_image"},
		"ava_gif_10k_frames":      {animated.Bytes(), "unsupported_image"},
		"ava_zero_bytes":          {nil, "unsupported_image"},
		"ava_webp_anim_10k":       {[]byte("RIFF\x1e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x0f\x00\x00\x0f\x00\x00ANIM\x00\x00\x00\x00"), "unsupported_image"},
		"ava_5MB_plus_1":          {make([]byte, MaxBytes+1), "avatar_too_large"},
		"ava_png_50000x50000":     {pngOf(50_000, 50_000), "avatar_too_large"},
		"as many as 2³²":          {pngOf(1<<31-1, 1<<31-1), "bad_image"},
		"ava_jpeg_truncated":      {small[:len(small)/2], "bad_image"},
		"a header and no more":    {small[:3], "bad_image"},
		"ava_png_idat_bomb":       {pngOf(100, 100, pngChunk("IDAT", deflated(1 << 22)[:3000])), "bad_image"},
		"a PNG of no size":        {pngOf(0, 10), "bad_image"},
		"a WebP that is cut off":  {webp1x1[:24], "bad_image"},
		"a PNG with a wrong sum":  {append(pngOf(1, 1)[:30], 0, 0, 0), "bad_image"},
		"a RIFF that is no image": {[]byte("RIFF\x04\x00\x00\x00WAVEfmt data"), "unsupported_image"},
	} {
		if got, err := New(&budgettest.Purse{}).Avatar(t.Context(), c.file); !fault.HasCode(err, c.code) {
			t.Errorf("%s: %d bytes, %v; want %s", name, len(got), err, c.code)
		}
	}
}

// A phone that was held sideways says so in EXIF: the picture is turned.
func TestPicturesStandUpright(t *testing.T) {
	for orientation, wantTop := range map[byte]string{1: "mixed", 6: "red", 8: "blue"} {
		got, err := New(&budgettest.Purse{}).Avatar(t.Context(), withEXIF(asJPEG(t, halves(80, 80)), orientation))
		if err != nil {
			t.Fatal(err)
		}
		p, err := jpeg.Decode(bytes.NewReader(got))
		if err != nil {
			t.Fatal(err)
		}
		r1, _, b1, _ := p.At(50, 50).RGBA()
		r2, _, b2, _ := p.At(460, 50).RGBA()
		top := "mixed"
		if r1 > b1 && r2 > b2 {
			top = "red"
		} else if b1 > r1 && b2 > r2 {
			top = "blue"
		}
		if top != wantTop {
			t.Errorf("orientation %d: the top is %s, want %s", orientation, top, wantTop)
		}
	}
}

func TestWhoCannotPayIsNotServed(t *testing.T) {
	busy := errors.New("busy")
	if _, err := New(&budgettest.Purse{Refuse: busy}).Avatar(t.Context(), asJPEG(t, halves(10, 10))); !errors.Is(err, busy) {
		t.Errorf("one more: %v", err)
	}
}

func FuzzAvatar(f *testing.F) {
	f.Add(asJPEG(f, halves(20, 10)))
	f.Add(asPNG(f, halves(20, 10)))
	f.Add(webp1x1)
	f.Add(withEXIF(asJPEG(f, halves(8, 8)), 6))
	for _, p := range heavy(f, 32) {
		f.Add(p.file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		budget := &budgettest.Purse{}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, err := New(budget).Avatar(t.Context(), file)
		runtime.ReadMemStats(&after)
		// What is dropped on the way is counted here, too.
		const rubbish = 8 << 20
		if taken := after.TotalAlloc - before.TotalAlloc; taken > uint64(2*budget.Taken()+rubbish) {
			t.Fatalf("%d bytes took %d bytes, at a price of %d", len(file), taken, budget.Taken())
		}
		if budget.Held() != 0 {
			t.Fatal("the share is not given back")
		}
		if err != nil {
			if fault.As(err) == nil {
				t.Fatal(err)
			}
			return
		}
		if size, format, err := image.DecodeConfig(bytes.NewReader(got)); err != nil || format != "jpeg" || size.Width != Side || size.Height != Side {
			t.Fatal(size, format, err)
		}
	})
}
