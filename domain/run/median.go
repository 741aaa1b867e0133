package run

import "math"

// upperMedian returns the middle one of numbers that are 0 or more, of an even
// number the upper of two, as sorting would put it there, but in linear time
// whatever they are. It works in the slice that it is given. The bits of such
// numbers are in their order, so the median is found 8 bits at a time.
func upperMedian(v []float64) float64 {
	rank := len(v) / 2
	for shift := 56; shift >= 0; shift -= 8 {
		digit := func(x float64) uint8 { return uint8(math.Float64bits(x) >> shift) }
		var count [1 << 8]int
		for _, x := range v {
			count[digit(x)]++
		}
		d := 0
		for ; rank >= count[d]; d++ {
			rank -= count[d]
		}
		same := v[:0]
		for _, x := range v {
			if digit(x) == uint8(d) {
				same = append(same, x)
			}
		}
		v = same
	}
	return v[0]
}
