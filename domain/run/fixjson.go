package run

import (
	"math"
	"strconv"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/strictjson"
)

// ReadFixes reads a JSON array of GPS points as clients send them: {lat, lng, timestamp, altitude?, accuracy?, speed?, heading?,
// heart_rate?, cadence?}. At most limit points; each is validated. A fault's
// location is relative to the array, such as "[3].lat".
func ReadFixes(r *strictjson.Reader, limit int) ([]Fix, error) {
	return readFixes(r, limit, func(f Fix) (Fix, error) {
		f = f.Known()
		return f, f.Validate()
	})
}

// RestoreFixes rebuilds the fixes of an array that storage kept. Their number
// and values are those that were accepted, whatever the limits are today.
func RestoreFixes(stored []byte) ([]Fix, error) {
	r, err := strictjson.NewStoredReader(stored)
	if err != nil {
		return nil, err
	}
	return readFixes(r, math.MaxInt, func(f Fix) (Fix, error) { return f, nil })
}

func readFixes(r *strictjson.Reader, limit int, accept func(Fix) (Fix, error)) ([]Fix, error) {
	var fixes []Fix
	err := r.Array(func(i int) error {
		if i >= limit {
			return fault.InvalidField("", "more than %d points", limit)
		}
		f, err := readFix(r)
		if err == nil {
			f, err = accept(f)
		}
		if err != nil {
			return atIndex(err, i)
		}
		if fixes == nil {
			fixes = make([]Fix, 0, 64)
		}
		fixes = append(fixes, f)
		return nil
	})
	return fixes, err
}

func atIndex(err error, i int) error {
	f := fault.As(err)
	if f == nil || len(f.Fields) == 0 {
		return err
	}
	return f.At("[" + strconv.Itoa(i) + "]")
}

func readFix(r *strictjson.Reader) (Fix, error) {
	f := Fix{Altitude: Absent, Accuracy: Absent, Speed: Absent, Heading: Absent, HeartRate: Absent, Cadence: Absent}
	lat, lng := Absent, Absent
	hasTime := false
	err := r.Object(func(name []byte) error {
		if r.Null() {
			if !isFixField(name) {
				return fault.InvalidField(string(name), "unknown field")
			}
			return nil
		}
		var dst *float64
		switch string(name) { // compiled without an allocation
		case "lat":
			dst = &lat
		case "lng":
			dst = &lng
		case "timestamp":
			v, err := r.Rounded() // some phones send fractions of a millisecond
			if err != nil {
				return located(err, "timestamp")
			}
			f.Timestamp, hasTime = v, true
			return nil
		case "altitude":
			dst = &f.Altitude
		case "accuracy":
			dst = &f.Accuracy
		case "speed":
			dst = &f.Speed
		case "heading":
			dst = &f.Heading
		case "heart_rate":
			dst = &f.HeartRate
		case "cadence":
			dst = &f.Cadence
		default:
			return fault.InvalidField(string(name), "unknown field")
		}
		v, err := r.Float()
		if err != nil {
			return located(err, string(name))
		}
		*dst = v
		return nil
	})
	if err != nil {
		return f, err
	}
	switch {
	case !Has(lat):
		return f, fault.InvalidField("lat", "is required")
	case !Has(lng):
		return f, fault.InvalidField("lng", "is required")
	case !hasTime:
		return f, fault.InvalidField("timestamp", "is required")
	}
	f.Point, err = geo.NewPoint(lat, lng)
	return f, err
}

func isFixField(name []byte) bool {
	switch string(name) {
	case "lat", "lng", "timestamp", "altitude", "accuracy", "speed", "heading", "heart_rate", "cadence":
		return true
	}
	return false
}

// located gives a fault of strictjson the field it happened in.
func located(err error, field string) error {
	f := fault.As(err)
	if f == nil {
		return err
	}
	c := *f
	c.Fields = []fault.Field{{Location: field, Message: f.Message}}
	return &c
}

// AppendFixes appends the canonical JSON array of fixes: the order of the
// fields is fixed and absent ones are left out, so equal fixes give equal bytes.
func AppendFixes(dst []byte, fixes []Fix) []byte {
	dst = append(dst, '[')
	for i, f := range fixes {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"lat":`...)
		dst = strictjson.AppendFloat(dst, f.Point.Lat())
		dst = append(dst, `,"lng":`...)
		dst = strictjson.AppendFloat(dst, f.Point.Lng())
		dst = append(dst, `,"timestamp":`...)
		dst = strconv.AppendInt(dst, f.Timestamp, 10)
		dst = appendOptional(dst, `,"altitude":`, f.Altitude)
		dst = appendOptional(dst, `,"accuracy":`, f.Accuracy)
		dst = appendOptional(dst, `,"speed":`, f.Speed)
		dst = appendOptional(dst, `,"heading":`, f.Heading)
		dst = appendOptional(dst, `,"heart_rate":`, f.HeartRate)
		dst = appendOptional(dst, `,"cadence":`, f.Cadence)
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

func appendOptional(dst []byte, name string, v float64) []byte {
	if !Has(v) {
		return dst
	}
	return strictjson.AppendFloat(append(dst, name...), v)
}
