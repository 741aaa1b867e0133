package timezone

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// worldMap finds the zone of a place in a compressed map: a protocol buffer
// tzf.v1.CompressedTimezones, whose rings are encoded polylines. Only the boxes
// of the polygons are kept; the rings are read where they lie, when a place is
// in a polygon's box.
type worldMap struct{ polygons []polygon }

// polygon is a part of a zone.
type polygon struct {
	zone string
	box  box
	data []byte // tzf.v1.CompressedPolygon, within the map's bytes
}

// box is a range of coordinates in hundred-thousandths of a degree.
type box struct{ west, south, east, north int32 }

func (b box) has(lat, lng float64) bool {
	return lng >= float64(b.west) && lng <= float64(b.east) && lat >= float64(b.south) && lat <= float64(b.north)
}

// The numbers of the fields that are read.
const (
	fieldMethod       protowire.Number = 1 // of CompressedTimezones
	fieldTimezones    protowire.Number = 2
	fieldZonePolygons protowire.Number = 1 // of CompressedTimezone
	fieldZoneName     protowire.Number = 2
	fieldRing         protowire.Number = 1 // of CompressedPolygon
	fieldHoles        protowire.Number = 2

	methodPolyline = 1
)

var errBadMap = errors.New("the map of time zones is broken")

// newWorldMap indexes a map. The bytes must not change afterwards.
func newWorldMap(data []byte) (*worldMap, error) {
	w := &worldMap{}
	method := uint64(0)
	err := fields(data, func(n protowire.Number, value []byte, number uint64) error {
		switch n {
		case fieldMethod:
			method = number
		case fieldTimezones:
			return w.addZone(value)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if method != methodPolyline || len(w.polygons) == 0 {
		return nil, fmt.Errorf("%w: method %d, %d polygons", errBadMap, method, len(w.polygons))
	}
	return w, nil
}

func (w *worldMap) addZone(data []byte) error {
	first, name := len(w.polygons), ""
	err := fields(data, func(n protowire.Number, value []byte, _ uint64) error {
		switch n {
		case fieldZoneName:
			name = string(value)
		case fieldZonePolygons:
			p := polygon{data: value}
			if err := p.measure(); err != nil {
				return err
			}
			w.polygons = append(w.polygons, p)
		}
		return nil
	})
	for i := first; i < len(w.polygons); i++ {
		w.polygons[i].zone = name
	}
	return err
}

// measure finds a polygon's box, and reads all of it while at it.
func (p *polygon) measure() error {
	p.box = box{west: 1 << 30, south: 1 << 30, east: -1 << 30, north: -1 << 30}
	return p.rings(func(ring []byte) error {
		return vertices(ring, func(lng, lat int32) {
			p.box.west, p.box.east = min(p.box.west, lng), max(p.box.east, lng)
			p.box.south, p.box.north = min(p.box.south, lat), max(p.box.north, lat)
		})
	})
}

// rings calls ring for the outline and each hole.
func (p *polygon) rings(ring func([]byte) error) error {
	return fields(p.data, func(n protowire.Number, value []byte, _ uint64) error {
		switch n {
		case fieldRing:
			return ring(value)
		case fieldHoles:
			hole := polygon{data: value}
			return hole.rings(ring)
		}
		return nil
	})
}

// zone returns the zone of a place in degrees; "" when it lies in none. Where
// zones overlap, as simplified borders do, one on land comes before one at sea.
func (w *worldMap) zone(lat, lng float64) string {
	lat, lng = lat*1e5, lng*1e5
	sea := ""
	for i := range w.polygons {
		p := &w.polygons[i]
		if !p.box.has(lat, lng) || !p.has(lat, lng) {
			continue
		}
		if !atSea(p.zone) {
			return p.zone
		}
		sea = p.zone
	}
	return sea
}

// has reports whether a place, in hundred-thousandths of a degree, lies in the
// polygon, by counting how many edges a line from it to the east crosses. Being
// in a hole adds one more crossing, so the rings need not be told apart.
func (p *polygon) has(lat, lng float64) bool {
	inside := false
	err := p.rings(func(ring []byte) error {
		var x0, y0 float64
		first := true
		return vertices(ring, func(lngI, latI int32) {
			x, y := float64(lngI), float64(latI)
			if !first && (y0 > lat) != (y > lat) && lng < (x-x0)*(lat-y0)/(y-y0)+x0 {
				inside = !inside
			}
			x0, y0, first = x, y, false
		})
	})
	return err == nil && inside
}

// fields calls field for each field of a message: with its bytes or its number.
func fields(data []byte, field func(n protowire.Number, value []byte, number uint64) error) error {
	for len(data) > 0 {
		n, kind, size := protowire.ConsumeTag(data)
		if size < 0 {
			return fmt.Errorf("%w: %w", errBadMap, protowire.ParseError(size))
		}
		data = data[size:]
		var value []byte
		var number uint64
		switch kind {
		case protowire.BytesType:
			value, size = protowire.ConsumeBytes(data)
		case protowire.VarintType:
			number, size = protowire.ConsumeVarint(data)
		default:
			size = protowire.ConsumeFieldValue(n, kind, data)
		}
		if size < 0 {
			return fmt.Errorf("%w: %w", errBadMap, protowire.ParseError(size))
		}
		data = data[size:]
		if err := field(n, value, number); err != nil {
			return err
		}
	}
	return nil
}

// vertices calls vertex for each point of an encoded polyline, in
// hundred-thousandths of a degree. Source of the encoding:
// https://developers.google.com/maps/documentation/utilities/polylinealgorithm,
// here with the longitude first.
func vertices(encoded []byte, vertex func(lng, lat int32)) error {
	var at [2]int32
	for axis := 0; len(encoded) > 0; axis = 1 - axis {
		var v uint32
		for shift := 0; ; shift += 5 {
			if len(encoded) == 0 || encoded[0] < 63 || shift > 25 {
				return fmt.Errorf("%w: a ring is no polyline", errBadMap)
			}
			c := uint32(encoded[0] - 63)
			encoded = encoded[1:]
			v |= c & 0x1f << shift
			if c < 0x20 {
				break
			}
		}
		at[axis] += int32(v>>1) ^ -int32(v&1) // 30 bits at most
		if axis == 1 {
			vertex(at[0], at[1])
		}
	}
	return nil
}
