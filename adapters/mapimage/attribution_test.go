package mapimage

import (
	"image"
	"strings"
	"testing"
)

func TestAttributionsThatCannotBeReadAreRefused(t *testing.T) {
	for text, good := range map[string]bool{
		"© OpenStreetMap contributors": true, "": true, "© Участники OSM — Ελλάδα, Türkiye": true,
		"© 국토지리정보원": false, "two\nlines": false, "  ": false, strings.Repeat("© everybody ", 10): false,
	} {
		if err := CheckAttribution(text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// dark counts the pixels of letters at the bottom right.
func dark(img image.Image) (n int) {
	for y := Height - 22; y < Height-4; y++ {
		for x := Width / 2; x < Width; x++ {
			if r, _, _, _ := img.At(x, y).RGBA(); r < 0x8000 {
				n++
			}
		}
	}
	return n
}

func TestAMapSaysWhoseItIs(t *testing.T) {
	wd := newWorld(t, gray)
	if img, _ := render(t, wd.tiles, loop(t)); dark(img) < 100 {
		t.Error("there is no attribution")
	}
	if img, _ := render(t, nil, loop(t)); dark(img) > 0 {
		t.Error("a picture without a map names one")
	}
	wd.tiles.attribution = ""
	if img, _ := render(t, wd.tiles, loop(t)); dark(img) > 0 {
		t.Error("a map that needs no attribution has one")
	}
}

func TestOnlyTemplatesOfTilesAreTaken(t *testing.T) {
	for template, good := range map[string]bool{
		"https://tile.test/{z}/{x}/{y}.png":                 true,
		"http://127.0.0.1:1/{z}/{y}/{x}?key=" + secret:      true,
		"https://tile.test/?layer=a&z={z}&x={x}&y={y}":      true,
		"https://user:" + secret + "@tile.test/{z}/{x}/{y}": true,
		"https://tile.test/{z}/{x}.png?" + secret:           false,
		"https://{s}.tile.test/{z}/{x}/{y}.png?" + secret:   false,
		"ftp://tile.test/{z}/{x}/{y}.png?" + secret:         false,
		"file:///{z}/{x}/{y}" + secret:                      false,
		"https://[/{z}/{x}/{y}?" + secret:                   false,
		"/{z}/{x}/{y}.png?" + secret:                        false,
	} {
		if err := CheckURL(template); (err == nil) != good || (err != nil && strings.Contains(err.Error(), secret)) {
			t.Errorf("%s: %v", template, err)
		}
	}
}
