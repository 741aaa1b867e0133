package memory

import "iter"

// table is committed rows by key. Only a committing transaction changes it.
type table[K comparable, V any] struct {
	rows    map[K]V
	indexes []keeper[K, V]
}

// view is a table as a transaction sees it: the committed rows under its own
// changes. The zero changes are what everybody sees.
type view[K comparable, V any] struct {
	table   *table[K, V]
	changes map[K]change[V]
}

// tabular is a view of any table.
type tabular interface {
	make()
	commit()
}

// change is a row that a transaction wrote, or deleted.
type change[V any] struct {
	row  V
	gone bool
}

// make gives the view an empty table.
func (v *view[K, V]) make() { v.table = &table[K, V]{rows: map[K]V{}} }

func (v *view[K, V]) get(k K) (V, bool) {
	if c, ok := v.changes[k]; ok {
		return c.row, !c.gone
	}
	row, ok := v.table.rows[k]
	return row, ok
}

func (v *view[K, V]) has(k K) bool {
	_, ok := v.get(k)
	return ok
}

func (v *view[K, V]) put(k K, row V) { v.change(k, change[V]{row: row}) }

func (v *view[K, V]) delete(k K) { v.change(k, change[V]{gone: true}) }

func (v *view[K, V]) change(k K, c change[V]) {
	if v.changes == nil {
		v.changes = map[K]change[V]{}
	}
	v.changes[k] = c
}

// all yields every row, in no order.
func (v *view[K, V]) all() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for k, row := range v.table.rows {
			if _, changed := v.changes[k]; !changed && !yield(k, row) {
				return
			}
		}
		for k, c := range v.changes {
			if !c.gone && !yield(k, c.row) {
				return
			}
		}
	}
}

// commit makes the view's changes everybody's.
func (v *view[K, V]) commit() {
	for k, c := range v.changes {
		if old, ok := v.table.rows[k]; ok {
			for _, x := range v.table.indexes {
				x.remove(k, old)
			}
			delete(v.table.rows, k)
		}
		if c.gone {
			continue
		}
		v.table.rows[k] = c.row
		for _, x := range v.table.indexes {
			x.add(k, c.row)
		}
	}
	v.changes = nil
}

// keeper keeps an index right.
type keeper[K comparable, V any] interface {
	add(k K, row V)
	remove(k K, row V)
}

// index knows the keys of the committed rows of each group, so that what is one
// user's or one course's is found without looking at everybody's.
type index[K, G comparable, V any] struct {
	group func(V) G
	keys  map[G]map[K]struct{}
}

// indexOn makes an index of an empty table and keeps it right from now on.
func indexOn[K, G comparable, V any](v *view[K, V], group func(V) G) *index[K, G, V] {
	x := &index[K, G, V]{group: group, keys: map[G]map[K]struct{}{}}
	v.table.indexes = append(v.table.indexes, x)
	return x
}

func (x *index[K, G, V]) add(k K, row V) {
	g := x.group(row)
	if x.keys[g] == nil {
		x.keys[g] = map[K]struct{}{}
	}
	x.keys[g][k] = struct{}{}
}

func (x *index[K, G, V]) remove(k K, row V) {
	g := x.group(row)
	delete(x.keys[g], k)
	if len(x.keys[g]) == 0 {
		delete(x.keys, g)
	}
}

// of yields the rows of a group as a view sees them, in no order. The view must
// not be changed meanwhile.
func (x *index[K, G, V]) of(v *view[K, V], g G) iter.Seq[V] {
	return func(yield func(V) bool) {
		for k := range x.keys[g] {
			if _, changed := v.changes[k]; !changed && !yield(v.table.rows[k]) {
				return
			}
		}
		for _, c := range v.changes {
			if !c.gone && x.group(c.row) == g && !yield(c.row) {
				return
			}
		}
	}
}

// collect returns the rows of a group, for changing them.
func (x *index[K, G, V]) collect(v *view[K, V], g G) []V {
	var rows []V
	for row := range x.of(v, g) {
		rows = append(rows, row)
	}
	return rows
}
