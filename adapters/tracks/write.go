package tracks

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/ports"
)

// writer is how a format is written.
type writer struct {
	write func(*page, ports.Track) error
	// mostFixBytes is what one fix takes at most, so that room is made once.
	mostFixBytes int
}

var writers = map[ports.TrackFormat]writer{
	ports.GPX:     {writeGPX, 330},
	ports.TCX:     {writeTCX, 500},
	ports.FIT:     {writeFIT, 72},
	ports.KML:     {writeKML, 270},
	ports.GeoJSON: {writeGeoJSON, 110},
}

// Write implements ports.TrackFiles.
func (Files) Write(t ports.Track, f ports.TrackFormat) ([]byte, error) {
	w, known := writers[f]
	if !known {
		return nil, fmt.Errorf("tracks are not written as %q", f)
	}
	fixes := 0
	for _, part := range t.Parts {
		fixes += len(part.Fixes)
	}
	p := page{make([]byte, 0, headBytes+w.mostFixBytes*fixes)}
	err := w.write(&p, t)
	return p.bytes, err
}

// Decimals of what is written: of degrees enough for 6 mm, of metres for a
// millimetre, of cadences for the half step of one foot.
const (
	degreeDecimals  = 7
	meterDecimals   = 3
	cadenceDecimals = 1
)

// page is a file while it is written.
type page struct{ bytes []byte }

// put writes text as it stands.
func (p *page) put(texts ...string) {
	for _, s := range texts {
		p.bytes = append(p.bytes, s...)
	}
}

// Write implements io.Writer.
func (p *page) Write(b []byte) (int, error) {
	p.bytes = append(p.bytes, b...)
	return len(b), nil
}

// number writes a number with as many decimals as it has, but no more than these.
func (p *page) number(v float64, decimals int) {
	k := math.Pow10(decimals)
	p.bytes = strconv.AppendFloat(p.bytes, math.Round(v*k)/k+0, 'f', -1, 64)
}

// instant writes a time of Unix milliseconds.
func (p *page) instant(unixMilli int64) {
	p.bytes = time.UnixMilli(unixMilli).UTC().AppendFormat(p.bytes, "2006-01-02T15:04:05.000Z")
}

// words writes an element of XML with a text.
func (p *page) words(name, text string) {
	p.put("<", name, ">")
	_ = xml.EscapeText(p, []byte(text)) // a page takes everything
	p.put("</", name, ">")
}

// value writes an element of XML with a number, if there is one.
func (p *page) value(name string, v float64, decimals int) {
	if run.Has(v) {
		p.put("<", name, ">")
		p.number(v, decimals)
		p.put("</", name, ">")
	}
}

// when writes an element of XML with a time.
func (p *page) when(name string, unixMilli int64) {
	p.put("<", name, ">")
	p.instant(unixMilli)
	p.put("</", name, ">")
}

// oneFoot is a cadence as files count it. One that is higher than one foot's can be
// is read as that of both.
func oneFoot(cadence float64) float64 {
	if half := cadence / 2; half <= maxOneFoot {
		return half
	}
	return cadence
}

// The formats of watches have a byte for a reading, and take 255 for none.
const maxInByte = noCadence - 1

// heartByte is a heart rate for a byte, absent when it has none for it.
func heartByte(rate float64) float64 {
	if rate = math.Round(rate); rate >= 1 && rate <= maxInByte {
		return rate
	}
	return run.Absent
}

// cadenceByte is the cadence of one foot for a byte, absent when it has none for it.
func cadenceByte(cadence float64) float64 {
	if steps := math.Round(oneFoot(cadence)); steps <= maxInByte {
		return steps
	}
	return run.Absent
}

// sportWords are the sports as most writers spell them.
var sportWords = map[ports.Sport]string{ports.SportRun: "running", ports.SportWalk: "walking", ports.SportHike: "hiking"}
