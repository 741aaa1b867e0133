package gormstore

import "github.com/runvs/runvs/adapters/gormstore/column"

// How JSON columns of a row become values of the domain and back.

// decodeAs reads a JSON column of the row's own values into the domain's; NULL
// leaves it alone.
func decodeAs[J, D any](d column.JSON, of func(J) D, out *D) error {
	if d == nil {
		return nil
	}
	var v J
	if err := d.Decode(&v); err != nil {
		return err
	}
	*out = of(v)
	return nil
}

// listOf turns the items of a list. Null stays null, which is not an empty list.
func listOf[A, B any](of func(A) B) func([]A) []B {
	return func(in []A) []B {
		if in == nil {
			return nil
		}
		out := make([]B, len(in))
		for i, a := range in {
			out[i] = of(a)
		}
		return out
	}
}

// mapOf turns the values of an object. Null stays null.
func mapOf[A, B any](of func(A) B) func(map[string]A) map[string]B {
	return func(in map[string]A) map[string]B {
		if in == nil {
			return nil
		}
		out := make(map[string]B, len(in))
		for name, a := range in {
			out[name] = of(a)
		}
		return out
	}
}
