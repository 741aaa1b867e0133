package avatar

import (
	"bytes"
	"encoding/binary"
	"image"

	"github.com/disintegration/imaging"
)

// Markers of JPEG. Source: ITU-T T.81, table B.1.
const (
	markerSOF0  = 0xc0 // baseline
	markerSOF2  = 0xc2 // progressive
	markerRST0  = 0xd0
	markerRST7  = 0xd7
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerAPP1  = 0xe1 // Exif
	markerAPP14 = 0xee // Adobe
)

// segments calls visit for each segment before the pixels. It finds them as
// image/jpeg does, which passes over what stands between them: who reads them
// otherwise can be told of another picture than the one that is decoded.
func segments(file []byte, visit func(marker byte, body []byte)) {
	for i := 2; ; {
		for i < len(file) && file[i] != 0xff {
			i++
		}
		for i++; i < len(file) && file[i] == 0xff; { // fill bytes
			i++
		}
		if i+3 > len(file) {
			return
		}
		marker := file[i]
		i++
		switch {
		case marker == 0, marker >= markerRST0 && marker <= markerRST7:
			continue
		case marker == markerEOI, marker == markerSOS:
			return
		}
		n := int(binary.BigEndian.Uint16(file[i:]))
		if n < 2 || i+n > len(file) {
			return
		}
		visit(marker, file[i+2:i+n])
		i += n
	}
}

// frame is what the header of a JPEG says of its picture.
type frame struct {
	progressive   bool
	width, height int64
	components    [][3]byte // id, sampling factors, table
}

// frameOf reads the first frame's header; image/jpeg refuses a second one.
// Source: ITU-T T.81, §B.2.2.
func frameOf(file []byte) (f frame) {
	segments(file, func(marker byte, body []byte) {
		if marker < markerSOF0 || marker > markerSOF2 || f.components != nil || len(body) < 6 {
			return
		}
		f.progressive = marker == markerSOF2
		f.height, f.width = int64(binary.BigEndian.Uint16(body[1:])), int64(binary.BigEndian.Uint16(body[3:]))
		for body = body[6:]; len(body) >= 3; body = body[3:] {
			f.components = append(f.components, [3]byte(body))
		}
	})
	return f
}

// samples is how many values of one byte all components have.
func (f frame) samples() (n int64) {
	if len(f.components) == 0 {
		return 0
	}
	h0, v0 := factors(f.components[0])
	if len(f.components) == 1 {
		h0, v0 = 1, 1
	}
	columns, rows := (f.width+8*h0-1)/(8*h0), (f.height+8*v0-1)/(8*v0)
	for _, c := range f.components {
		h, v := factors(c)
		if len(f.components) == 1 {
			h, v = 1, 1
		}
		n += columns * rows * h * v * 64
	}
	return n
}

func factors(component [3]byte) (h, v int64) {
	return max(1, int64(component[1]>>4)), max(1, int64(component[1]&0x0f))
}

// converted reports whether the picture may be RGB or CMYK, which are converted.
// Adobe's segment says so; within pixels its marker cannot stand.
func (f frame) converted(file []byte) bool {
	return len(f.components) == 4 || bytes.Contains(file, []byte{0xff, markerAPP14}) ||
		len(f.components) == 3 && f.components[0][0] == 'R' && f.components[1][0] == 'G' && f.components[2][0] == 'B'
}

// orientation is how a camera was held, 1 to 8, as the Exif of a JPEG says; 0
// when it says nothing. Source: CIPA DC-008 (Exif 2.32), tag 0x0112.
func orientation(file []byte) (o int) {
	if !bytes.HasPrefix(file, []byte{0xff, 0xd8}) {
		return 0
	}
	segments(file, func(marker byte, body []byte) {
		tiff, isExif := bytes.CutPrefix(body, []byte("Exif\x00\x00"))
		if marker == markerAPP1 && isExif && o == 0 {
			o = orientationIn(tiff)
		}
	})
	return o
}

func orientationIn(tiff []byte) int {
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	first := int64(order.Uint32(tiff[4:]))
	if first+2 > int64(len(tiff)) {
		return 0
	}
	entries := tiff[first:]
	n := int(order.Uint16(entries))
	for entries = entries[2:]; n > 0 && len(entries) >= 12; n, entries = n-1, entries[12:] {
		if order.Uint16(entries) == 0x0112 {
			return int(order.Uint16(entries[8:]))
		}
	}
	return 0
}

// upright turns a picture the way it was seen.
func upright(picture image.Image, orientation int) image.Image {
	switch orientation {
	case 2:
		return imaging.FlipH(picture)
	case 3:
		return imaging.Rotate180(picture)
	case 4:
		return imaging.FlipV(picture)
	case 5:
		return imaging.Transpose(picture)
	case 6:
		return imaging.Rotate270(picture)
	case 7:
		return imaging.Transverse(picture)
	case 8:
		return imaging.Rotate90(picture)
	}
	return picture
}
