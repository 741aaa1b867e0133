package avatar

import (
	"bytes"
	"image"
)

const (
	// workingBytes is what decoders take beside their pixels, and what the picture
	// that is drawn takes.
	workingBytes = 4 << 20
	// perRow is what a row of the middle takes while it is made smaller: its 512
	// pixels of 4 bytes, the weights, and a copy for each processor.
	perRow = 2304
)

// price is how many bytes a picture takes to be decoded and drawn, by what its
// header says and the decoder allocates. Where a header would have to be read
// anew to know better, the dearer way is taken.
func price(file []byte, format string, size image.Config) int64 {
	pixels := int64(size.Width) * int64(size.Height)
	bytes := workingBytes + perRow*int64(min(size.Width, size.Height))
	switch format {
	case "jpeg":
		return bytes + jpegBytes(file, pixels)
	case "png":
		return bytes + pngBytes(file, pixels, int64(size.Width))
	}
	return bytes + webpBytes(file, pixels)
}

// jpegBytes counts the samples of all components, rounded up to whole blocks. A
// progressive JPEG keeps its coefficients, 4 bytes each, to the end. CMYK and
// RGB become a picture of 4 bytes a pixel beside.
func jpegBytes(file []byte, pixels int64) int64 {
	f := frameOf(file)
	bytes := f.samples()
	if f.progressive {
		bytes *= 5
	}
	if f.converted(file) {
		bytes += 4 * pixels
	}
	return bytes
}

// pngBytes counts pixels of 1, 4 or 8 bytes and two rows. An interlaced PNG is
// read in passes, the largest of which has half of the pixels.
// Source: ISO/IEC 15948, §11.2.2: depth, colour and interlacing in IHDR.
func pngBytes(file []byte, pixels, width int64) int64 {
	const (
		depthAt, colorAt, interlaceAt = 24, 25, 28
		gray, palette                 = 0, 3
	)
	if len(file) <= interlaceAt {
		return 0 // the decoder finds no header
	}
	perPixel := int64(4)
	if color := file[colorAt]; color == palette || color == gray && !bytes.Contains(file, []byte("tRNS")) {
		perPixel = 1
	}
	if file[depthAt] == 16 {
		perPixel *= 2
	}
	all := perPixel * pixels
	if file[interlaceAt] != 0 {
		all += all / 2
	}
	return all + 2*8*width
}

// webpBytes counts a lossy picture of 4:2:0, with its file once more, and a
// lossless one, or a lossless layer of transparency: a palette makes a second
// picture, and the file may bring up to 2,600 groups of Huffman trees.
// Source: golang.org/x/image/vp8l.
func webpBytes(file []byte, pixels int64) int64 {
	const (
		groups     = 2600
		groupBytes = 3 << 10 // with trees of a symbol or two
		perByte    = 512     // of trees, for a byte of the file that describes them
		mostTrees  = groups * 53 << 10
	)
	all := 2*pixels + 2*int64(len(file))
	if bytes.Contains(file, []byte("VP8L")) || bytes.Contains(file, []byte("ALPH")) {
		all += 6*pixels + min(mostTrees, groups*groupBytes+perByte*int64(len(file)))
	}
	return all
}
