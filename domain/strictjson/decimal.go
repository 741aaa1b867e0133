package strictjson

import (
	"math"
	"strconv"
)

// Numbers of a phone are short decimals: a coordinate has seven digits after
// the point, a speed two. For them there is a way that is exact and several
// times shorter than the general one; whatever else comes takes the general one.

// powersOfTen are those that a float64 holds exactly.
var powersOfTen = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// shortDecimal returns the value of a number that is written in the grammar of
// JSON; ok is false for one with an exponent, or with so many digits that it
// takes the general way. An integer below 2⁵³ and a power of ten up to 10²² are
// exact, so one division rounds once, correctly (W. D. Clinger, How to Read
// Floating Point Numbers Accurately, 1990).
func shortDecimal(text []byte) (v float64, ok bool) {
	digits := text
	negative := digits[0] == '-'
	if negative {
		digits = digits[1:]
	}
	if len(digits) > 17 { // 16 digits and a point
		return 0, false
	}
	var mantissa uint64
	point := -1
	for i, c := range digits {
		switch {
		case c >= '0' && c <= '9':
			mantissa = mantissa*10 + uint64(c-'0')
		case c == '.':
			point = i
		default:
			return 0, false
		}
	}
	if mantissa >= 1<<53 {
		return 0, false
	}
	v = float64(mantissa)
	if point >= 0 {
		v /= powersOfTen[len(digits)-1-point]
	}
	if negative {
		v = -v
	}
	return v, true
}

// decimals is how many digits after the point the short way writes at most.
const decimals = 7

// appendShortDecimal appends the shortest text of a value but zero that is a
// decimal of at most seven digits after the point; ok is false for another. Of decimals
// with at most 15 digits no two are the same float64, so the one that gives the
// value back is, without its last zeros, the shortest there is.
func appendShortDecimal(dst []byte, v float64) (out []byte, ok bool) {
	abs := math.Abs(v)
	const scale = 1e7
	if abs >= 1e15/scale {
		return dst, false
	}
	scaled := math.Round(abs * scale)
	if scaled/scale != abs {
		return dst, false
	}
	if v < 0 {
		dst = append(dst, '-')
	}
	whole, fraction := uint64(scaled)/scale, uint64(scaled)%scale
	dst = strconv.AppendUint(dst, whole, 10)
	if fraction == 0 {
		return dst, true
	}
	var digits [decimals]byte
	for i := decimals - 1; i >= 0; i-- {
		digits[i] = byte('0' + fraction%10)
		fraction /= 10
	}
	end := decimals
	for digits[end-1] == '0' {
		end--
	}
	return append(append(dst, '.'), digits[:end]...), true
}
