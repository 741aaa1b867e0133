package mapimage

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode"

	"github.com/fogleman/gg"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
)

const (
	attributionSize = 11
	// attributionWidth is the most pixels it may take: the rest is the scale's.
	attributionWidth = 460
)

// parsed is the font of all letters; it has Latin, Greek and Cyrillic ones.
var parsed = sync.OnceValues(func() (*sfnt.Font, error) { return opentype.Parse(goregular.TTF) })

// letters makes a context write in a size, in pixels.
func letters(dc *gg.Context, size float64) error {
	font, err := parsed()
	if err != nil {
		return err
	}
	face, err := opentype.NewFace(font, &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		return err
	}
	dc.SetFontFace(face)
	return nil
}

// CheckAttribution refuses what could not be read on a picture. A map's licence
// asks for its attribution, so nothing is cut or replaced silently.
func CheckAttribution(text string) error {
	font, err := parsed()
	if err != nil {
		return err
	}
	var b sfnt.Buffer
	for _, r := range text {
		if i, err := font.GlyphIndex(&b, r); err != nil || i == 0 || unicode.IsControl(r) {
			return fmt.Errorf("the font of thumbnails has no %q; it has Latin, Greek and Cyrillic letters", r)
		}
	}
	dc := gg.NewContext(1, 1)
	if err := letters(dc, attributionSize); err != nil {
		return err
	}
	if width, _ := dc.MeasureString(text); width > attributionWidth {
		return fmt.Errorf("is %.0f pixels long on a thumbnail; at most %d", width, attributionWidth)
	}
	if text != "" && strings.TrimSpace(text) == "" {
		return errors.New("is blank; set it empty if the map needs none")
	}
	return nil
}

// drawAttribution says, at the bottom right, whose map it is.
func drawAttribution(dc *gg.Context, text string) error {
	if text == "" {
		return nil
	}
	if err := letters(dc, attributionSize); err != nil {
		return err
	}
	width, _ := dc.MeasureString(text)
	drawBox(dc, Width-width-16, Height-22, Width-4, Height-4)
	dc.SetHexColor(ink)
	dc.DrawString(text, Width-width-10, Height-9)
	return nil
}
